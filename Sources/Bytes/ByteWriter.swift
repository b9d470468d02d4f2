/// Appends network-order fields to bytes that it owns and whose memory it keeps.
///
/// A writer is cleared and used again, so that encoding a reply allocates nothing once the
/// writer has grown to the size of the largest.
package struct ByteWriter: Sendable {
  package private(set) var bytes: [UInt8]

  package init(reserving capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  package var count: Int { bytes.count }

  package mutating func write<Field: FixedWidthInteger>(_ field: Field) {
    var shift = Field.bitWidth
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(truncatingIfNeeded: field >> Field(shift)))
    }
  }

  package mutating func write(_ octets: some Sequence<UInt8>) {
    bytes.append(contentsOf: octets)
  }

  package mutating func write(_ span: RawSpan) {
    for index in 0..<span.byteCount { bytes.append(span.octet(at: index)) }
  }

  /// The text's UTF-8, without an end mark.
  package mutating func write(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  package mutating func write(repeating octet: UInt8 = 0, count: Int) {
    guard count > 0 else { return }
    bytes.append(contentsOf: repeatElement(octet, count: count))
  }

  /// Writes over an octet written before, such as a length that was not yet known.
  package mutating func replace(_ octet: UInt8, at index: Int) {
    bytes[index] = octet
  }

  /// Writes over two octets written before, in network order.
  package mutating func replace(_ field: UInt16, at index: Int) {
    bytes[index] = UInt8(truncatingIfNeeded: field >> 8)
    bytes[index + 1] = UInt8(truncatingIfNeeded: field)
  }

  /// Forgets what follows the first `count` bytes; the memory is kept.
  package mutating func truncate(to count: Int) {
    bytes.removeLast(bytes.count - count)
  }

  /// Forgets everything written; the memory is kept.
  package mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
  }
}
