import Bytes

/// DNS messages on a stream: each after its length in two octets (RFC 1035 §4.2.2).
package enum DNSFrame {
  package static let prefixCount = 2

  /// The octets that the first frame takes; nil until it is there whole.
  package static func count(_ bytes: RawSpan) -> Int? {
    guard bytes.byteCount >= prefixCount else { return nil }
    let count = prefixCount + Int(bytes.octet(at: 0)) << 8 + Int(bytes.octet(at: 1))
    return bytes.byteCount >= count ? count : nil
  }

  /// The message of a frame.
  @_lifetime(copy bytes)
  package static func message(_ bytes: RawSpan, count: Int) -> RawSpan {
    bytes.extracting(prefixCount..<count)
  }
}
