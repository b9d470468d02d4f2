import Bytes

extension HTTPRequestHead {
  /// What the fields of a head say, gathered in one pass; fields that we do not know are only
  /// checked for their form.
  struct Fields {
    private(set) var contentLength: UInt64?
    private(set) var connection = (close: false, keepAlive: false)
    private(set) var expectsContinue = false
    private(set) var range = Part()
    private(set) var ifRange = Part()
    private(set) var ifNoneMatch = Part()
    private(set) var ifModifiedSince = Part()
    private(set) var userAgent = Part()
    private var hasHost = false
    private var transferCoding = TransferCoding.none

    private enum TransferCoding {
      case none
      case chunked
      case odd
    }

    /// Takes one field line (RFC 9112 §5). A line that begins with a blank would continue the one
    /// before it (obs-fold); it fails here as a name that is no token.
    mutating func take(_ line: Part, of bytes: RawSpan) throws(HTTPRefusal) {
      let text = bytes.extracting(line.start..<line.end)
      guard let colon = text.firstIndex(of: 0x3a),
        HTTPToken.isToken(text.extracting(0..<colon))
      else { throw HTTPRefusal(.badRequest, .invalid("field name"), at: line.start) }
      var value = Part(start: line.start + colon + 1, end: line.end)
      while value.start < value.end, Self.isBlank(bytes.octet(at: value.start)) {
        value.start += 1
      }
      while value.end > value.start, Self.isBlank(bytes.octet(at: value.end - 1)) {
        value.end -= 1
      }
      for index in value.start..<value.end {
        let octet = bytes.octet(at: index)
        guard octet >= 0x20 && octet != 0x7f || octet == 0x09 else {
          throw HTTPRefusal(.badRequest, .invalid("field value"), at: index)
        }
      }
      try keep(text.extracting(0..<colon), value, bytes.extracting(value.start..<value.end))
    }

    private mutating func keep(
      _ name: RawSpan, _ part: Part, _ value: RawSpan
    ) throws(HTTPRefusal) {
      // The length comes first, so that fields of no interest cost one comparison.
      switch name.byteCount {
      case 4 where name.equalsIgnoringCase("host"): try takeHost(value, at: part.start)
      case 5 where name.equalsIgnoringCase("range"): try keepOnce(&range, part)
      case 6 where name.equalsIgnoringCase("expect"):
        guard value.equalsIgnoringCase("100-continue") else {
          throw HTTPRefusal(.expectationFailed, .unsupported("Expect"), at: part.start)
        }
        expectsContinue = true
      case 8 where name.equalsIgnoringCase("if-range"): try keepOnce(&ifRange, part)
      case 10 where name.equalsIgnoringCase("connection"): takeConnection(value)
      case 10 where name.equalsIgnoringCase("user-agent"):
        if userAgent.isEmpty { userAgent = part }
      case 13 where name.equalsIgnoringCase("if-none-match"): try keepOnce(&ifNoneMatch, part)
      case 14 where name.equalsIgnoringCase("content-length"):
        try takeContentLength(value, at: part.start)
      case 17 where name.equalsIgnoringCase("if-modified-since"):
        try keepOnce(&ifModifiedSince, part)
      case 17 where name.equalsIgnoringCase("transfer-encoding"):
        transferCoding =
          transferCoding == .none && value.equalsIgnoringCase("chunked") ? .chunked : .odd
      default: break
      }
    }

    /// What only the whole head shows: RFC 9112 §3.2 for Host, §6.1 for the body's length.
    func check(minorVersion: Int, at end: Int) throws(HTTPRefusal) {
      guard hasHost || minorVersion == 0 else {
        throw HTTPRefusal(.badRequest, .invalid("Host"), at: end)
      }
      switch transferCoding {
      case .none: return
      case .chunked where contentLength == nil && minorVersion >= 1:
        // No client that boots sends a body without its length.
        throw HTTPRefusal(.notImplemented, .unsupported("Transfer-Encoding"), at: end)
      case .chunked, .odd:
        throw HTTPRefusal(.badRequest, .invalid("Transfer-Encoding"), at: end)
      }
    }

    private mutating func takeHost(_ value: RawSpan, at offset: Int) throws(HTTPRefusal) {
      guard !hasHost, Self.isHost(value) else {
        throw HTTPRefusal(.badRequest, .invalid("Host"), at: offset)
      }
      hasHost = true
    }

    private mutating func takeContentLength(
      _ value: RawSpan, at offset: Int
    ) throws(HTTPRefusal) {
      guard contentLength == nil, let number = value.decimal else {
        throw HTTPRefusal(.badRequest, .invalid("Content-Length"), at: offset)
      }
      contentLength = number
    }

    private mutating func takeConnection(_ value: RawSpan) {
      var start = 0
      while start <= value.byteCount {
        let end = value.firstIndex(of: 0x2c, from: start) ?? value.byteCount
        let option = value.extracting(start..<end).trimmed
        if option.equalsIgnoringCase("close") { connection.close = true }
        if option.equalsIgnoringCase("keep-alive") { connection.keepAlive = true }
        start = end + 1
      }
    }

    private func keepOnce(_ kept: inout Part, _ part: Part) throws(HTTPRefusal) {
      guard kept.isEmpty else {
        throw HTTPRefusal(.badRequest, .invalid("repeated field"), at: part.start)
      }
      kept = part
    }

    /// A name or address with a port, or nothing; only its octets are checked, because nothing
    /// that is sent depends on it.
    private static func isHost(_ value: RawSpan) -> Bool {
      for index in 0..<value.byteCount {
        switch value.octet(at: index) {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: continue
        case 0x21, 0x24...0x2e, 0x3a, 0x3b, 0x3d, 0x5b, 0x5d, 0x5f, 0x7e: continue
        default: return false
        }
      }
      return true
    }

    private static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }
  }
}
