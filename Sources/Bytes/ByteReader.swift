/// Reads network-order fields from borrowed bytes, front to back.
///
/// No input traps: a field that does not fit throws ``Malformed``. The reader cannot outlive
/// the bytes that it borrows, and copies none of them.
@frozen
package struct ByteReader: ~Escapable {
  /// The bytes being read, all of them.
  package let bytes: RawSpan
  @usableFromInline var consumed: Int
  /// Where `bytes` begins in the packet, so that errors name offsets of the packet.
  package let base: Int

  /// - Parameter base: Where `bytes` begins in the packet; it only moves the offsets of errors.
  @_lifetime(copy bytes)
  @inlinable
  package init(_ bytes: RawSpan, base: Int = 0) {
    self.bytes = bytes
    self.consumed = 0
    self.base = base
  }

  /// Bytes consumed so far.
  @inlinable
  package var offset: Int { consumed }

  /// Bytes left to read.
  @inlinable
  package var remaining: Int { bytes.byteCount - offset }

  /// Where the next field begins in the packet.
  @inlinable
  package var position: Int { base + offset }

  /// The next integer, in network order.
  @inlinable
  package mutating func read<Field: FixedWidthInteger & BitwiseCopyable>(
    _: Field.Type = Field.self
  ) throws(Malformed) -> Field {
    let start = try advance(by: MemoryLayout<Field>.size)
    return unsafe Field(
      bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start, as: Field.self))
  }

  /// The next `count` bytes, still borrowed.
  @_lifetime(copy self)
  @inlinable
  package mutating func read(count: Int) throws(Malformed) -> RawSpan {
    let start = try advance(by: count)
    return bytes.extracting(start..<start + count)
  }

  /// All bytes that are left, still borrowed.
  @_lifetime(copy self)
  @inlinable
  package mutating func readRemainder() -> RawSpan {
    let start = offset
    consumed = bytes.byteCount
    return bytes.extracting(start..<bytes.byteCount)
  }

  @inlinable
  package mutating func skip(_ count: Int) throws(Malformed) {
    _ = try advance(by: count)
  }

  @inlinable
  mutating func advance(by count: Int) throws(Malformed) -> Int {
    guard count >= 0, count <= remaining else { throw Malformed(.truncated, at: position) }
    defer { consumed += count }
    return consumed
  }
}
