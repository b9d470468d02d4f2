/// `pxelinux.cfg/…` for PXELINUX, and for U-Boot's `pxe get` and `extlinux.conf`.
struct PXELINUXMenu {
  /// The same language, but for two things.
  enum Dialect {
    case pxelinux
    /// Expands `${…}` in APPEND, and knows no SAY.
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
      var lines = ["DEFAULT bootwire", "PROMPT 0"] + said(entry.title)
      lines += ["LABEL bootwire", "  LINUX \(name(kernel))"]
      if !initrd.isEmpty { lines.append("  INITRD \(initrd.map(name).joined(separator: ","))") }
      let arguments = arguments.drop { $0 == " " }
      if !arguments.isEmpty { lines.append("  APPEND \(escaped(String(arguments)))") }
      return text(lines)
    case .local:
      return text(
        ["DEFAULT local", "PROMPT 0"] + said(entry.title) + ["LABEL local", "  LOCALBOOT 0"])
    case .refusal(let reason):
      // The prompt keeps the message on the screen for half a minute; tenths of a second.
      return text(
        ["DEFAULT local", "PROMPT 1", "TIMEOUT 300", "MENU TITLE bootwire: \(screen(reason))"]
          + said(reason) + ["LABEL local", "  LOCALBOOT 0"])
    }
  }

  /// A name without a slash at its front would be looked for beside PXELINUX.
  private func name(_ source: BootSource) -> String {
    switch source.place {
    case .file(let path): "/files/\(path)"
    case .url: source.text
    }
  }

  private func said(_ line: String) -> [String] {
    switch dialect {
    case .pxelinux: ["SAY bootwire: \(screen(line))"]
    case .uboot: []
    }
  }

  private func screen(_ line: String) -> String { BootText.screen(line) }

  /// PXELINUX passes the rest of the line on as it stands.
  private func escaped(_ arguments: String) -> String {
    switch dialect {
    case .pxelinux: return arguments
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
