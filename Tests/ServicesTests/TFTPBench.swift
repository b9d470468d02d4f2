import Boot
import Bytes
import Network
import Services
import Wire

/// A TFTP service with a driver that holds files in memory, and what it sent.
struct TFTPBench {
  var service: TFTPService
  var actions = Actions()
  var now = Instant.start
  var files: [String: [UInt8]] = [:]
  /// Where a resource is sought, in that order; nil: a file is where its name says.
  var place: ((Resource, Arrival) -> [String])?
  /// Contents of the transfers that are open.
  var contents: [TransferID: [UInt8]] = [:]
  /// The transfer opened last.
  var id = TransferID(0)
  /// Packets sent since the last call, in order.
  var sent: [Sent] = []
  var facts: [Fact] = []
  var mtu = 1500
  var catalog = Catalog()

  struct Sent: Equatable {
    let bytes: [UInt8]
    let destination: Endpoint
    /// Whether it left from the well-known port.
    let fromRequestPort: Bool
  }

  static let client = Endpoint(IPv4Address(10, 77, 1, 9), 2070)

  init(limits: TFTPLimits = TFTPLimits()) { service = TFTPService(limits: limits) }

  mutating func request(
    _ name: String, _ options: TFTPOptionValues = TFTPOptionValues(), from source: Endpoint = client
  ) {
    var writer = ByteWriter()
    TFTPPacket.encodeRequest(.readRequest, name: name.utf8, options: options, into: &writer)
    requestRaw(writer.bytes, from: source)
  }

  mutating func requestRaw(_ bytes: [UInt8], from source: Endpoint = client) {
    actions.clear()
    let arrival = Arrival(
      source: source, destination: Endpoint(IPv4Address(10, 77, 0, 1), 69),
      local: IPv4Address(10, 77, 0, 1), interface: 2)
    service.receive(
      bytes.rawSpan, from: arrival, mtu: mtu, catalog, at: now, into: &actions)
    perform()
  }

  mutating func packet(_ bytes: [UInt8], from source: Endpoint = client) {
    actions.clear()
    service.receive(bytes.rawSpan, for: id, from: source, at: now, into: &actions)
    perform()
  }

  mutating func acknowledge(_ block: UInt16, from source: Endpoint = client) {
    packet([0, 4, UInt8(block >> 8), UInt8(block & 0xff)], from: source)
  }

  /// Lets time pass until something happens, at most this long.
  mutating func wait(_ duration: Duration) {
    let end = now + duration
    sent = []
    while let deadline = service.nextDeadline, deadline <= end {
      now = max(deadline, now)
      actions.clear()
      service.timeout(at: now, into: &actions)
      let before = sent
      perform()
      sent = before + sent
    }
    now = end
  }

  /// Does what the actions say, then what follows from it.
  private mutating func perform() {
    sent = []
    var opened: (TransferID, String)?
    for action in actions.list {
      switch action {
      case .openTransfer(let id, let resource, let arrival):
        self.id = id
        let places = place?(resource, arrival) ?? [Self.name(of: resource)]
        opened = (id, places.first { files[$0] != nil } ?? "")
      case .send(let reply):
        guard case .endpoint(let destination) = reply.destination else { continue }
        sent.append(
          Sent(
            bytes: Array(actions.octets(reply.payload)), destination: destination,
            fromRequestPort: reply.source == Endpoint(IPv4Address(10, 77, 0, 1), 69)))
      case .sendFromTransfer(_, let bytes, to: let destination):
        sent.append(
          Sent(
            bytes: Array(actions.octets(bytes)), destination: destination, fromRequestPort: false))
      case .sendBlocks(let id, let blocks): send(blocks, of: contents[id] ?? [])
      case .closeTransfer(let id): contents[id] = nil
      case .record(let event): facts.append(event.fact)
      default: break
      }
    }
    guard let (id, name) = opened else { return }
    let before = sent
    actions.clear()
    if let content = files[name] {
      contents[id] = content
      service.opened(id, byteCount: content.count, at: now, into: &actions)
    } else {
      service.missing(id, at: now, into: &actions)
    }
    perform()
    sent = before + sent
  }

  private static func name(of resource: Resource) -> String {
    if case .file(_, let path) = resource { path.description } else { "" }
  }

  private mutating func send(_ blocks: Blocks, of content: [UInt8]) {
    for index in 0..<blocks.count {
      let number = UInt16(truncatingIfNeeded: blocks.first + UInt64(index))
      let start = blocks.offset + index * blocks.blockSize
      let count = index == blocks.count - 1 ? blocks.lastCount : blocks.blockSize
      let head = [0, 3, UInt8(number >> 8), UInt8(number & 0xff)]
      sent.append(
        Sent(
          bytes: head + content[start..<start + count], destination: blocks.endpoint,
          fromRequestPort: false))
    }
  }

  /// The numbers of the DATA blocks sent.
  var blocks: [UInt16] {
    sent.filter { $0.bytes[1] == 3 }.map { UInt16($0.bytes[2]) << 8 | UInt16($0.bytes[3]) }
  }

  /// The code of the ERROR that was sent, if it was the only packet.
  var errorCode: UInt8? { sent.count == 1 && sent[0].bytes[1] == 5 ? sent[0].bytes[3] : nil }

  /// The options of the OACK that was sent, if it was the only packet.
  var acknowledged: TFTPOptionValues? {
    guard sent.count == 1 else { return nil }
    let bytes = sent[0].bytes
    guard let packet = try? TFTPPacket(checking: bytes.rawSpan) else { return nil }
    switch packet {
    case .optionAcknowledgement(let options): return TFTPOptionValues(options)
    default: return nil
    }
  }

  /// Fetches the whole file as a client without loss; what it got.
  mutating func fetch(_ name: String, _ options: TFTPOptionValues = TFTPOptionValues()) -> [UInt8] {
    request(name, options)
    let blockSize = Int(acknowledged?.blockSize ?? 512)
    if acknowledged != nil { acknowledge(0) }
    var content: [UInt8] = []
    while let last = sent.last {
      for block in sent { content += block.bytes[4...] }
      let isEnd = last.bytes.count - 4 < blockSize
      acknowledge(UInt16(last.bytes[2]) << 8 | UInt16(last.bytes[3]))
      if isEnd { break }
    }
    return content
  }
}
