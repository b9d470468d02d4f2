import Bytes
import Network

/// A strong validator made from a file's size and time of modification, written `"time-size"` in
/// hexadecimal as nginx writes it.
package struct HTTPEntityTag: Equatable, Sendable {
  package let modified: UnixTime
  package let size: UInt64

  package init(modified: UnixTime, size: UInt64) {
    self.modified = modified
    self.size = size
  }

  /// The nanoseconds too, so that a file written twice in one second has two tags.
  private var stamp: UInt64 { UInt64(bitPattern: modified.nanoseconds) }

  package func encode(into writer: inout ByteWriter) {
    writer.write(UInt8(0x22))
    writer.writeHexadecimal(stamp)
    writer.write(UInt8(0x2d))
    writer.writeHexadecimal(size)
    writer.write(UInt8(0x22))
  }

  /// Whether an If-None-Match field names this tag, or any (RFC 9110 §13.1.2): weak comparison.
  package func isListed(in value: RawSpan) -> Bool {
    if value.equals("*") { return true }
    var index = 0
    while index < value.byteCount {
      guard let opening = value.firstIndex(of: 0x22, from: index),
        let closing = value.firstIndex(of: 0x22, from: opening + 1)
      else { return false }
      if equals(value.extracting(opening + 1..<closing)) { return true }
      index = closing + 1
    }
    return false
  }

  /// Whether an If-Range field is this tag: strong comparison, so that `W/` never matches
  /// (RFC 9110 §13.1.5).
  package func isExactly(_ value: RawSpan) -> Bool {
    let count = value.byteCount
    guard count >= 2, value.octet(at: 0) == 0x22, value.octet(at: count - 1) == 0x22 else {
      return false
    }
    return equals(value.extracting(1..<count - 1))
  }

  private func equals(_ text: RawSpan) -> Bool {
    guard let dash = text.firstIndex(of: 0x2d) else { return false }
    return Self.isNumber(text.extracting(0..<dash), stamp)
      && Self.isNumber(text.extracting((dash + 1)...), size)
  }

  /// Whether `text` is `number` exactly as ``encode(into:)`` writes it.
  private static func isNumber(_ text: RawSpan, _ number: UInt64) -> Bool {
    guard (1...16).contains(text.byteCount) else { return false }
    guard text.byteCount == 1 || text.octet(at: 0) != 0x30 else { return false }
    var value: UInt64 = 0
    for index in 0..<text.byteCount {
      let octet = text.octet(at: index)
      guard !(0x41...0x46).contains(octet), let digit = Hexadecimal.value(octet) else {
        return false
      }
      value = value << 4 | UInt64(digit)
    }
    return value == number
  }
}
