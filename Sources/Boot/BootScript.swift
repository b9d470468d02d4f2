import Network

/// The iPXE script that a decision leads to, as text for `/boot.ipxe`.
///
/// Whatever the decision, there is a script: a machine that cannot boot says so on its screen.
package struct BootScript {
  private let decision: Decision
  private let variables: Variables
  private let query: ScriptQuery
  /// Why it may not install though it is armed; nil: nothing stands against it.
  private let refusal: AnswerRefusal?

  package init(
    _ decision: Decision, _ variables: Variables, _ query: ScriptQuery = ScriptQuery(),
    refusal: AnswerRefusal? = nil
  ) {
    self.decision = decision
    self.variables = variables
    self.query = query
    self.refusal = refusal
  }

  /// What the event says: the profile's name, or a dash when none applies.
  package var profileName: String { decision.profile?.name ?? "-" }

  package func render(into output: inout [UInt8]) {
    guard let profile = decision.profile else {
      return refuse("machine \(variables.machine.name) matches no profile", into: &output)
    }
    if let refusal {
      return leave("\(profile.name) is not installed: \(refusal.rawValue)", &output)
    }
    if let permission = decision.permission, !permission.isGiven {
      return leave(Self.reason(permission, profile), &output)
    }
    if let missing = profile.missingValues(in: variables.values).first {
      return refuse(
        "profile \(profile.name) needs values.\(missing.name), which machine \(variables.machine.name)"
          + " does not have", into: &output)
    }
    switch decision.boot ?? profile.boot {
    case .kernel(let boot): render(boot, into: &output)
    case .script(let script):
      if !script.render(variables, into: &output) {
        refuse("the script of profile \(profile.name) is too long", into: &output)
      }
    case .scriptNamed(let name):
      refuse(
        "script \(name) of profile \(profile.name) has no variant for machine"
          + " \(variables.machine.name)", into: &output)
    case .local: leave("", &output)
    case .menu(let menu):
      append(MenuScript(menu, variables).render(leaving: Self.leaving), to: &output)
    case .discover:
      append(
        DiscoveryScript(variables, query.round).render(leaving: Self.leaving), to: &output)
    }
  }

  /// Why a profile that installs does not, as a person before the machine reads it.
  private static func reason(_ permission: InstallPermission, _ profile: Profile) -> String {
    switch permission {
    case .given, .firstContact: ""
    case .refused(let state): "not armed to install \(profile.name): it is \(state.rawValue)"
    case .elsewhere(let armed): "it is armed to install \(armed), not \(profile.name)"
    }
  }

  private func render(_ boot: KernelBoot, into output: inout [UInt8]) {
    append("#!ipxe\nkernel ", to: &output)
    renderURL(boot.kernel, into: &output)
    for initrd in boot.initrd {
      // EFI kernels find their initial RAM disk by this argument; BIOS kernels ignore it.
      append(" initrd=", to: &output)
      append(lastPart(of: initrd), to: &output)
    }
    append(" ", to: &output)
    boot.arguments.render(variables, into: &output)
    for initrd in boot.initrd {
      append("\ninitrd ", to: &output)
      renderURL(initrd, into: &output)
    }
    append("\nboot\n", to: &output)
  }

  /// A path below the files tree becomes a URL of ours; a URL stays as it is.
  private func renderURL(_ path: Template, into output: inout [UInt8]) {
    let text = rendered(path)
    guard !text.contains("://") else { return append(text, to: &output) }
    append("\(variables.server.http)/files/", to: &output)
    append(String(text.drop { $0 == "/" }), to: &output)
  }

  private func lastPart(of path: Template) -> String {
    String(rendered(path).split(separator: "/").last ?? "")
  }

  private func rendered(_ template: Template) -> String {
    var octets: [UInt8] = []
    template.render(variables, into: &octets)
    return String(decoding: octets, as: UTF8.self)
  }

  /// Leaves to the machine's own disk (``Quirk/efiGoesOnAfterFailure``,
  /// ``Quirk/biosDiskHasANumber``).
  private static let leaving = """
    echo bootwire: booting from the local disk
    iseq ${platform} efi && exit 1 ||
    sanboot --no-describe --drive 0x80 || exit 1

    """

  private func leave(_ reason: String, _ output: inout [UInt8]) {
    append("#!ipxe\n", to: &output)
    if !reason.isEmpty { append("echo bootwire: \(BootText.screen(reason))\n", to: &output) }
    append(Self.leaving, to: &output)
  }

  /// A message that stays long enough to be read, then the next boot device.
  private func refuse(_ reason: String, into output: inout [UInt8]) {
    append(
      """
      #!ipxe
      echo
      echo bootwire: \(reason)
      echo bootwire: hardware address ${net0/mac}, UUID ${uuid}, ${manufacturer} ${product}
      echo bootwire: add the machine or a default-profile to the configuration of this site
      prompt --timeout 30000 Press a key for a shell, or wait for the next boot device && shell ||
      exit 1

      """, to: &output)
  }

  private func append(_ text: String, to output: inout [UInt8]) {
    output.append(contentsOf: text.utf8)
  }
}
