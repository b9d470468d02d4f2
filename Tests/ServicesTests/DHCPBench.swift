import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Wire

/// A DHCP service on a network of ours, with what it said to the last message.
struct DHCPBench {
  var service = DHCPService()
  var catalog = DHCPBench.catalog()
  var now = Instant.start
  private(set) var actions = Actions()

  /// A message of a client, to be changed by a test before it is sent.
  struct Question {
    var header: DHCPHeader
    var options: [DHCPMeaning.Option] = []
    var source = Endpoint(.unspecified, 68)
    var destination = IPv4Address.broadcast
    var port: UInt16 = 67
    var local = DHCPBench.own
    var interface: Int32 = 2

    subscript(code: UInt8) -> [UInt8]? {
      get { options.first { $0.code == code }?.value }
      set {
        options.removeAll { $0.code == code }
        if let newValue { options.append(.init(code: code, value: newValue)) }
      }
    }
  }

  struct Answer {
    let type: DHCPMessageType?
    let meaning: DHCPMeaning
    let octets: [UInt8]
    let reply: Reply

    var address: IPv4Address { meaning.header.yourAddress }
    var bootFile: String? { text(67) }
    func text(_ code: UInt8) -> String? {
      meaning[code].map { String(decoding: $0, as: UTF8.self) }
    }
    func number(_ code: UInt8) -> UInt32? {
      meaning[code].map { $0.reduce(0) { $0 << 8 | UInt32($1) } }
    }
  }

  static let own = IPv4Address(10, 77, 0, 1)

  mutating func send(_ question: Question) {
    var output = ByteWriter()
    let writer = DHCPWriter(question.header, limit: 4000, into: &output)
    for option in question.options { writer.option(option.code, option.value, into: &output) }
    writer.finish(into: &output)
    receive(
      output.bytes,
      Arrival(
        source: question.source, destination: Endpoint(question.destination, question.port),
        local: question.local, interface: question.interface))
  }

  /// A fixture's octets as they came, broadcast on our wire or sent by its relay.
  mutating func receive(_ fixture: PacketFixture) {
    receive(
      fixture.octets,
      Arrival(
        source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
        local: Self.own, interface: 2))
  }

  mutating func receive(_ octets: [UInt8], _ arrival: Arrival) {
    actions.clear()
    service.receive(octets.rawSpan, from: arrival, catalog, at: now, into: &actions)
  }

  /// A message of the Ethernet machine whose hardware address ends with `machine`.
  static func question(_ type: DHCPMessageType, _ machine: UInt8) -> Question {
    question(type, MACAddress(0x52, 0x54, 0, 0, 0, machine))
  }

  static func question(_ type: DHCPMessageType, _ address: MACAddress) -> Question {
    var header = DHCPHeader(hardwareAddress: HardwareAddress(address))
    header.isRequest = true
    header.transactionID = UInt32(truncatingIfNeeded: address.number) << 8 | 7
    var question = Question(header: header)
    question[53] = [type.rawValue]
    return question
  }

  /// DISCOVER, then REQUEST for what was offered, by whatever `change` makes of both.
  @discardableResult mutating func boot(
    _ machine: UInt8, _ change: (inout Question) -> Void = { _ in }
  ) -> IPv4Address? {
    var discover = Self.question(.discover, machine)
    change(&discover)
    send(discover)
    guard let offer = answer, offer.type == .offer else { return nil }
    var request = Self.question(.request, machine)
    change(&request)
    request[50] = octets(offer.address)
    request[54] = offer.meaning[54]
    send(request)
    return answer?.type == .ack ? answer?.address : nil
  }

  /// The one reply to the last message; nil when there was none.
  var answer: Answer? { answers.first }

  var answers: [Answer] {
    actions.list.compactMap { action in
      guard case .send(let reply) = action else { return nil }
      let octets = Array(actions.octets(reply.payload))
      guard let message = try? DHCPMessage(checking: octets.rawSpan),
        let meaning = try? DHCPMeaning(message)
      else { return nil }
      let type = (try? message.type) ?? nil
      return Answer(type: type, meaning: meaning, octets: octets, reply: reply)
    }
  }

  var facts: [String] {
    actions.list.compactMap { if case .record(let event) = $0 { event.fact.name } else { nil } }
  }

  var events: [Event] {
    actions.list.compactMap { if case .record(let event) = $0 { event } else { nil } }
  }

  /// Reasons that the decisions on the last message gave.
  var reasonCount: Int { actions.reasons.count }

  var erased: [IPv4Address] {
    actions.list.compactMap { if case .erase(let address) = $0 { address } else { nil } }
  }

  var stored: [Lease] {
    actions.list.compactMap { if case .store(let lease) = $0 { lease } else { nil } }
  }

  /// The kinds of actions, in their order.
  var kinds: [String] {
    actions.list.compactMap { action in
      switch action {
      case .store: "store"
      case .erase: "erase"
      case .keep: "keep"
      case .send: "send"
      case .sendFrame, .probe, .openTransfer, .sendFromTransfer, .sendBlocks, .closeTransfer,
        .openResource,
        .takeReport, .respond,
        .respondFile, .close, .answer, .ask, .askByStream,
        .hangUp:
        "other"
      case .record: nil
      }
    }
  }
}

func octets(_ address: IPv4Address) -> [UInt8] {
  let (a, b, c, d) = address.octets
  return [a, b, c, d]
}
