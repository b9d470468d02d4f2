import Bytes
import Wire

/// The head of a recorded message, as far as it says where the message ends (RFC 9112 §6.3).
struct RecordedHead {
  /// How long the body is.
  enum Length: Equatable {
    case unsaid
    case counted(Int)
    case chunked
    /// Lengths that contradict each other, or are no numbers.
    case invalid
  }

  let octets: [UInt8]
  /// Without its line end.
  let startLine: ArraySlice<UInt8>
  private(set) var length = Length.unsaid
  /// What the field of that name says.
  private(set) var host: [UInt8]?

  init(_ octets: [UInt8]) {
    self.octets = octets
    let bytes = octets.rawSpan
    var end = Self.lineEnd(bytes, from: 0)
    startLine = octets[..<end.text]
    while end.next < octets.count {
      let start = end.next
      end = Self.lineEnd(bytes, from: start)
      guard let colon = bytes.firstIndex(of: 0x3a, from: start), colon < end.text else { continue }
      read(bytes.extracting(start..<colon), bytes.extracting(colon + 1..<end.text).trimmed)
    }
  }

  private mutating func read(_ name: RawSpan, _ value: RawSpan) {
    if name.equalsIgnoringCase("transfer-encoding") {
      // A length beside it does not count (RFC 9112 §6.3).
      length = value.equalsIgnoringCase("chunked") ? .chunked : .invalid
    } else if name.equalsIgnoringCase("content-length"), length != .chunked {
      guard let number = value.decimal, let count = Int(exactly: number) else {
        length = .invalid
        return
      }
      length = length == .unsaid || length == .counted(count) ? .counted(count) : .invalid
    } else if name.equalsIgnoringCase("host") {
      host = value.octets()
    }
  }

  private static func lineEnd(_ bytes: RawSpan, from start: Int) -> (text: Int, next: Int) {
    guard let feed = bytes.firstIndex(of: 0x0a, from: start) else {
      return (bytes.byteCount, bytes.byteCount)
    }
    let hasReturn = feed > start && bytes.octet(at: feed - 1) == 0x0d
    return (hasReturn ? feed - 1 : feed, feed + 1)
  }
}

extension RecordedHead {
  /// Method and target; nil when the first line is no request of HTTP/1.
  var request: (method: String, target: String)? {
    guard let first = startLine.firstIndex(of: 0x20),
      let last = startLine.lastIndex(of: 0x20), first < last, first > startLine.startIndex,
      startLine[(last + 1)...].starts(with: "HTTP/1.".utf8)
    else { return nil }
    let method = startLine[..<first]
    guard method.count <= 32, method.allSatisfy(Self.isToken) else { return nil }
    return (
      String(decoding: method, as: UTF8.self),
      String(decoding: startLine[(first + 1)..<last], as: UTF8.self)
    )
  }

  /// nil when the first line is no status line of HTTP/1.
  var status: Int? {
    let line = Array(startLine.prefix(12))
    guard line.count == 12, line.starts(with: "HTTP/1.".utf8), line[8] == 0x20 else { return nil }
    var status = 0
    for digit in line[9...] {
      guard (0x30...0x39).contains(digit) else { return nil }
      status = status * 10 + Int(digit - 0x30)
    }
    return status >= 100 ? status : nil
  }

  /// RFC 9110 §5.6.2, as far as methods need it.
  static func isToken(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f, 0x2e, 0x21, 0x23...0x27, 0x2a, 0x2b:
      true
    default: false
    }
  }
}
