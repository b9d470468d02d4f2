import Network

extension Menu {
  /// How the name was asked for.
  package enum Transport: Hashable, Sendable {
    case tftp
    case http
    /// By TLS, as firmware that has an authority enrolled does it for the program.
    case https
  }

  /// The menu's text; nil when this name has none for this machine.
  ///
  /// A machine without a profile is told so where a search ends, so that an operator's own file
  /// by that name is still found by it.
  ///
  /// - Parameter refusal: Why it may not install though it is armed.
  package func render(
    _ decision: Decision, _ variables: Variables, over transport: Transport, isUBoot: Bool,
    refusal: AnswerRefusal? = nil
  ) -> String? {
    if program == .autoexec { return AutoexecScript(server: variables.server).render() }
    let entry = MenuEntry(decision, variables, refusal: refusal)
    guard decision.profile != nil || bearer == .whoeverAsks && program != .ubootScript else {
      return nil
    }
    switch program {
    case .pxelinux:
      let dialect: PXELINUXMenu.Dialect =
        switch transport {
        case _ where isUBoot: .uboot
        case .tftp: .pxelinux(variables.server.address)
        case .http, .https: .pxelinuxByHTTP(variables.server)
        }
      return PXELINUXMenu(dialect: dialect).render(entry)
    case .ubootScript: return UBootScript(server: variables.server.address).render(entry)
    case .autoexec: return nil
    case .grub:
      let server = variables.server
      let way: GRUBMenu.Transport =
        switch transport {
        case .tftp: .tftp
        case .http: .http(port: server.httpPort ?? 80)
        case .https: .https(port: server.httpsPort ?? 443)
        }
      return GRUBMenu(transport: way, server: server.address).render(entry)
    }
  }

  /// What kind of firmware the program is, where nothing better is known.
  package var firmwareKind: Firmware.Kind {
    switch program {
    case .pxelinux: .pxe
    case .grub: .grub
    case .ubootScript: .uboot
    case .autoexec: .ipxe
    }
  }
}
