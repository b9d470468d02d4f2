import Bytes

/// The options after a request or in an OACK, read one after another (RFC 2347).
///
/// What is no pair of terminated texts ends the options without an error: firmware pads its
/// packets, and an option that cannot be read is one that is not granted.
package struct TFTPOptions: ~Escapable {
  private let bytes: RawSpan
  private var offset = 0
  private var count = 0

  /// Options read from one packet; the rest is ignored.
  package static let limit = 32

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  /// The next option, or nil after the last.
  @_lifetime(copy self)
  package mutating func next() -> TFTPOption? {
    guard count < Self.limit, let middle = bytes.firstIndex(of: 0, from: offset),
      middle > offset, let end = bytes.firstIndex(of: 0, from: middle + 1)
    else { return nil }
    let option = TFTPOption(
      name: bytes.extracting(offset..<middle), value: bytes.extracting(middle + 1..<end))
    offset = end + 1
    count += 1
    return option
  }
}

/// One option as it was sent. Its name is compared without regard to case (RFC 2347 §2).
package struct TFTPOption: ~Escapable {
  package let name: RawSpan
  package let value: RawSpan

  @_lifetime(copy name, copy value)
  init(name: RawSpan, value: RawSpan) {
    self.name = name
    self.value = value
  }
}
