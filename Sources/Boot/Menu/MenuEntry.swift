import Network

/// What a decision comes to for a program without iPXE's script language. Each of them writes it
/// in a language of its own.
struct MenuEntry {
  enum Body: Equatable {
    case kernel(BootSource, initrd: [BootSource], arguments: String)
    /// The machine's own disk.
    case local
    /// Nothing can be booted, and why: one line for the screen.
    case refusal(String)
  }

  let body: Body
  /// What happens, for the screen.
  let title: String

  init(_ decision: Decision, _ variables: Variables, refusal: AnswerRefusal? = nil) {
    let machine = variables.machine.name
    guard let profile = decision.profile else {
      title = "machine \(machine) is not known here"
      body = .refusal(
        "machine \(machine) matches no profile; add it or a default-profile to the configuration")
      return
    }
    title =
      decision.permission?.isGiven == false
      ? "machine \(machine) is not armed to install \(profile.name)"
      : "machine \(machine) boots \(profile.name)"
    if let refusal {
      body = .refusal("profile \(profile.name) is not installed: \(refusal.rawValue)")
      return
    }
    if case .local = decision.boot {
      body = .local
      return
    }
    if let missing = profile.missingValues(in: variables.values).first {
      body = .refusal(
        "profile \(profile.name) needs values.\(missing.name), which machine \(machine)"
          + " does not have")
      return
    }
    switch decision.boot ?? profile.boot {
    case .local: body = .local
    case .kernel:
      // Rendered with the variables already.
      body = .kernel(
        BootSource(variables.kernel), initrd: variables.initrd.map { BootSource($0) },
        arguments: BootText.line(variables.arguments))
    case .discover:
      body = .refusal("machine \(machine) is not known here; bootwire approve \(machine) NAME")
    case .script, .scriptNamed, .menu:
      body = .refusal(
        "profile \(profile.name) is an iPXE script, and this is not iPXE; give it loader: ipxe")
    }
  }

  init(title: String, _ body: Body) {
    self.title = title
    self.body = body
  }

  /// The same entry, for a program that cannot do what it asks.
  func refused(_ reason: String) -> MenuEntry { MenuEntry(title: title, .refusal(reason)) }
}
