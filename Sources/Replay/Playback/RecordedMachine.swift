import Boot
import Network
import Wire

/// One machine of a recording, with all that it asked for, in order of time.
package struct RecordedMachine: Sendable {
  package let macAddress: MACAddress
  package internal(set) var steps: [RecordedStep] = []
  /// Addresses that it was given or used, in the order of their first use.
  package internal(set) var addresses: [IPv4Address] = []
  /// Of the first message that shows one.
  package internal(set) var firmware: Firmware?

  init(_ macAddress: MACAddress) { self.macAddress = macAddress }

  /// Whether it asks port 4011 anywhere in the recording.
  var asksBootServer: Bool {
    steps.contains { step in
      if case .question(let question) = step { question.isToBootServer } else { false }
    }
  }
}

/// Something that a recorded machine did and wanted an answer to.
package enum RecordedStep: Sendable {
  case question(RecordedQuestion)
  case transfer(RecordedTransfer)
  /// An exchange of HTTP, and which connection of the recording it was on.
  case exchange(RecordedExchange, connection: Int)
  /// A DNS query, with its answer.
  case query(RecordedDatagram, answer: RecordedDatagram?)

  package var time: Instant {
    switch self {
    case .question(let question): question.datagram.time
    case .transfer(let transfer): transfer.request.time
    case .exchange(let exchange, _): exchange.time
    case .query(let datagram, _): datagram.time
    }
  }

  package var frame: Int {
    switch self {
    case .question(let question): question.datagram.frame
    case .transfer(let transfer): transfer.request.frame
    case .exchange(let exchange, _): exchange.frame
    case .query(let datagram, _): datagram.frame
    }
  }
}

extension Recording {
  /// The machines: whoever asked by DHCP, or for a file by TFTP, in the order of their first packet.
  ///
  /// Who only looked up names or fetched pages is no machine of a boot server's; their packets are
  /// counted as `others`.
  package func machines() -> (machines: [RecordedMachine], others: Int) {
    var census = Census()
    for message in messages { census.take(message) }
    for transfer in transfers { census.take(transfer) }
    for (index, connection) in connections.enumerated() { census.take(connection, index) }
    for datagram in names { census.take(name: datagram) }
    return census.finish()
  }
}

/// Sorts what a recording holds by machine.
private struct Census {
  private var machines: [RecordedMachine] = []
  private var placeByHardware: [MACAddress: Int] = [:]
  /// Who held an address last.
  private var placeByAddress: [IPv4Address: Int] = [:]
  private var others = 0
  /// Queries that await their answer, by client and id.
  private var queries: [Query: (place: Int, step: Int)] = [:]

  private struct Query: Hashable {
    let client: Endpoint
    let identifier: UInt16
  }

  /// More machines than a rack row holds make a recording of something else.
  private static let limit = 4096

  private mutating func place(_ hardware: MACAddress) -> Int? {
    if let place = placeByHardware[hardware] { return place }
    guard machines.count < Self.limit else { return nil }
    placeByHardware[hardware] = machines.count
    machines.append(RecordedMachine(hardware))
    return machines.count - 1
  }

  /// Counts what is nobody's of ours.
  private mutating func ignore(_ count: Int = 1) { others += count }

  private mutating func learn(_ address: IPv4Address, _ place: Int) {
    guard address.isUnicast else { return }
    placeByAddress[address] = place
    if !machines[place].addresses.contains(address) { machines[place].addresses.append(address) }
  }

  mutating func take(_ datagram: RecordedDatagram) {
    if let question = RecordedQuestion(datagram), let hardware = question.machine,
      let place = place(hardware)
    {
      learn(question.meaning.header.clientAddress, place)
      if machines[place].firmware == nil { machines[place].firmware = question.firmware }
      machines[place].steps.append(.question(question))
    } else if let reply = RecordedReply(datagram),
      let hardware = reply.meaning.header.hardwareAddress.macAddress, let place = place(hardware)
    {
      attach(reply, place)
    } else {
      others += 1
    }
  }

  /// A reply belongs to the last question of its machine with its transaction id.
  private mutating func attach(_ reply: RecordedReply, _ place: Int) {
    if reply.type == .ack || reply.type == .offer && machines[place].addresses.isEmpty {
      learn(reply.meaning.header.yourAddress, place)
    }
    for index in machines[place].steps.indices.reversed() {
      guard case .question(var question) = machines[place].steps[index],
        question.meaning.header.transactionID == reply.meaning.header.transactionID
      else { continue }
      question.replies.append(reply)
      machines[place].steps[index] = .question(question)
      return
    }
    others += 1
  }

  mutating func take(_ transfer: RecordedTransfer) {
    let client = transfer.request.source.address
    let hardware = transfer.request.sourceHardware
    guard let place = known(client, hardware) ?? hardware.flatMap({ self.place($0) }) else {
      others += 1
      return
    }
    learn(client, place)
    machines[place].steps.append(.transfer(transfer))
  }

  mutating func take(_ connection: RecordedConnection, _ index: Int) {
    guard let place = known(connection.client.address, connection.clientHardware) else {
      others += connection.exchanges.count
      return
    }
    for exchange in connection.exchanges {
      machines[place].steps.append(.exchange(exchange, connection: index))
    }
  }

  mutating func take(name datagram: RecordedDatagram) {
    guard datagram.payload.count >= 12 else {
      others += 1
      return
    }
    let identifier = UInt16(datagram.payload[0]) << 8 | UInt16(datagram.payload[1])
    if datagram.payload[2] & 0x80 == 0, datagram.destination.port == 53 {
      guard let place = known(datagram.source.address, datagram.sourceHardware) else {
        others += 1
        return
      }
      queries[Query(client: datagram.source, identifier: identifier)] =
        (place, machines[place].steps.count)
      machines[place].steps.append(.query(datagram, answer: nil))
    } else if let (place, step) = queries.removeValue(
      forKey: Query(client: datagram.destination, identifier: identifier)),
      case .query(let question, nil) = machines[place].steps[step]
    {
      machines[place].steps[step] = .query(question, answer: datagram)
    } else {
      others += 1
    }
  }

  private func known(_ address: IPv4Address, _ hardware: MACAddress?) -> Int? {
    hardware.flatMap { placeByHardware[$0] } ?? placeByAddress[address]
  }

  mutating func finish() -> (machines: [RecordedMachine], others: Int) {
    for index in machines.indices {
      // Stable, so that what happened at one instant keeps the order of the capture.
      machines[index].steps = machines[index].steps.enumerated()
        .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        .map(\.element)
    }
    return (machines.filter { !$0.steps.isEmpty }, others)
  }
}
