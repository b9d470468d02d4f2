import Bytes

/// A request to read or write one file: its name, its mode, and what else the client asks for.
package struct TFTPRequest: ~Escapable {
  /// The file's name as it was sent, unchecked: a path in any encoding, with slashes of any kind.
  package let name: RawSpan
  package let mode: TFTPMode
  package let options: TFTPOptions

  /// The longest name that is read. RFC 2347 §2 bounds the whole request to 512 bytes.
  package static let nameLimit = 512

  @_lifetime(copy reader)
  init(reading reader: inout ByteReader) throws(Malformed) {
    name = try reader.readTerminated(atMost: Self.nameLimit, "file name")
    let start = reader.position
    let mode = try reader.readTerminated(atMost: 16, "mode")
    if mode.equalsIgnoringCase("octet") {
      self.mode = .octet
    } else if mode.equalsIgnoringCase("netascii") {
      self.mode = .netASCII
    } else if mode.equalsIgnoringCase("mail") {
      self.mode = .mail
    } else {
      throw Malformed(.invalid("mode"), at: start)
    }
    options = TFTPOptions(reader.readRemainder())
  }
}

/// How the client wants the file's lines to end (RFC 1350 §1); its letters come in any case.
package enum TFTPMode: Sendable {
  case octet
  case netASCII
  /// To a user instead of a file: obsolete already in RFC 1350.
  case mail
}

extension ByteReader {
  /// The text up to the next NUL, which is consumed too.
  @_lifetime(copy self)
  mutating func readTerminated(
    atMost limit: Int, _ field: StaticString
  ) throws(Malformed) -> RawSpan {
    guard let end = bytes.firstIndex(of: 0, from: offset) else {
      throw Malformed(.truncated, at: position)
    }
    guard end - offset <= limit else { throw Malformed(.excessive(field), at: position) }
    let text = try read(count: end - offset)
    try skip(1)
    return text
  }
}
