import Bytes

/// The lines of a head whose line ends are known to be CRLF.
struct HTTPLines: ~Escapable {
  private let bytes: RawSpan
  private var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  /// The first line that is not empty.
  mutating func nextRequestLine() throws(HTTPRefusal) -> HTTPRequestHead.Part {
    while let line = next() {
      if !line.isEmpty { return line }
    }
    throw HTTPRefusal(.badRequest, .truncated, at: bytes.byteCount)
  }

  /// The next field's line, or nil at the empty line that ends the head.
  mutating func nextField() throws(HTTPRefusal) -> HTTPRequestHead.Part? {
    guard let line = next() else {
      throw HTTPRefusal(.badRequest, .truncated, at: bytes.byteCount)
    }
    return line.isEmpty ? nil : line
  }

  private mutating func next() -> HTTPRequestHead.Part? {
    guard let end = bytes.firstIndex(of: 0x0a, from: offset), end > offset else { return nil }
    defer { offset = end + 1 }
    return HTTPRequestHead.Part(start: offset, end: end - 1)
  }
}
