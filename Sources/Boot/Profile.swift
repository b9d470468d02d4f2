import Network

/// What a group of machines boots.
package struct Profile: Sendable {
  /// What the machine's iPXE is told to do.
  package enum Boot: Sendable {
    /// A kernel with its initial RAM disks and arguments.
    case kernel(KernelBoot)
    /// A whole iPXE script of the operator's.
    case script(Template)
    /// The machine's own disk.
    case local
  }

  package var name: String
  package var match: Match
  package var boot: Boot
  /// Answer files by name (kickstart, preseed, any text).
  package var answers: [String: Template]
  package var loader: Loader.Set

  package init(
    name: String, match: Match = Match(), boot: Boot, answers: [String: Template] = [:],
    loader: Loader.Set = .ipxe
  ) {
    self.name = name
    self.match = match
    self.boot = boot
    self.answers = answers
    self.loader = loader
  }

  /// The values that rendering for a machine with `values` would leave out, each name once.
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

  private var templates: [Template] {
    let answers = answers.sorted { $0.key < $1.key }.map(\.value)
    switch boot {
    case .kernel(let boot): return [boot.kernel, boot.arguments] + boot.initrd + answers
    case .script(let script): return [script] + answers
    case .local: return answers
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
