import Boot
import Bytes
import Network
import Replay
import Services
import Wire

// Conversations with TFTP, HTTP and DNS.
extension FuzzTarget {
  /// Choice: 1 to the port of the last transfer, 2 from another port, 4 a deadline passes before.
  static func takeTFTPService(_ octets: [UInt8]) throws(BrokenPromise) {
    var appliance = FuzzSite.appliance()
    var now = Instant.start + .seconds(60)
    var port: UInt16 = 69
    for piece in Pieces(octets) {
      var outcomes: [Outcome] = []
      if piece.choice & 4 != 0, let deadline = appliance.nextDeadline {
        now = max(now, deadline)
        appliance.timeout(at: now, into: &outcomes)
      }
      let source = Endpoint(FuzzSite.armedAddress, piece.choice & 2 == 0 ? 2070 : 2071)
      appliance.receive(
        piece.octets, from: FuzzSite.arrival(source, port: piece.choice & 1 == 0 ? 69 : port),
        at: now, into: &outcomes)
      try FuzzSite.judge(outcomes)
      for case .sent(let datagram) in outcomes {
        let isPacket = (try? TFTPPacket(checking: datagram.payload.rawSpan)) != nil
        try BrokenPromise.unless(isPacket, "we sent what is no packet of TFTP")
        if datagram.source.port != 69 { port = datagram.source.port }
      }
    }
  }

  /// Choice: 1 another connection, 2 from the armed machine, 4 it is closed before.
  ///
  /// What comes octet by octet must be answered as what comes at once, and no stranger reads what
  /// is the armed machine's.
  static func takeHTTPService(_ octets: [UInt8]) throws(BrokenPromise) {
    let atOnce = try converse(octets, step: .max)
    guard octets.count <= 2048 else { return }
    let slowly = try converse(octets, step: 1)
    try BrokenPromise.unless(atOnce == slowly, "octet by octet, it is answered differently")
  }

  private static func converse(
    _ octets: [UInt8], step: Int
  ) throws(BrokenPromise) -> [UInt64: [UInt8]] {
    var appliance = FuzzSite.appliance()
    let now = Instant.start + .seconds(60)
    var said: [UInt64: [UInt8]] = [:]
    for piece in Pieces(octets) {
      let isArmed = piece.choice & 2 != 0
      let number = UInt64(piece.choice & 3)
      let id = ConnectionID(number)
      var outcomes: [Outcome] = []
      if piece.choice & 4 != 0 { appliance.close(id, at: now, into: &outcomes) }
      if piece.choice & 4 != 0 || said[number] == nil {
        let source = isArmed ? FuzzSite.armedAddress : FuzzSite.stranger
        appliance.connect(id, from: FuzzSite.arrival(Endpoint(source, 4711), port: 80))
      }
      var start = 0
      while start < piece.octets.count {
        let end = min(piece.octets.count, start + min(step, piece.octets.count))
        appliance.receive(Array(piece.octets[start..<end]), on: id, at: now, into: &outcomes)
        start = end
      }
      try FuzzSite.judge(outcomes)
      for outcome in outcomes {
        switch outcome {
        case .responded(_, let text): said[number, default: []] += text
        case .respondedFile(_, _, let offset, let count):
          try BrokenPromise.unless(offset >= 0 && count >= 0, "a part that is none is sent")
          said[number, default: []] += Array("[\(offset) \(count)]".utf8)
        case .closed: said[number, default: []] += Array("[closed]".utf8)
        case .sent, .stored, .erased, .kept, .decided, .asked, .recorded: break
        }
      }
      let isTold = said[number]?.firstRange(of: Array(FuzzSite.canary.utf8)) != nil
      try BrokenPromise.unless(isArmed || !isTold, "a stranger reads a secret")
    }
    return said
  }

  /// Choice: 1 another server's answer to what was asked last, 2 by TCP, 4 of a stranger, 8 a
  /// deadline passes before. The dice always show ``dice``.
  static func takeDNSService(_ octets: [UInt8]) throws(BrokenPromise) {
    var service = DNSService()
    var actions = Actions()
    var now = Instant.start + .seconds(60)
    var asked: (id: ForwardID, server: Endpoint)?
    for piece in Pieces(octets) {
      if piece.choice & 8 != 0, let deadline = service.nextDeadline { now = max(now, deadline) }
      let context = DNSService.Context(
        catalog: names, leases: LeaseTable(), time: now, dice: { UInt64(dice) })
      actions.clear()
      if piece.choice & 8 != 0 { service.timeout(context, into: &actions) }
      if piece.choice & 1 != 0, let asked {
        service.receive(
          piece.octets.rawSpan, for: asked.id, from: asked.server, context, into: &actions)
      } else {
        let address =
          piece.choice & 4 == 0 ? FuzzSite.armedAddress : IPv4Address(198, 51, 100, 9)
        let arrival = FuzzSite.arrival(Endpoint(address, 4000), port: 53)
        service.receive(
          piece.octets.rawSpan,
          from: piece.choice & 2 == 0 ? .datagram(arrival) : .stream(ConnectionID(1), address),
          context, into: &actions)
      }
      for action in actions.list {
        switch action {
        case .send(let reply): try judgeAnswer(actions.octets(reply.payload), limit: 1232)
        case .answer(_, let bytes):
          try judgeAnswer(actions.octets(bytes).dropFirst(2), limit: 65_535)
        case .ask(let id, _, let server), .askByStream(let id, _, let server):
          asked = (id, server)
        case .store, .erase, .keep, .sendFrame, .probe, .openTransfer, .sendFromTransfer,
          .sendBlocks,
          .closeTransfer, .openResource, .takeReport, .respond, .respondFile, .close, .hangUp,
          .record:
          break
        }
      }
    }
  }

  /// What dice show here; recorded answers have it as their id.
  static let dice: UInt16 = 0x4711

  private static func judgeAnswer(
    _ octets: ArraySlice<UInt8>, limit: Int
  ) throws(BrokenPromise) {
    try BrokenPromise.unless(octets.count <= limit, "an answer of \(octets.count) octets")
    let message = Array(octets)
    guard let header = try? DNSHeader(decoding: message.rawSpan), header.isResponse else {
      throw BrokenPromise(description: "an answer is none")
    }
    guard header.questionCount == 1 else { return }
    let isWhole = (try? DNSReply(checking: message.rawSpan)) != nil
    try BrokenPromise.unless(isWhole, "an answer of ours is malformed")
  }

  private static let names: Catalog = {
    let network = IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16)
    var draft = ZoneDraft(
      forward: DomainName("lab.test"), host: "box", networks: [network], serial: 7)
    for (name, last) in [("www.lab.test", UInt8(9)), ("box.lab.test", 1)] {
      guard let name = DomainName(name) else { continue }
      draft.add(name, IPv4Address(10, 77, 0, last))
    }
    return Catalog(
      interfaces: [Interface(name: "s0", number: FuzzSite.authoritative)],
      subnets: [Subnet(network: network, interface: "s0")], zones: draft.zones(),
      forwarders: [IPv4Address(192, 0, 2, 53), IPv4Address(192, 0, 2, 54)])
  }()
}
