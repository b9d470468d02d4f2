import Bytes
import Network
import Replay
import Wire

/// Makes frames of records, as a capture on the interface would hold them, without tokens.
///
/// Octets that were not kept are cut off: the frame says how long it was, and a reader takes zeros.
struct FlightFrames {
  private let machine: MACAddress
  private let own: MACAddress
  /// What to add to a record's time to have nanoseconds since 1970.
  private let offset: Int64
  private var frames: [(time: Int64, octets: [UInt8], originalCount: Int)] = []
  private var streams: [UInt64: Stream] = [:]
  private(set) var files = FlightFiles()
  private var blocks = 0
  private var segments = 0
  private var writer = ByteWriter(reserving: 2048)

  private struct Stream {
    var clientNext: UInt32 = 1
    var serverNext: UInt32 = 1
  }

  private static let longestSegment = 65_000
  /// Of all stretches together: what is in the midst of more is left out.
  private static let mostBlocks = 65_536
  private static let headEnd: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a]
  /// Of one body, and of all: past it a reader sees a gap.
  private static let mostSegments = 4096
  private static let mostSegmentsOfAll = 32_768

  /// - Parameters:
  ///   - own: The hardware address of our interface.
  ///   - wallClock: The time when the clock of the records said `now`.
  init(_ machine: MACAddress, own: MACAddress, now: Instant, wallClock: UnixTime) {
    self.machine = machine
    self.own = own
    offset = wallClock.nanoseconds.subtractingReportingOverflow(now.nanoseconds).partialValue
  }

  mutating func add(_ records: [FlightRecord]) {
    var records = records
    Self.takeBack(&records)
    Self.joinHeads(&records)
    for record in records {
      files.take(record)
      switch record.kind {
      case .heard: datagram(record, fromClient: true)
      case .said: datagram(record, fromClient: false)
      case .blocks: blocks(record)
      case .stretch: stretch(record)
      case .streamHeard, .streamSaid: segment(record)
      case .streamEnded: end(record)
      }
    }
  }

  /// The frames in order of time; what happened at one instant keeps its order.
  var ordered: [Frame] {
    let order = frames.indices.sorted { (frames[$0].time, $0) < (frames[$1].time, $1) }
    return order.enumerated().map { number, index in
      Frame(
        number: number + 1, time: frames[index].time, link: .ethernet,
        originalCount: frames[index].originalCount, octets: frames[index].octets)
    }
  }

  /// What was said to be sent and never left is taken out of the last body of its connection.
  private static func takeBack(_ records: inout [FlightRecord]) {
    for index in records.indices where records[index].kind == .streamEnded {
      guard records[index].second > 0 else { continue }
      let said = records[..<index].lastIndex {
        $0.kind == .streamSaid && $0.first == records[index].first && $0.second > 0
      }
      guard let said else { continue }
      records[said].second -= min(records[said].second, records[index].second)
    }
  }

  /// A head that came in pieces is one again: a token in two of them would be seen in neither.
  private static func joinHeads(_ records: inout [FlightRecord]) {
    var joined: [FlightRecord] = []
    joined.reserveCapacity(records.count)
    // By connection, where the head is whose end has not come.
    var open: [UInt64: Int] = [:]
    for record in records {
      let isHead = record.kind == .streamHeard && !record.octets.isEmpty
      guard isHead || record.kind == .streamSaid || record.kind == .streamEnded else {
        joined.append(record)
        continue
      }
      let index = open.removeValue(forKey: record.first)
      if isHead, let index {
        joined[index].octets += record.octets
        joined[index].second += record.second
      } else {
        joined.append(record)
      }
      let last = isHead ? index ?? joined.count - 1 : nil
      if let last, joined[last].second == 0,
        !joined[last].octets.suffix(4).elementsEqual(Self.headEnd)
      {
        open[record.first] = last
      }
    }
    records = joined
  }

  // UDP.

  private mutating func datagram(_ record: FlightRecord, fromClient: Bool) {
    var octets = record.octets
    TokenMask.mask(&octets)
    datagram(octets, cut: 0, record, fromClient: fromClient, at: record.time)
  }

  private mutating func datagram(
    _ octets: [UInt8], cut: Int, _ record: FlightRecord, fromClient: Bool, at time: Instant
  ) {
    let (source, destination) =
      fromClient ? (record.client, record.server) : (record.server, record.client)
    let count = UDPDatagram.headLength + octets.count + cut
    guard count <= 0xffff - IPv4Packet.headLength else { return }
    head(source, destination, fromClient, UDPDatagram.protocolNumber, count)
    writer.write(source.port)
    writer.write(destination.port)
    writer.write(UInt16(count))
    // No checksum (RFC 768): octets that are not kept cannot be summed.
    writer.write(UInt16(0))
    writer.write(octets)
    finish(cut: cut, at: time)
  }

  private mutating func blocks(_ record: FlightRecord) {
    let window = FlightRecord.Window(record.second)
    var rest = record.octets[...]
    for index in 0..<window.count {
      let count = index == window.count - 1 ? window.last : window.size
      let text = rest.prefix(count)
      rest = rest.dropFirst(count)
      block(record, record.first + UInt64(index), Array(text), count, at: record.time)
    }
  }

  private mutating func block(
    _ record: FlightRecord, _ number: UInt64, _ text: [UInt8], _ count: Int, at time: Instant
  ) {
    let low = UInt16(truncatingIfNeeded: number)
    let head: [UInt8] = [0, 3, UInt8(low >> 8), UInt8(low & 0xff)]
    datagram(head + text, cut: count - text.count, record, fromClient: false, at: time)
  }

  /// Each window with its ACK, at even distances.
  private mutating func stretch(_ record: FlightRecord) {
    let window = FlightRecord.Window(record.second)
    guard window.last > 0, window.count + blocks <= Self.mostBlocks, record.octets.count == 8 else {
      return
    }
    blocks += window.count
    let end = Int64(
      bitPattern: record.octets.reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
    let span = max(0, end - record.time.nanoseconds)
    let rounds = max(1, window.count / window.last)
    for round in 0..<rounds {
      let passed = Double(span) * Double(round) / Double(rounds)
      let time = record.time + .nanoseconds(Int64(passed))
      var number = record.first + UInt64(round * window.last)
      for _ in 0..<window.last {
        block(record, number, [], window.size, at: time)
        number += 1
      }
      let low = UInt16(truncatingIfNeeded: number - 1)
      datagram(
        [0, 4, UInt8(low >> 8), UInt8(low & 0xff)], cut: 0, record, fromClient: true, at: time)
    }
  }

  // TCP.

  private mutating func segment(_ record: FlightRecord) {
    let fromClient = record.kind == .streamHeard
    if streams[record.first] == nil {
      // Of a connection whose beginning is forgotten, what we say alone makes no sense.
      guard fromClient else { return }
      open(record)
    }
    var octets = record.octets
    if fromClient { TokenMask.maskHead(&octets) } else { TokenMask.mask(&octets) }
    tcp(record, fromClient, octets, cut: 0, Self.push)
    var left = Int(clamping: record.second)
    let most = min(segments + Self.mostSegments, Self.mostSegmentsOfAll)
    while left > 0, segments < most {
      let count = min(left, Self.longestSegment)
      tcp(record, fromClient, [], cut: count, Self.acknowledge)
      left -= count
      segments += 1
    }
    if left > 0 { pass(record.first, fromClient, left) }
    tcp(record, !fromClient, [], cut: 0, Self.acknowledge)
  }

  private mutating func open(_ record: FlightRecord) {
    streams[record.first] = Stream(clientNext: 0, serverNext: 0)
    tcp(record, true, [], cut: 0, Self.synchronize)
    tcp(record, false, [], cut: 0, Self.synchronize | Self.acknowledge)
    streams[record.first] = Stream()
    tcp(record, true, [], cut: 0, Self.acknowledge)
  }

  private mutating func end(_ record: FlightRecord) {
    guard streams[record.first] != nil else { return }
    tcp(record, false, [], cut: 0, Self.finish | Self.acknowledge)
    pass(record.first, false, 1)
    tcp(record, true, [], cut: 0, Self.finish | Self.acknowledge)
    streams[record.first] = nil
  }

  private mutating func pass(_ number: UInt64, _ fromClient: Bool, _ count: Int) {
    if fromClient {
      streams[number]?.clientNext &+= UInt32(truncatingIfNeeded: count)
    } else {
      streams[number]?.serverNext &+= UInt32(truncatingIfNeeded: count)
    }
  }

  private static let finish: UInt8 = 0x01
  private static let synchronize: UInt8 = 0x02
  private static let acknowledge: UInt8 = 0x10
  private static let push: UInt8 = 0x18

  private mutating func tcp(
    _ record: FlightRecord, _ fromClient: Bool, _ octets: [UInt8], cut: Int, _ flags: UInt8
  ) {
    guard let stream = streams[record.first], !octets.isEmpty || flags != Self.push else { return }
    let (source, destination) =
      fromClient ? (record.client, record.server) : (record.server, record.client)
    head(
      source, destination, fromClient, TCPSegment.protocolNumber,
      TCPSegment.headLength + octets.count + cut)
    writer.write(source.port)
    writer.write(destination.port)
    writer.write(fromClient ? stream.clientNext : stream.serverNext)
    let isFirst = flags == Self.synchronize
    let seen = fromClient ? stream.serverNext : stream.clientNext
    let acknowledged = flags & Self.synchronize != 0 ? 1 : seen
    writer.write(isFirst ? 0 : acknowledged)
    // 20 octets of head, the largest window, and no checksum, as before the network card wrote it.
    writer.write(UInt8(0x50))
    writer.write(flags)
    writer.write(UInt16(0xffff))
    writer.write(UInt32(0))
    writer.write(octets)
    finish(cut: cut, at: record.time)
    pass(record.first, fromClient, octets.count + cut)
  }

  private mutating func head(
    _ source: Endpoint, _ destination: Endpoint, _ fromClient: Bool, _ protocolNumber: UInt8,
    _ count: Int
  ) {
    writer.clear()
    let other =
      destination.address == .broadcast ? MACAddress.broadcast : fromClient ? own : machine
    EthernetFrame.encodeHead(
      to: other, from: fromClient ? machine : own, type: EtherType.ipv4, into: &writer)
    IPv4Packet.encodeHead(
      from: source.address, to: destination.address, protocolNumber: protocolNumber,
      payloadCount: count, into: &writer)
  }

  private mutating func finish(cut: Int, at time: Instant) {
    let nanoseconds = time.nanoseconds.addingReportingOverflow(offset).partialValue
    frames.append((nanoseconds, writer.bytes, writer.count + cut))
  }
}
