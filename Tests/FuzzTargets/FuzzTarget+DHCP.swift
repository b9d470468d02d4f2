import Boot
import Bytes
import Network
import Replay
import Wire

// The whole of DHCP: what comes to ports 67 and 4011, and what is answered.
extension FuzzTarget {
  /// Choice: 1 port 4011, 2 the interface with another server, 4 by a relay, 8 repeated, the rest
  /// how many quarter minutes pass before.
  static func takeDHCPService(_ octets: [UInt8]) throws(BrokenPromise) {
    var appliance = FuzzSite.appliance()
    var now = Instant.start + .seconds(60)
    for piece in Pieces(octets) {
      now = now + .seconds(15 * Int(piece.choice >> 4))
      for _ in 0...(piece.choice & 8 == 0 ? 0 : 1) {
        let source =
          piece.choice & 4 == 0 ? Endpoint(.unspecified, 68) : Endpoint(FuzzSite.relay, 67)
        let arrival = FuzzSite.arrival(
          source, port: piece.choice & 1 == 0 ? 67 : 4011,
          interface: piece.choice & 2 == 0 ? FuzzSite.authoritative : FuzzSite.proxy)
        try receive(piece.octets, from: arrival, &appliance, at: now)
      }
      var outcomes: [Outcome] = []
      if let deadline = appliance.nextDeadline, deadline <= now {
        appliance.timeout(at: now, into: &outcomes)
      }
      try FuzzSite.judge(outcomes)
    }
  }

  @discardableResult
  private static func receive(
    _ octets: [UInt8], from arrival: Arrival, _ appliance: inout VirtualAppliance, at now: Instant
  ) throws(BrokenPromise) -> [DHCPMeaning] {
    var outcomes: [Outcome] = []
    appliance.receive(octets, from: arrival, at: now, into: &outcomes)
    try FuzzSite.judge(outcomes)
    var replies: [DHCPMeaning] = []
    for case .sent(let datagram) in outcomes {
      guard let reply = meaning(datagram.payload) else {
        throw BrokenPromise(description: "we sent what is no DHCP message")
      }
      try BrokenPromise.unless(!reply.header.isRequest, "we sent a request")
      replies.append(reply)
    }
    return replies
  }

  static let optionCodes: [UInt8] = [
    82, 43, 12, 50, 55, 57, 60, 61, 66, 77, 81, 93, 94, 97, 118, 124, 125, 175, 52, 53, 54,
  ]

  /// The first octet says which option of a DISCOVER holds the rest.
  static func takeOptions(_ octets: [UInt8]) throws(BrokenPromise) {
    let code = optionCodes[Int(octets.first ?? 0) % optionCodes.count]
    let value = Array(octets.dropFirst())
    for form in [SubOptions.Form.padded, .plain] { _ = try? DHCPMeaning.subOptions(value, form) }
    for relay in [IPv4Address.unspecified, FuzzSite.relay] {
      var header = DHCPHeader(hardwareAddress: HardwareAddress(FuzzSite.armed))
      header.isRequest = true
      header.relayAddress = relay
      var output = ByteWriter()
      let writer = DHCPWriter(header, limit: 65_535, into: &output)
      writer.option(53, number: 1 as UInt8, into: &output)
      writer.option(60, "PXEClient:Arch:00007:UNDI:003016", into: &output)
      writer.option(93, [0, 7], into: &output)
      writer.option(code, value, into: &output)
      writer.finish(into: &output)
      var appliance = FuzzSite.appliance()
      let source = relay == .unspecified ? Endpoint(relay, 68) : Endpoint(relay, 67)
      let replies = try receive(
        output.bytes, from: FuzzSite.arrival(source, port: 67), &appliance,
        at: .start + .seconds(60))
      guard code == 82, relay != .unspecified else { continue }
      // RFC 3046 §2.2: a server that knows the option echoes all of it.
      try BrokenPromise.unless(
        replies.allSatisfy { $0[82] == value }, "option 82 came back as another")
    }
  }
}
