import Network

/// `pxelinux.cfg/…` for PXELINUX, and for U-Boot's `pxe get` and `extlinux.conf`.
struct PXELINUXMenu {
  /// The same language, but for these.
  enum Dialect {
    /// Puts the folder that it came from before every name without a server, even behind a slash.
    case pxelinux(IPv4Address)
    /// One that fetched its menu by HTTP: lpxelinux, or PXELINUX on iPXE.
    case pxelinuxByHTTP(Variables.Server)
    /// Expands `${…}` in APPEND, knows no SAY and no server in a name.
    case uboot
  }

  let dialect: Dialect

  func render(_ entry: MenuEntry) -> String {
    switch entry.body {
    case .kernel(let kernel, let initrd, let arguments):
      for source in [kernel] + initrd where !BootText.isPlainName(source.text) {
        return render(entry.refused("\(source.text) is no name that this program can ask for"))
      }
      // LINUX, not KERNEL: PXELINUX would tell what it is by the end of its name.
      var lines = ["DEFAULT bootwire", "PROMPT 0"] + retried + said(entry.title)
      lines += ["LABEL bootwire", "  LINUX \(name(kernel))"]
      if !initrd.isEmpty { lines.append("  INITRD \(initrd.map(name).joined(separator: ","))") }
      let arguments = arguments.drop { $0 == " " }
      if !arguments.isEmpty { lines.append("  APPEND \(escaped(String(arguments)))") }
      return text(lines)
    case .local:
      // ``Quirk/pxelinuxLeavesByCommand``.
      return text(
        ["DEFAULT local", "PROMPT 0"] + said(entry.title) + ["LABEL local", "  LOCALBOOT 0"])
    case .refusal(let reason):
      // The prompt keeps the message on the screen for half a minute; tenths of a second.
      return text(
        ["DEFAULT local", "PROMPT 1", "TIMEOUT 300", "MENU TITLE bootwire: \(screen(reason))"]
          + said(reason) + ["LABEL local", "  LOCALBOOT 0"])
    }
  }

  private func name(_ source: BootSource) -> String {
    switch (source.place, dialect) {
    case (.file(let path), .pxelinux(let server)): "\(server)::files/\(path)"
    case (.file(let path), .pxelinuxByHTTP(let server)): "\(server.http)/files/\(path)"
    case (.file(let path), .uboot): "/files/\(path)"
    case (.url, _): source.text
    }
  }

  /// A kernel that could not be fetched leaves PXELINUX at its prompt; half a minute later it
  /// tries again.
  private var retried: [String] {
    switch dialect {
    case .pxelinux, .pxelinuxByHTTP: ["TIMEOUT 300"]
    case .uboot: []
    }
  }

  private func said(_ line: String) -> [String] {
    switch dialect {
    case .pxelinux, .pxelinuxByHTTP: ["SAY bootwire: \(screen(line))"]
    case .uboot: []
    }
  }

  private func screen(_ line: String) -> String { BootText.screen(line) }

  /// PXELINUX passes the rest of the line on as it stands.
  private func escaped(_ arguments: String) -> String {
    switch dialect {
    case .pxelinux, .pxelinuxByHTTP: return arguments
    case .uboot:
      var escaped = ""
      for scalar in arguments.unicodeScalars {
        if "\\$'".unicodeScalars.contains(scalar) { escaped += "\\" }
        escaped.unicodeScalars.append(scalar)
      }
      return escaped
    }
  }

  private func text(_ lines: [String]) -> String {
    (["# bootwire: made for this machine when it asked"] + lines).joined(separator: "\n") + "\n"
  }
}
