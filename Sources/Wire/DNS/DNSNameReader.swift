import Bytes
import Network

/// Reads names of a DNS message, compressed ones too (RFC 1035 §4.1.4).
///
/// A pointer must lead before the place where its part of the name began, so that no chain of them
/// can come back or run for ever: RFC 9267 §2 lists what happens to those who do not check.
package enum DNSNameReader {
  /// A name has at most so many labels, and so many pointers at the very most.
  private static let mostPointers = 126

  /// Reads the name at `start` into `name`.
  ///
  /// - Returns: Where the field after it begins.
  @discardableResult
  package static func read(
    _ message: RawSpan, at start: Int, into name: inout DomainName
  ) throws(Malformed) -> Int {
    name.beginChecked()
    do throws(Malformed) {
      return try walk(message, at: start) { octet in name.appendChecked(octet) }
    } catch {
      name.clear()
      throw error
    }
  }

  /// Checks the name at `start`; where the field after it begins.
  package static func skip(_ message: RawSpan, at start: Int) throws(Malformed) -> Int {
    try walk(message, at: start) { _ in }
  }

  @inline(__always)
  private static func walk(
    _ message: RawSpan, at start: Int, _ take: (UInt8) -> Void
  ) throws(Malformed) -> Int {
    var offset = start
    var partStart = start
    var end: Int?
    var length = 0
    var pointers = 0
    while true {
      guard offset < message.byteCount else { throw Malformed(.truncated, at: offset) }
      let octet = message.octet(at: offset)
      switch octet >> 6 {
      case 0:
        let next = offset + 1 + Int(octet)
        guard next <= message.byteCount else { throw Malformed(.truncated, at: offset) }
        length += 1 + Int(octet)
        guard length <= DomainName.longest else {
          throw Malformed(.excessive("name"), at: offset)
        }
        for index in offset..<next { take(message.octet(at: index)) }
        guard octet != 0 else { return end ?? next }
        offset = next
      case 3:
        guard offset + 1 < message.byteCount else { throw Malformed(.truncated, at: offset) }
        let target = Int(octet & 0x3f) << 8 | Int(message.octet(at: offset + 1))
        pointers += 1
        guard target >= DNSHeader.byteCount, target < partStart, pointers <= mostPointers else {
          throw Malformed(.invalid("name pointer"), at: offset)
        }
        end = end ?? offset + 2
        offset = target
        partStart = target
      default: throw Malformed(.invalid("label"), at: offset)
      }
    }
  }
}
