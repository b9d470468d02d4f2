import Bytes

/// The head of an HTTP/1.0 or 1.1 request read in place (RFC 9112): it lives for one call and
/// copies nothing.
package struct HTTPRequestHead: ~Escapable {
  /// The whole head, its empty line included.
  private let bytes: RawSpan
  package let method: HTTPMethod
  /// The version's second digit: 0 or 1; what is higher counts as 1 (RFC 9110 §2.5).
  package let minorVersion: Int
  private let pathPart: Part
  private let queryPart: Part
  private let fields: Fields

  /// Whether the connection stays open after the response (RFC 9112 §9.3).
  package var keepsAlive: Bool {
    fields.connection.close ? false : minorVersion >= 1 || fields.connection.keepAlive
  }
  /// Bytes of the body that follows: 0 without the field.
  package var contentLength: UInt64 { fields.contentLength ?? 0 }
  package var hasContentLength: Bool { fields.contentLength != nil }
  /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
  package var expectsContinue: Bool { fields.expectsContinue && minorVersion >= 1 }

  /// The path as it was sent, percent-encoded, without the query. It begins with a slash or is
  /// empty, or it is `*`.
  package var path: RawSpan {
    @_lifetime(copy self) get { span(pathPart) }
  }
  /// What follows the first question mark, percent-encoded; empty without one.
  package var query: RawSpan {
    @_lifetime(copy self) get { span(queryPart) }
  }

  /// The values of the fields that choose what is sent; empty where a field was not sent.
  package var range: RawSpan {
    @_lifetime(copy self) get { span(fields.range) }
  }
  package var ifRange: RawSpan {
    @_lifetime(copy self) get { span(fields.ifRange) }
  }
  package var ifNoneMatch: RawSpan {
    @_lifetime(copy self) get { span(fields.ifNoneMatch) }
  }
  package var ifModifiedSince: RawSpan {
    @_lifetime(copy self) get { span(fields.ifModifiedSince) }
  }
  /// What the client says it is, as in `iPXE/1.21.1` and `UefiHttpBoot/1.0`.
  package var userAgent: RawSpan {
    @_lifetime(copy self) get { span(fields.userAgent) }
  }

  /// Checks a head whose end an ``HTTPHeadScanner`` has found.
  @_lifetime(copy bytes)
  package init(checking bytes: RawSpan, limits: HTTPLimits) throws(HTTPRefusal) {
    var lines = HTTPLines(bytes)
    let first = try lines.nextRequestLine()
    let requestLine = try HTTPRequestLine(bytes, first, limits: limits)
    var fields = Fields()
    var count = 0
    while let line = try lines.nextField() {
      count += 1
      guard count <= limits.fieldCount else {
        throw HTTPRefusal(.headTooLarge, .excessive("fields"), at: line.start)
      }
      try fields.take(line, of: bytes)
    }
    try fields.check(minorVersion: requestLine.minorVersion, at: bytes.byteCount)
    self.bytes = bytes
    method = requestLine.method
    minorVersion = requestLine.minorVersion
    pathPart = requestLine.path
    queryPart = requestLine.query
    self.fields = fields
  }

  /// The values of every field of this name, in their order; `name` is in lower case.
  package func values(of name: StaticString) -> [[UInt8]] {
    var lines = HTTPLines(bytes)
    var values: [[UInt8]] = []
    // What was read once without a refusal is read so again.
    do throws(HTTPRefusal) {
      _ = try lines.nextRequestLine()
      while let line = try lines.nextField() {
        let text = bytes.extracting(line.start..<line.end)
        guard let colon = text.firstIndex(of: 0x3a),
          text.extracting(0..<colon).equalsIgnoringCase(name)
        else { continue }
        values.append(text.extracting((colon + 1)...).trimmed.octets())
      }
    } catch { return values }
    return values
  }

  @_lifetime(copy self)
  private func span(_ part: Part) -> RawSpan { bytes.extracting(part.start..<part.end) }

  /// Where a value lies in the head.
  struct Part: Equatable {
    var start = 0
    var end = 0
    var isEmpty: Bool { start == end }
  }
}

/// The methods that anything here answers to; of the others only that they are tokens matters.
package enum HTTPMethod: Equatable, Sendable {
  case get
  case head
  case post
  case put
  case delete
  case other
}
