import Bytes

/// Finds where a request's head ends while its bytes arrive, looking at each byte once.
///
/// A value of one connection: after a head it is made anew for the next request.
package struct HTTPHeadScanner: Equatable, Sendable {
  /// Bytes looked at so far, counted from the start of the head.
  private var scanned = 0
  /// Where the line that is being read begins.
  private var lineStart = 0
  /// Whether the request line has ended.
  private var hasRequestLine = false

  package init() {}

  /// Looks at `bytes`, which begin with all that earlier calls were given. Gives the length of the
  /// head with its empty line, or nil when more bytes must come.
  ///
  /// Empty lines before a request belong to its head (RFC 9112 §2.2: a client may have sent one
  /// after a body). Line ends other than CRLF and NULs are refused, because proxies and servers
  /// have disagreed about them before (request smuggling).
  package mutating func scan(
    _ bytes: RawSpan, limits: HTTPLimits
  ) throws(HTTPRefusal) -> Int? {
    let end = min(bytes.byteCount, limits.headByteCount)
    while scanned < end {
      let octet = bytes.octet(at: scanned)
      if octet == 0x0a {
        guard scanned > lineStart, bytes.octet(at: scanned - 1) == 0x0d else {
          throw HTTPRefusal(.badRequest, .invalid("line end"), at: scanned)
        }
        if scanned == lineStart + 1 {
          if hasRequestLine { return scanned + 1 }
          guard lineStart < 4 else {
            throw HTTPRefusal(.badRequest, .excessive("empty lines"), at: scanned)
          }
        } else {
          hasRequestLine = true
        }
        lineStart = scanned + 1
      } else {
        if scanned > lineStart, bytes.octet(at: scanned - 1) == 0x0d {
          throw HTTPRefusal(.badRequest, .invalid("line end"), at: scanned)
        }
        if octet == 0 { throw HTTPRefusal(.badRequest, .invalid("NUL"), at: scanned) }
      }
      scanned += 1
    }
    // The line holds a method and a version beside its target: 32 bytes are enough for both.
    if !hasRequestLine, scanned - lineStart > limits.targetByteCount + 32 {
      throw HTTPRefusal(.targetTooLong, .excessive("request line"), at: lineStart)
    }
    if scanned >= limits.headByteCount {
      throw HTTPRefusal(.headTooLarge, .excessive("head"), at: scanned)
    }
    return nil
  }
}
