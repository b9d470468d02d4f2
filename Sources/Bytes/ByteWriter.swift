/// Appends network-order fields to bytes that it owns and whose memory it keeps.
///
/// A writer is cleared and used again, so that encoding a reply allocates nothing once the
/// writer has grown to the size of the largest.
///
/// One function a width, none generic: an unspecialized generic call across modules costs a hundred
/// nanoseconds a field.
@frozen
package struct ByteWriter: Sendable {
  @usableFromInline var storage: [UInt8]

  package init(reserving capacity: Int = 0) {
    storage = []
    storage.reserveCapacity(capacity)
  }

  @inlinable package var bytes: [UInt8] { storage }

  @inlinable package var count: Int { storage.count }

  @inlinable
  package mutating func write(_ octet: UInt8) { storage.append(octet) }

  @inlinable
  package mutating func write(_ field: UInt16) {
    storage.append(UInt8(truncatingIfNeeded: field >> 8))
    storage.append(UInt8(truncatingIfNeeded: field))
  }

  @inlinable
  package mutating func write(_ field: UInt32) {
    write(UInt16(truncatingIfNeeded: field >> 16))
    write(UInt16(truncatingIfNeeded: field))
  }

  @inlinable
  package mutating func write(_ field: UInt64) {
    write(UInt32(truncatingIfNeeded: field >> 32))
    write(UInt32(truncatingIfNeeded: field))
  }

  @inlinable
  package mutating func write(_ octets: some Sequence<UInt8>) {
    storage.append(contentsOf: octets)
  }

  package mutating func write(_ span: RawSpan) {
    unsafe span.withUnsafeBytes { unsafe storage.append(contentsOf: $0) }
  }

  /// The text's UTF-8, without an end mark.
  package mutating func write(_ text: String) {
    storage.append(contentsOf: text.utf8)
  }

  /// The text's UTF-8, copied at once: for heads that are written for every request.
  package mutating func write(literal text: StaticString) {
    text.withUTF8Buffer { unsafe storage.append(contentsOf: $0) }
  }

  package mutating func write(repeating octet: UInt8 = 0, count: Int) {
    guard count > 0 else { return }
    guard octet == 0, count <= Self.zeros.count else {
      return storage.append(contentsOf: repeatElement(octet, count: count))
    }
    storage.append(contentsOf: Self.zeros[..<count])
  }

  /// Copied as they lie: as a sequence they would cost a call for each where nothing is optimized.
  private static let zeros = [UInt8](repeating: 0, count: 512)

  /// Writes over an octet written before, such as a length that was not yet known.
  package mutating func replace(_ octet: UInt8, at index: Int) {
    storage[index] = octet
  }

  /// Writes over two octets written before, in network order.
  package mutating func replace(_ field: UInt16, at index: Int) {
    storage[index] = UInt8(truncatingIfNeeded: field >> 8)
    storage[index + 1] = UInt8(truncatingIfNeeded: field)
  }

  /// Forgets what follows the first `count` bytes; the memory is kept.
  package mutating func truncate(to count: Int) {
    storage.removeLast(storage.count - count)
  }

  /// Forgets everything written; the memory is kept.
  package mutating func clear() {
    storage.removeAll(keepingCapacity: true)
  }
}
