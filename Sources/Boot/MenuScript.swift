import Network

/// A choice between profiles on the machine's screen, in iPXE's language.
///
/// Entries are numbers, so that no name has a meaning for iPXE; each asks for the script of its
/// profile, which is decided on then.
struct MenuScript {
  private let menu: BootMenu
  private let variables: Variables

  init(_ menu: BootMenu, _ variables: Variables) {
    self.menu = menu
    self.variables = variables
  }

  func render(leaving: String) -> String {
    var lines = ["#!ipxe", "menu bootwire: \(BootText.screen(menu.title))"]
    for (number, entry) in menu.entries.enumerated() {
      lines.append("item entry\(number) \(BootText.screen(entry))")
    }
    let chosen = menu.chosen.flatMap { menu.entries.firstIndex(of: $0) } ?? 0
    // Without a timeout it waits for ever.
    let timeout = menu.timeout > .zero ? " --timeout \(menu.timeout.milliseconds)" : ""
    lines += ["choose --default entry\(chosen)\(timeout) entry || goto local", "goto ${entry}"]
    for (number, entry) in menu.entries.enumerated() {
      lines += [":entry\(number)", "chain --replace \(url(of: entry)) || goto local"]
    }
    return lines.joined(separator: "\n") + "\n:local\n" + leaving
  }

  private func url(of profile: String) -> String {
    let mac = variables.machine.macAddress.map(\.dashed) ?? "${netX/mac}"
    let name = TemplateFilter.url.quote(profile)
    return "\(variables.server.http)/boot.ipxe?mac=\(mac)&profile=\(name)"
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
