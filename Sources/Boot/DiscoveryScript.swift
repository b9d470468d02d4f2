import Network

/// What a machine does that nobody named: it shows what it knows of itself, waits a minute for the
/// operator's approval, and leaves to its own disk.
///
/// It asks anew in place of waiting for an answer, so that the approval holds whatever became of
/// this box in between; only commands of iPXE's default build are used.
struct DiscoveryScript {
  private let variables: Variables
  private let round: Int?

  /// Waits of ``seconds`` each.
  static let rounds = 3
  private static let seconds = 20

  init(_ variables: Variables, _ round: Int?) {
    self.variables = variables
    self.round = round
  }

  func render(leaving: String) -> String {
    guard let round else {
      return "#!ipxe\n\(asking(again: 0)) || goto local\n:local\n\(leaving)"
    }
    let name = variables.machine.name
    guard round < Self.rounds else {
      return "#!ipxe\necho bootwire: \(name) was not approved\n\(leaving)"
    }
    return """
      #!ipxe
      echo
      echo bootwire: this machine is not known at site \(BootText.screen(variables.site))
      echo bootwire: it is registered as \(name)
      echo bootwire: and waits for an operator: bootwire approve \(name) NAME
      prompt --timeout \(Self.seconds * 1000) \
      bootwire: asking again in \(Self.seconds) s, at a key now, \(round + 1) of \(Self.rounds) ||
      \(asking(again: round + 1)) || goto local
      :local
      \(leaving)
      """
  }

  /// `uristring` keeps what a machine shows within its parameter; what is not known is empty.
  private func asking(again round: Int) -> String {
    let mac = variables.machine.macAddress.map(\.dashed) ?? "${netX/mac}"
    let shown = ["uuid", "serial", "manufacturer", "product", "asset"]
      .map { "&\($0)=${\($0):uristring}" }.joined()
    return "chain --replace \(variables.server.http)/boot.ipxe?mac=\(mac)&round=\(round)\(shown)"
  }
}
