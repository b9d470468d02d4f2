import Network

/// `grub.cfg` for GRUB 2.
struct GRUBMenu {
  /// How the menu was fetched: a GRUB that did so by HTTP has that module, and it is the faster;
  /// the signed GRUB of Debian 12 has TFTP only.
  enum Transport {
    case tftp
    case http(port: UInt16)
    /// GRUB has no TLS. Started by UEFI HTTP Boot, Debian's of release 13 fetches by the firmware's
    /// own HTTP, which has it.
    case https(port: UInt16)
  }

  let transport: Transport
  /// Named whole: after a proxyDHCP's answer GRUB would ask whoever gave the address.
  let server: IPv4Address

  func render(_ entry: MenuEntry) -> String {
    switch entry.body {
    case .kernel(let kernel, let initrd, let arguments):
      var names: [String] = []
      for source in [kernel] + initrd {
        guard let name = name(source) else {
          return render(entry.refused("GRUB cannot fetch \(source.text)"))
        }
        names.append(quoted(name))
      }
      let words = BootText.words(arguments).map(quoted)
      var lines = ["linux " + ([names[0]] + words).joined(separator: " ")]
      if names.count > 1 { lines.append("initrd " + names.dropFirst().joined(separator: " ")) }
      return menu(entry.title, lines)
    case .local:
      // ``Quirk/efiGoesOnAfterFailure``, ``Quirk/biosDiskHasANumber``.
      return menu(
        entry.title,
        [
          "if [ \"$grub_platform\" = pc ]; then", "  set root=(hd0)", "  chainloader +1", "  boot",
          "fi", "exit 1",
        ])
    case .refusal(let reason):
      return menu(
        entry.title,
        ["echo \(quoted("bootwire: " + BootText.screen(reason)))", "sleep --interruptible 30"]
          + ["exit 1"])
    }
  }

  /// A name with its device; nil when GRUB has no such protocol.
  private func name(_ source: BootSource) -> String? {
    switch source.place {
    case .file(let path):
      switch transport {
      case .tftp: return "(tftp,\(server))/files/\(path)"
      case .http(let port):
        return "(http,\(server)\(port == 80 ? "" : ":\(port)"))/files/\(path)"
      case .https(let port):
        return "(https,\(server)\(port == 443 ? "" : ":\(port)"))/files/\(path)"
      }
    case .url(let scheme, let host, let path):
      // A parenthesis or comma would end the device's name.
      guard schemes.contains(scheme), BootText.isPlainName(host) else { return nil }
      return "(\(scheme),\(host))/\(path)"
    }
  }

  private var schemes: [String] {
    switch transport {
    case .tftp, .http: ["http", "tftp"]
    case .https: ["http", "https", "tftp"]
    }
  }

  /// One word, whatever it holds: nothing has a meaning within single quotes.
  private func quoted(_ text: String) -> String {
    var quoted = "'"
    for scalar in text.unicodeScalars {
      if scalar == "'" { quoted += "'\\'" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "'"
  }

  private func menu(_ title: String, _ lines: [String]) -> String {
    var text = "# bootwire: made for this machine when it asked\nset timeout=0\nset default=0\n"
    text += "menuentry \(quoted("bootwire: " + BootText.screen(title))) {\n"
    for line in lines { text += "  \(line)\n" }
    return text + "}\n"
  }
}
