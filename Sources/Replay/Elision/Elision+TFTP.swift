import Bytes
import Network
import Wire

// TFTP, and the UDP that stays.
extension Elision {
  private static let wholePorts: Set<UInt16> = [53, 67, 68, 4011]
  private static let udpHead = 8
  /// More segments than one call of a server can hand to its network card.
  private static let mostSegments = 128

  mutating func takeDatagram(_ packet: PacketPieces) throws(Malformed) {
    let head = octets(of: packet.pieces.part(from: 0, count: Self.udpHead))
    var reader = ByteReader(head.rawSpan)
    let source = Endpoint(packet.source, try reader.read())
    let destination = Endpoint(packet.destination, try reader.read())
    let length = Int(try reader.read(UInt16.self))
    guard length >= Self.udpHead, length <= packet.pieces.octetCount,
      let first = packet.pieces.first
    else { return }
    for piece in packet.pieces {
      mask.mark(
        piece,
        checksum: ElisionMask.Place(
          frame: first.frame, offset: first.offset + 6, isOptional: true))
    }
    let payload = packet.pieces.part(from: Self.udpHead, count: length - Self.udpHead)
    if Self.wholePorts.contains(source.port) || Self.wholePorts.contains(destination.port) {
      mask.keep(payload)
    } else {
      takeTransfer(payload, from: source, to: destination)
    }
  }

  private mutating func takeTransfer(
    _ payload: [Piece], from source: Endpoint, to destination: Endpoint
  ) {
    let head = octets(of: payload.part(from: 0, count: 4))
    guard head.count == 4,
      let operation = TFTPOperation(rawValue: UInt16(head[0]) << 8 | UInt16(head[1]))
    else { return }
    let index = transferByClient[source] ?? transferByClient[destination]
    switch operation {
    case .readRequest, .writeRequest:
      guard destination.port == 69 else { return }
      mask.keep(payload)
      begin(octets(of: payload), from: source, to: destination.address)
    case .data:
      mask.keep(payload.part(from: 0, count: 4))
      if let index { takeBlocks(payload, of: index) }
    case .acknowledgement: mask.keep(payload.part(from: 0, count: 4))
    case .error, .optionAcknowledgement:
      guard let index else { return }
      mask.keep(payload)
      let answer = octets(of: payload)
      if case .optionAcknowledgement(let options)? = try? TFTPPacket(checking: answer.rawSpan),
        let size = TFTPOptionValues(options).blockSize
      {
        transfers[index].blockSize = Int(clamping: size)
      }
    }
  }

  private mutating func begin(_ octets: [UInt8], from client: Endpoint, to server: IPv4Address) {
    let name: [UInt8]
    let isWrite: Bool
    switch try? TFTPPacket(checking: octets.rawSpan) {
    case .readRequest(let request):
      name = request.name.octets()
      isWrite = false
    case .writeRequest(let request):
      name = request.name.octets()
      isWrite = true
    case _: return
    }
    if let index = transferByClient[client], transfers[index].name == name,
      !transfers[index].isDone
    {
      return
    }
    transferByClient[client] = transfers.count
    transfers.append(
      TransferPieces(client: client, server: server, name: name, isWrite: isWrite))
  }

  /// Takes one block, or the several of a window as a server hands them to a network card that
  /// takes them apart: what records on the server sees them as one long datagram.
  private mutating func takeBlocks(_ payload: [Piece], of index: Int) {
    let stride = max(transfers[index].blockSize, 8) + 4
    var rest = payload.octetCount
    var start = 0
    var segments = 0
    while rest >= 4, segments < Self.mostSegments {
      let count = min(stride, rest)
      let head = payload.part(from: start, count: 4)
      let field = octets(of: head)
      guard field[0] == 0, field[1] == 3 else { return }
      mask.keep(head)
      transfers[index].take(
        block: UInt16(field[2]) << 8 | UInt16(field[3]),
        payload.part(from: start + 4, count: count - 4))
      start += count
      rest -= count
      segments += 1
    }
  }

  mutating func finish(_ transfer: TransferPieces) {
    let (file, isWhole) = transfer.file { octets(of: $0) }
    let isKept = !transfer.isWrite && isWhole && BootText.matches(file)
    if isKept { mask.keep(transfer.copies { octets(of: $0) }) }
    let name = Array("\(transfer.isWrite ? "WRQ " : "")tftp://\(transfer.server)/".utf8)
    files.append(
      ElidedFile(
        name: name + transfer.name.drop { $0 == 0x2f }, octets: file,
        byteCount: isWhole ? file.count : nil, isKept: isKept))
  }
}
