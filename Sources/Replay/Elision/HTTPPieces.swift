/// The messages of one direction of an HTTP connection, as ranges of its stream.
struct HTTPPieces: Sendable {
  let messages: [Message]

  /// A head and the body behind it.
  struct Message: Sendable {
    let head: HTTPHeadText
    /// From the head's first octet to the message's last.
    let range: Range<Int>
    /// The body's octets; the lines of a chunked body's chunks are not among them.
    let body: [Range<Int>]
    /// How long the body is; nil where it goes on to the stream's end, which was not recorded.
    let byteCount: Int?
  }

  /// Reads messages until something is none, or a gap in a head hides where the next begins.
  ///
  /// - Parameter methods: Those of the requests that responses answer, in order; nil in requests.
  init(
    _ stream: StreamPieces, answering methods: [ArraySlice<UInt8>]?,
    _ read: @escaping ([Piece]) -> [UInt8]
  ) {
    let reader = Reader(stream: stream, read: read)
    var messages: [Message] = []
    var methods = methods.map { $0[...] }
    var position = stream.start
    while let head = reader.head(at: position) {
      guard methods == nil ? head.isRequest : head.isResponse else { break }
      let isInterim = head.status.map { (100..<200).contains($0) } == true
      let method = isInterim ? nil : methods?.popFirst()
      guard let message = reader.message(head, at: position, answering: method, methods == nil)
      else { break }
      messages.append(message)
      position = message.range.upperBound
    }
    self.messages = messages
  }
}

private struct Reader {
  let stream: StreamPieces
  let read: ([Piece]) -> [UInt8]

  /// The longest line that begins a chunk.
  private static let chunkLine = 256

  func head(at position: Int) -> HTTPHeadText? {
    // Nearly all heads are short, and what follows one may be long.
    for limit in [2048, HTTPHeadText.longest] {
      let octets = read(stream.contiguous(from: position, limit: limit))
      if let head = HTTPHeadText(octets) { return head }
      guard octets.count == limit else { return nil }
    }
    return nil
  }

  /// Nil where the body's lengths cannot be read.
  func message(
    _ head: HTTPHeadText, at position: Int, answering method: ArraySlice<UInt8>?,
    _ isRequest: Bool
  ) -> HTTPPieces.Message? {
    let start = position + head.count
    if !isRequest, hasNoBody(head, answering: method) {
      return HTTPPieces.Message(head: head, range: position..<start, body: [], byteCount: 0)
    }
    if head.isChunked { return chunked(head, from: position, start) }
    if let count = head.contentLength ?? (isRequest ? 0 : nil) {
      return HTTPPieces.Message(
        head: head, range: position..<start + count, body: [start..<start + count],
        byteCount: count)
    }
    // A body without a length ends with the connection (RFC 9112 §6.3).
    let end = max(start, stream.finish ?? stream.end)
    return HTTPPieces.Message(
      head: head, range: position..<end, body: [start..<end],
      byteCount: stream.finish == nil ? nil : end - start)
  }

  private func hasNoBody(_ head: HTTPHeadText, answering method: ArraySlice<UInt8>?) -> Bool {
    guard let status = head.status else { return true }
    return method?.elementsEqual("HEAD".utf8) == true || status < 200 || status == 204
      || status == 304
  }

  private func chunked(
    _ head: HTTPHeadText, from first: Int, _ start: Int
  ) -> HTTPPieces.Message? {
    var position = start
    var body: [Range<Int>] = []
    var count = 0
    while let line = line(at: position) {
      position += line.count
      let digits = String(
        decoding: line.prefix { $0 != 0x3b && $0 != 0x0d && $0 != 0x0a && $0 != 0x20 },
        as: UTF8.self)
      guard let size = Int(digits, radix: 16), size >= 0, size < 1 << 40 else { return nil }
      if size == 0 { break }
      body.append(position..<position + size)
      count += size
      position += size + 2
    }
    // The trailer, up to its empty line.
    while let line = line(at: position) {
      position += line.count
      if line.count <= 2 { break }
    }
    return HTTPPieces.Message(
      head: head, range: first..<position, body: body, byteCount: count)
  }

  private func line(at position: Int) -> [UInt8]? {
    let octets = read(stream.contiguous(from: position, limit: Self.chunkLine))
    return octets.firstIndex(of: 0x0a).map { Array(octets[...$0]) }
  }
}
