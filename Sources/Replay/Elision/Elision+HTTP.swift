import Bytes
import Network
import Wire

// HTTP over TCP.
extension Elision {
  mutating func takeSegment(_ packet: PacketPieces) throws(Malformed) {
    // A segment in fragments is never sent by those who find out the path's MTU.
    guard packet.pieces.count == 1, let piece = packet.pieces.first else { return }
    let head = octets(of: packet.pieces.part(from: 0, count: 20))
    var reader = ByteReader(head.rawSpan)
    let source = Endpoint(packet.source, try reader.read())
    let destination = Endpoint(packet.destination, try reader.read())
    let sequence: UInt32 = try reader.read()
    try reader.skip(4)
    let control: UInt16 = try reader.read()
    let headLength = Int(control >> 12) * 4
    guard headLength >= 20, headLength <= piece.count else { return }
    mask.mark(
      piece,
      checksum: ElisionMask.Place(
        frame: piece.frame, offset: piece.offset + 16, isOptional: false))
    mask.keep([piece.part(from: 0, count: headLength)])
    let payload = piece.part(from: headLength, count: piece.count - headLength)
    if source.port == 53 || destination.port == 53 {
      mask.keep([payload])
      return
    }
    let isOpening = control & 2 != 0
    let index = stream(
      StreamEnds(source: source, destination: destination), sequence, isOpening: isOpening)
    streams[index].take(
      payload, sequence: isOpening ? sequence &+ 1 : sequence, isFinal: control & 1 != 0)
  }

  private mutating func stream(
    _ ends: StreamEnds, _ sequence: UInt32, isOpening: Bool
  ) -> Int {
    if let index = streamByEnds[ends],
      !isOpening || streams[index].initial == sequence &+ 1
    {
      return index
    }
    let index = streams.count
    var stream = StreamPieces(
      to: ends.destination, sequence: sequence, isOpening: isOpening)
    let reversed = StreamEnds(source: ends.destination, destination: ends.source)
    if let peer = streamByEnds[reversed], streams[peer].peer == nil {
      stream.peer = peer
      streams[peer].peer = index
    }
    streamByEnds[ends] = index
    streams.append(stream)
    return index
  }

  /// Reads a connection, whichever of its streams holds the requests. Responses whose requests were
  /// not recorded are read by themselves.
  mutating func finish(_ index: Int) {
    let ends = [index, streams[index].peer].compactMap(\.self)
    let read = { [frames] (pieces: [Piece]) in
      pieces.flatMap { frames[$0.frame].octets[$0.offset..<$0.offset + $0.count] }
    }
    for end in ends {
      let requests = HTTPPieces(streams[end], answering: nil, read).messages
      guard !requests.isEmpty else { continue }
      let names = requests.map { Self.name(of: $0.head, to: streams[end].destination) }
      for (request, name) in zip(requests, names) {
        let method = request.head.words[0] + [0x20]
        finish(request, of: end, name: method + name, isResponse: false)
      }
      guard let peer = streams[end].peer else { return }
      finishResponses(
        HTTPPieces(streams[peer], answering: requests.map { $0.head.words[0] }, read).messages,
        of: peer, names)
      return
    }
    for end in ends {
      finishResponses(HTTPPieces(streams[end], answering: [], read).messages, of: end, [])
    }
  }

  private mutating func finishResponses(
    _ responses: [HTTPPieces.Message], of index: Int, _ names: [[UInt8]]
  ) {
    var names = names[...]
    for response in responses {
      // An interim response is not the one that was asked for.
      let isInterim = response.head.status.map { $0 < 200 } == true
      let name = isInterim ? [] : names.popFirst()
      finish(response, of: index, name: name ?? Array("http://?".utf8), isResponse: true)
    }
  }

  private mutating func finish(
    _ message: HTTPPieces.Message, of index: Int, name: [UInt8], isResponse: Bool
  ) {
    let parts = message.body.map { streams[index].pieces($0) }
    let body = octets(of: parts.flatMap(\.pieces))
    let isWhole = message.byteCount == body.count && parts.allSatisfy(\.isWhole)
    let isKept = isResponse && isWhole && BootText.matches(body)
    var position = message.range.lowerBound
    for part in isKept ? [] : message.body {
      streams[index].keep(position..<max(position, part.lowerBound))
      position = part.upperBound
    }
    streams[index].keep(position..<max(position, message.range.upperBound))
    guard !body.isEmpty else { return }
    files.append(
      ElidedFile(name: name, octets: body, byteCount: message.byteCount, isKept: isKept))
  }

  private static func name(of head: HTTPHeadText, to server: Endpoint) -> [UInt8] {
    let target = head.words[1]
    // Through a proxy the target is a whole URL.
    guard target.first == 0x2f else { return Array(target) }
    return Array("http://".utf8) + (head.host ?? Array("\(server)".utf8)[...]) + target
  }
}
