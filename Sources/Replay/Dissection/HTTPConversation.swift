import Network
import Wire

/// Reads the requests and responses of one connection.
struct HTTPConversation {
  let frames: [Frame]
  /// Of each frame.
  let times: [Instant]
  let headLimit: Int
  private(set) var exchanges: [RecordedExchange] = []
  /// Why no more could be read; empty when all was.
  private(set) var complaints: [String] = []
  /// Where frames hold heads and the lines of chunks.
  private(set) var heads: [Place] = []
  /// What of these is a token or a credential.
  private(set) var secrets: [Place] = []

  init(frames: [Frame], times: [Instant], headLimit: Int) {
    self.frames = frames
    self.times = times
    self.headLimit = headLimit
  }

  mutating func readRequests(_ stream: RecordedStream, _ budget: inout Int) {
    var reader = StreamReader(stream)
    while true {
      let before = reader.index
      reader.skipEmptyLines()
      let start = reader.index
      if reader.isAtEnd { return }
      guard let end = reader.headEnd(longest: headLimit) else {
        return complain("a request's head has no end", stream, at: start)
      }
      let head = RecordedHead(Array(stream.octets[start..<end]))
      guard let request = head.request else {
        return complain("this is no request of HTTP/1", stream, at: start)
      }
      reader.advance(to: end)
      let body: RecordedBody
      switch head.length {
      case .unsaid: body = RecordedBody(byteCount: nil)
      case .counted(let count):
        body = RecordedBody(counted: count, &reader, frames, &budget)
      case .chunked: body = RecordedBody(chunked: &reader, frames, &budget)
      case .invalid: return complain("a request has no valid length", stream, at: start)
      }
      let last = max(end, reader.index) - 1
      keep(before..<end, of: stream)
      for line in body.lines { heads += stream.equalPlaces(of: line, frames) }
      exchanges.append(
        RecordedExchange(
          frame: frames[stream.frame(at: end - 1)].number, time: times[stream.frame(at: last)],
          head: head.octets, method: request.method, target: request.target, body: body.octets,
          bodyPieces: body.pieces))
      if !body.isWhole { complain("a request's body is not whole", stream, at: last) }
      guard body.hasEnd else { return }
      // What follows is another protocol's (RFC 9110 §9.3.6).
      if request.method == "CONNECT" { return complain("a tunnel follows", stream, at: last) }
    }
  }

  mutating func readResponses(_ stream: RecordedStream, _ budget: inout Int) {
    var reader = StreamReader(stream)
    var index = 0
    while !reader.isAtEnd {
      let start = reader.index
      guard let end = reader.headEnd(longest: headLimit) else {
        return complain("a response's head has no end", stream, at: start)
      }
      let head = RecordedHead(Array(stream.octets[start..<end]))
      guard let status = head.status else {
        return complain("this is no response of HTTP/1", stream, at: start)
      }
      reader.advance(to: end)
      if status == 101 { return complain("another protocol follows", stream, at: start) }
      guard index < exchanges.count else {
        return complain("a response answers no request", stream, at: start)
      }
      keep(start..<end, of: stream)
      if status < 200 { continue }
      guard let body = body(of: head, status, exchanges[index].method, &reader, &budget) else {
        return complain("a response has no valid length", stream, at: start)
      }
      let last = max(end, reader.index) - 1
      exchanges[index].response = RecordedResponse(
        status: status, head: head.octets, content: body.content,
        finished: times[stream.frame(at: last)], pieces: body.pieces)
      index += 1
      for line in body.lines { heads += stream.equalPlaces(of: line, frames) }
      if !body.isWhole { complain("a response's body is not whole", stream, at: last) }
      guard body.hasEnd else { return }
    }
  }

  /// Keeps a head where frames hold it, and notes what of it is secret.
  private mutating func keep(_ range: Range<Int>, of stream: RecordedStream) {
    heads += stream.equalPlaces(of: range, frames)
    for secret in TokenMask.ranges(inHead: Array(stream.octets[range])) {
      let start = range.lowerBound + secret.lowerBound
      secrets += stream.equalPlaces(of: start..<start + secret.count, frames)
    }
  }

  private func body(
    of head: RecordedHead, _ status: Int, _ method: String, _ reader: inout StreamReader,
    _ budget: inout Int
  ) -> RecordedBody? {
    if method == "HEAD" || status == 204 || status == 304 {
      guard case .counted(let count) = head.length else { return RecordedBody(byteCount: nil) }
      return RecordedBody(byteCount: count)
    }
    switch head.length {
    case .unsaid: return RecordedBody(untilClose: &reader, frames, &budget)
    case .counted(let count): return RecordedBody(counted: count, &reader, frames, &budget)
    case .chunked: return RecordedBody(chunked: &reader, frames, &budget)
    case .invalid: return nil
    }
  }

  private mutating func complain(_ text: String, _ stream: RecordedStream, at index: Int) {
    guard complaints.count < 8 else { return }
    let frame = stream.octets.isEmpty ? 0 : stream.frame(at: min(index, stream.octets.count - 1))
    complaints.append("packet \(frames[frame].number): \(text)")
  }
}
