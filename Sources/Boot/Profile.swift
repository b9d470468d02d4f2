import Network

/// What a group of machines boots.
package struct Profile: Sendable {
  /// What the machine's iPXE is told to do.
  package enum Boot: Sendable {
    /// A kernel with its initial RAM disks and arguments.
    case kernel(KernelBoot)
    /// A whole iPXE script of the operator's.
    case script(Template)
    /// A script of the catalog by name, whose variants ``Catalog/decide`` chooses between: after it
    /// this stands only where none is for the machine.
    case scriptNamed(String)
    /// A choice between other profiles, on the machine's screen.
    case menu(BootMenu)
    /// It shows itself, and waits for the operator to name it.
    case discover
    /// The machine's own disk.
    case local
  }

  package var name: String
  package var match: Match
  package var boot: Boot
  /// Answer files by name (kickstart, preseed, any text).
  package var answers: [String: Template]
  /// Their languages; a text where none is said.
  package var answerKinds: [String: AnswerKind] = [:]
  package var loader: Loader.Set
  /// nil: for the machines of all sites.
  package var site: String?
  package var labels: [String: String]
  /// `{{values.…}}` of machines that have no such value of their own.
  package var values: [String: String]
  /// In the order in which they run.
  package var hooks: [Hook]
  /// nil: it is booted each time, and installs nothing.
  package var install: InstallPolicy?

  package init(
    name: String, match: Match = Match(), boot: Boot, answers: [String: Template] = [:],
    loader: Loader.Set = .ipxe, site: String? = nil, labels: [String: String] = [:],
    values: [String: String] = [:], hooks: [Hook] = [], install: InstallPolicy? = nil
  ) {
    self.name = name
    self.site = site
    self.labels = labels
    self.values = values
    self.hooks = hooks
    self.install = install
    self.match = match
    self.boot = boot
    self.answers = answers
    self.loader = loader
  }

  /// The values that rendering for a machine with `values` would leave out, each name once.
  ///
  /// - Parameter values: Merged, the profile's among them (``Catalog/values(of:_:)``).
  package func missingValues(in values: [String: String]) -> [MissingValue] {
    var missing: [MissingValue] = []
    for template in templates {
      for value in template.missingValues(in: values)
      where !missing.contains(where: { $0.name == value.name }) {
        missing.append(value)
      }
    }
    return missing
  }

  /// Likewise the secrets that its answers and hooks name.
  package func missingSecrets(
    in secrets: [String: Secret.Text], values: [String: String]
  ) -> [TemplateUse] {
    var missing: [TemplateUse] = []
    for template in templates where template.holdsSecrets {
      for use in template.missingSecrets(in: secrets, values: values)
      where !missing.contains(where: { $0.name == use.name }) {
        missing.append(use)
      }
    }
    return missing
  }

  /// All that is rendered for its machines, but for what a script of the catalog holds.
  package var templates: [Template] {
    let answers = answers.sorted { $0.key < $1.key }.map(\.value) + hooks.map(\.template)
    switch boot {
    case .kernel(let boot): return [boot.kernel, boot.arguments] + boot.initrd + answers
    case .script(let script): return [script] + answers
    case .scriptNamed, .menu, .discover, .local: return answers
    }
  }
}

/// Kernel, initial RAM disks and arguments; each is a template, so that paths may hold
/// `{{machine.architecture}}`. Paths are below the files tree unless they are URLs.
package struct KernelBoot: Sendable {
  package var kernel: Template
  package var initrd: [Template]
  package var arguments: Template

  package init(kernel: Template, initrd: [Template], arguments: Template) {
    self.kernel = kernel
    self.initrd = initrd
    self.arguments = arguments
  }
}
