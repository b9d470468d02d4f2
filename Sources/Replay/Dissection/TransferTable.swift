import Bytes
import Network
import Wire

/// The TFTP transfers of a capture, told apart by the client's port and the server's address.
struct TransferTable {
  private struct Key: Hashable {
    var client: Endpoint
    var server: IPv4Address
  }

  private var assemblies: [TransferAssembly] = []
  /// The latest of each key: a client may use its port again, as the Raspberry Pi 3's ROM does.
  private var latest: [Key: Int] = [:]
  private var budget: Int
  private let limit: Int
  private let isTracing: Bool
  /// What packets hold that is no file; gathered only for a trace.
  private(set) var heads: [Place] = []
  /// What of these is a token.
  private(set) var secrets: [Place] = []

  static let requestPort: UInt16 = 69

  init(_ limits: DissectionLimits, isTracing: Bool) {
    self.isTracing = isTracing
    budget = limits.contentByteCount
    limit = limits.transfers
  }

  /// Bytes that are left for other contents.
  var remainingBudget: Int { budget }

  /// Takes a datagram that belongs to a transfer or begins one; false when it does neither.
  mutating func take(
    _ datagram: RecordedDatagram, _ places: [Place], frames: [Frame], remarks: inout Remarks
  ) -> Bool {
    if datagram.destination.port == Self.requestPort, isRequest(datagram.payload) {
      guard begin(datagram, &remarks) else { return false }
      traceHead(datagram.payload, places)
      return true
    }
    let fromServer = Key(client: datagram.destination, server: datagram.source.address)
    if let index = latest[fromServer] ?? adopt(fromServer) {
      receive(datagram, places, for: index, frames)
      return true
    }
    let fromClient = Key(client: datagram.source, server: datagram.destination.address)
    guard let index = latest[fromClient] else { return false }
    assemblies[index].receiveFromClient(datagram)
    if datagram.payload.prefix(2) != [0, 3] { traceHead(datagram.payload, places) }
    return true
  }

  func finished(_ remarks: inout Remarks) -> [RecordedTransfer] {
    assemblies.map { $0.finished(&remarks) }
  }

  private func isRequest(_ payload: [UInt8]) -> Bool {
    payload.count >= 2 && payload[0] == 0 && (payload[1] == 1 || payload[1] == 2)
  }

  private mutating func begin(_ request: RecordedDatagram, _ remarks: inout Remarks) -> Bool {
    let key = Key(client: request.source, server: request.destination.address)
    if let index = latest[key], assemblies[index].isRepeated(by: request) {
      assemblies[index].repeated(by: request)
      return true
    }
    let payload = request.payload
    do throws(Malformed) {
      switch try TFTPPacket(checking: payload.rawSpan) {
      case .readRequest(let read):
        guard assemblies.count < limit else {
          remarks.add(.limit, "the file asked for in packet \(request.frame) is one too many")
          return false
        }
        latest[key] = assemblies.count
        assemblies.append(
          TransferAssembly(
            request, name: read.name.octets(), asked: TFTPOptionValues(read.options)))
        return true
      case .writeRequest:
        // Its packets must not count as those of an earlier transfer from the same port.
        latest[key] = nil
        remarks.add(.transfer, "packet \(request.frame) asks to write a file")
      case .data, .acknowledgement, .error, .optionAcknowledgement: break
      }
    } catch {
      remarks.add(.transfer, "packet \(request.frame) is no TFTP request: \(error)")
    }
    return false
  }

  /// The transfer that was asked of everybody, now that somebody answers.
  private mutating func adopt(_ key: Key) -> Int? {
    let asked = Key(client: key.client, server: .broadcast)
    guard let index = latest.removeValue(forKey: asked) else { return nil }
    latest[key] = index
    return index
  }

  private mutating func receive(
    _ datagram: RecordedDatagram, _ places: [Place], for index: Int, _ frames: [Frame]
  ) {
    let segments = assemblies[index].segments(of: datagram.payload)
    guard segments.count > 1 else {
      traceHead(datagram.payload, places)
      return assemblies[index].receiveFromServer(
        datagram, places: places, frames: frames, budget: &budget)
    }
    for segment in segments {
      let part = RecordedDatagram(
        frame: datagram.frame, time: datagram.time, sourceHardware: datagram.sourceHardware,
        destinationHardware: datagram.destinationHardware, source: datagram.source,
        destination: datagram.destination, payload: Array(datagram.payload[segment]))
      let own = places.compactMap { place in
        place.clamped(to: segment).map { place in
          Place(
            start: place.start - segment.lowerBound, count: place.count, frame: place.frame,
            offset: place.offset)
        }
      }
      traceHead(part.payload, own)
      assemblies[index].receiveFromServer(part, places: own, frames: frames, budget: &budget)
    }
  }

  /// All of a packet that is one, but for the bytes that DATA brings.
  private mutating func traceHead(_ payload: [UInt8], _ places: [Place]) {
    guard isTracing, let packet = try? TFTPPacket(checking: payload.rawSpan) else { return }
    let count: Int
    switch packet {
    case .data, .acknowledgement: count = 4
    case .readRequest, .writeRequest, .error, .optionAcknowledgement: count = payload.count
    }
    heads += places.compactMap { $0.clamped(to: 0..<count) }
    for range in TokenMask.ranges(in: Array(payload.prefix(count))) {
      secrets += places.compactMap { $0.clamped(to: range) }
    }
  }
}
