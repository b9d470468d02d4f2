import Bytes

/// The one's complement sum of IPv4, UDP and others (RFC 1071).
package struct InternetChecksum: Sendable {
  private var sum: UInt64 = 0

  package init() {}

  /// Adds octets. Only the last ones added may be odd in number.
  package mutating func add(_ bytes: RawSpan) {
    var index = 0
    while index + 1 < bytes.byteCount {
      sum += UInt64(bytes.octet(at: index)) << 8 | UInt64(bytes.octet(at: index + 1))
      index += 2
    }
    if index < bytes.byteCount { sum += UInt64(bytes.octet(at: index)) << 8 }
  }

  package mutating func add(_ word: UInt16) { sum += UInt64(word) }

  package mutating func add(_ word: UInt32) {
    sum += UInt64(word >> 16) + UInt64(word & 0xffff)
  }

  /// What belongs in the packet's field. Over a packet that holds its checksum it is 0.
  package var value: UInt16 {
    var folded = sum
    while folded > 0xffff { folded = folded >> 16 + folded & 0xffff }
    return ~UInt16(truncatingIfNeeded: folded)
  }
}
