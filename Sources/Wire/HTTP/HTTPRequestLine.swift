import Bytes

/// The first line of a request: method, target and version with one space between
/// (RFC 9112 §3).
struct HTTPRequestLine {
  let method: HTTPMethod
  let path: HTTPRequestHead.Part
  let query: HTTPRequestHead.Part
  let minorVersion: Int

  init(
    _ bytes: RawSpan, _ line: HTTPRequestHead.Part, limits: HTTPLimits
  ) throws(HTTPRefusal) {
    let text = bytes.extracting(0..<line.end)
    guard let first = text.firstIndex(of: 0x20, from: line.start),
      let second = text.firstIndex(of: 0x20, from: first + 1)
    else { throw HTTPRefusal(.badRequest, .invalid("request line"), at: line.start) }
    method = try Self.method(bytes, line.start..<first)
    minorVersion = try Self.minorVersion(text.extracting((second + 1)...), at: second + 1)
    let target = first + 1..<second
    guard target.count <= limits.targetByteCount else {
      throw HTTPRefusal(.targetTooLong, .excessive("target"), at: target.lowerBound)
    }
    for index in target {
      // Octets above 126 are no URI, but nginx and lighttpd take them and GRUB sends them.
      guard bytes.octet(at: index) > 0x20, bytes.octet(at: index) != 0x7f else {
        throw HTTPRefusal(.badRequest, .invalid("target"), at: index)
      }
    }
    let start = try Self.pathStart(bytes, target, method)
    let whole = bytes.extracting(0..<second)
    let mark = whole.firstIndex(of: 0x3f, from: start)
    path = HTTPRequestHead.Part(start: start, end: mark ?? second)
    query = HTTPRequestHead.Part(start: mark.map { $0 + 1 } ?? second, end: second)
  }

  private static func method(
    _ bytes: RawSpan, _ range: Range<Int>
  ) throws(HTTPRefusal) -> HTTPMethod {
    let token = bytes.extracting(range)
    guard HTTPToken.isToken(token), token.byteCount <= 32 else {
      throw HTTPRefusal(.badRequest, .invalid("method"), at: range.lowerBound)
    }
    if token.equals("GET") { return .get }
    if token.equals("HEAD") { return .head }
    if token.equals("POST") { return .post }
    if token.equals("PUT") { return .put }
    return token.equals("DELETE") ? .delete : .other
  }

  private static func minorVersion(_ text: RawSpan, at offset: Int) throws(HTTPRefusal) -> Int {
    guard text.byteCount == 8, text.hasPrefix("HTTP/"), text.octet(at: 6) == 0x2e,
      (0x30...0x39).contains(text.octet(at: 5)), (0x30...0x39).contains(text.octet(at: 7))
    else { throw HTTPRefusal(.badRequest, .invalid("version"), at: offset) }
    guard text.octet(at: 5) == 0x31 else {
      throw HTTPRefusal(.versionNotSupported, .unsupported("version"), at: offset)
    }
    return text.octet(at: 7) == 0x30 ? 0 : 1
  }

  /// Where the path begins: after scheme and authority in the absolute form, which every server
  /// must take (RFC 9112 §3.2.2).
  private static func pathStart(
    _ bytes: RawSpan, _ target: Range<Int>, _ method: HTTPMethod
  ) throws(HTTPRefusal) -> Int {
    let text = bytes.extracting(target)
    if text.hasPrefix("/") { return target.lowerBound }
    // `*` belongs to OPTIONS and `host:port` to CONNECT; both are answered with 405.
    if method == .other { return target.lowerBound }
    let scheme = text.byteCount >= 7 ? text.extracting(0..<7) : text
    guard scheme.equalsIgnoringCase("http://") else {
      throw HTTPRefusal(.badRequest, .invalid("target"), at: target.lowerBound)
    }
    var index = 7
    while index < text.byteCount, text.octet(at: index) != 0x2f, text.octet(at: index) != 0x3f {
      index += 1
    }
    guard index > 7 else {
      throw HTTPRefusal(.badRequest, .invalid("authority"), at: target.lowerBound)
    }
    return target.lowerBound + index
  }
}

/// Tokens (RFC 9110 §5.6.2): methods, field names, connection options.
enum HTTPToken {
  static func isToken(_ text: RawSpan) -> Bool {
    guard text.byteCount > 0 else { return false }
    for index in 0..<text.byteCount {
      if !isTokenOctet(text.octet(at: index)) { return false }
    }
    return true
  }

  private static func isTokenOctet(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    case 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e...0x60, 0x7c, 0x7e: true
    default: false
    }
  }
}
