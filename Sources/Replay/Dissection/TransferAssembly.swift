import Bytes
import Network
import Wire

/// One TFTP transfer while its packets are read.
///
/// It follows one port of the server's: the one that the client acknowledges, and until then the
/// first that answered. A request that came twice may be answered from two ports (RFC 1350 §4).
struct TransferAssembly {
  private(set) var transfer: RecordedTransfer
  /// Whether the client has acknowledged anything or broken off.
  private(set) var hasReacted = false
  private(set) var ending: RecordedTransfer.Ending?
  private var serverPort: UInt16?
  private var blockSize = 512
  /// The block that comes next, counted from 1 without roll-over.
  private var next = 1
  /// The last block, which is not full, once it is in its place.
  private var last: Int?
  /// Blocks that came before those that stand before them, by their places in `fromServer`.
  private var held: [Int: Int] = [:]
  private var octets: [UInt8] = []
  private var isOverLimit = false

  private static let acknowledgement: UInt8 = 4
  private static let error: UInt8 = 5

  init(
    _ request: RecordedDatagram, name: [UInt8], asked: TFTPOptionValues
  ) {
    transfer = RecordedTransfer(request: request, name: name, asked: asked)
  }

  /// Whether the same request from the same port asks for the same transfer again.
  ///
  /// Once the client has taken an answer it has no reason to, unless its machine was started anew:
  /// then some time has passed.
  func isRepeated(by request: RecordedDatagram) -> Bool {
    guard ending == nil, request.payload == transfer.request.payload else { return false }
    return !hasReacted || request.time - transfer.finished < .seconds(3)
  }

  mutating func repeated(by request: RecordedDatagram) { transfer.fromClient.append(request) }

  mutating func receiveFromClient(_ datagram: RecordedDatagram) {
    transfer.fromClient.append(datagram)
    let payload = datagram.payload
    guard payload.count >= 4, payload[0] == 0 else { return }
    let number = UInt16(payload[2]) << 8 | UInt16(payload[3])
    switch payload[1] {
    case Self.acknowledgement:
      if !hasReacted { choose(datagram.destination.port) }
      guard datagram.destination.port == serverPort else { return }
      hasReacted = true
      if ending == nil, let last, number == UInt16(truncatingIfNeeded: last) {
        ending = .completed
      }
    case Self.error:
      // An ERROR to another port refuses the second answer to a request that came twice.
      guard serverPort == nil || datagram.destination.port == serverPort else { return }
      hasReacted = true
      guard ending == nil else { return }
      let isProbe =
        transfer.granted != nil && transfer.asked.transferSize != nil && next == 1 && held.isEmpty
      ending = isProbe ? .probed : .aborted(code: number)
    default: break
    }
  }

  /// - Parameter places: Of the payload's bytes, counted from the payload's start.
  mutating func receiveFromServer(
    _ datagram: RecordedDatagram, places: [Place], frames: [Frame], budget: inout Int
  ) {
    if serverPort == nil { serverPort = datagram.source.port }
    transfer.fromServer.append(datagram)
    let index = transfer.fromServer.count - 1
    let block = absolute(datagram)
    if let block {
      let offset = (block - 1) * blockSize
      for place in places {
        guard let place = place.clamped(to: 4..<datagram.payload.count) else { continue }
        transfer.pieces.append(
          FramePiece(
            frame: frames[place.frame].number, offset: place.offset, count: place.count,
            contentOffset: offset + place.start - 4))
      }
    }
    follow(index, budget: &budget)
  }

  /// The whole number of a DATA packet's block: the one nearest to the one that comes next.
  private func absolute(_ datagram: RecordedDatagram) -> Int? {
    let payload = datagram.payload
    guard payload.count >= 4, payload[0] == 0, payload[1] == 3 else { return nil }
    let number = UInt16(payload[2]) << 8 | UInt16(payload[3])
    let block = next + Int(Int16(bitPattern: number &- UInt16(truncatingIfNeeded: next)))
    return block >= 1 ? block : nil
  }

  /// The client has answered to `port`: what came from another one was not for this transfer.
  private mutating func choose(_ port: UInt16) {
    guard port != serverPort,
      transfer.fromServer.contains(where: { $0.source.port == port })
    else { return }
    serverPort = port
    transfer.granted = nil
    blockSize = 512
    next = 1
    last = nil
    held = [:]
    octets = []
    ending = nil
    // The bytes were counted when they came first.
    var budget = Int.max
    for index in transfer.fromServer.indices { follow(index, budget: &budget) }
  }

  private mutating func follow(_ index: Int, budget: inout Int) {
    let datagram = transfer.fromServer[index]
    let payload = datagram.payload
    guard datagram.source.port == serverPort, payload.count >= 2, payload[0] == 0 else { return }
    if let block = absolute(datagram) { return take(block, index, budget: &budget) }
    guard ending == nil, let packet = try? TFTPPacket(checking: payload.rawSpan) else { return }
    switch packet {
    case .optionAcknowledgement(let options):
      guard transfer.granted == nil else { return }
      let values = TFTPOptionValues(options)
      transfer.granted = values
      if let size = values.blockSize { blockSize = Int(min(size, 65_464)) }
    case .error(let code, message: _): ending = .refused(code: code)
    case .readRequest, .writeRequest, .data, .acknowledgement: break
    }
  }

  private mutating func take(_ block: Int, _ index: Int, budget: inout Int) {
    guard last == nil, block >= next else { return }
    if block > next {
      if held[block] == nil { held[block] = index }
      return
    }
    var index: Int? = index
    while let here = index, last == nil {
      let payload = transfer.fromServer[here].payload
      let count = payload.count - 4
      if count < blockSize { last = next }
      if count <= budget, !isOverLimit {
        octets += payload[4...]
        budget -= count
      } else {
        isOverLimit = true
      }
      next += 1
      index = held.removeValue(forKey: next)
    }
  }

  /// What the packets come to.
  func finished(_ remarks: inout Remarks) -> RecordedTransfer {
    var transfer = transfer
    let tsize = transfer.asked.transferSize == nil ? nil : transfer.granted?.transferSize
    let known = tsize.flatMap { Int(exactly: $0) }
    let isAll = last != nil && !isOverLimit
    transfer.content = RecordedContent(octets: octets, byteCount: isAll ? octets.count : known)
    transfer.ending = ending ?? (transfer.fromServer.isEmpty ? .unanswered : .cut)
    let packet = transfer.request.frame
    if isOverLimit { remarks.add(.limit, "the file asked for in packet \(packet) is too long") }
    if last == nil, !held.isEmpty {
      remarks.add(
        .transfer, "block \(next) of the file asked for in packet \(packet) is missing")
    }
    return transfer
  }
}

extension TransferAssembly {
  /// The DATA packets that one datagram holds: a capture on the server may hold several in one,
  /// that the network card was yet to cut apart (UDP_SEGMENT).
  func segments(of payload: [UInt8]) -> [Range<Int>] {
    let size = blockSize + 4
    guard payload.count > size, payload[0] == 0, payload[1] == 3 else { return [0..<payload.count] }
    var segments: [Range<Int>] = []
    var number = UInt16(payload[2]) << 8 | UInt16(payload[3])
    for start in stride(from: 0, to: payload.count, by: size) {
      let end = min(start + size, payload.count)
      guard end - start >= 4, payload[start] == 0, payload[start + 1] == 3,
        UInt16(payload[start + 2]) << 8 | UInt16(payload[start + 3]) == number
      else { return [0..<payload.count] }
      segments.append(start..<end)
      number &+= 1
    }
    return segments
  }
}
