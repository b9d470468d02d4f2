import Bytes
import Network

/// A resource record where it lies in its message (RFC 1035 §4.1.3).
package struct DNSRecord: Equatable, Sendable {
  /// Where its owner name begins.
  package var start: Int
  package var type: UInt16
  package var recordClass: UInt16
  /// Where its time to live stands.
  package var lifetimeOffset: Int
  /// In seconds; RFC 2181 §8: one with the highest bit set counts as 0.
  package var lifetime: UInt32
  package var dataStart: Int
  package var dataCount: Int

  package var end: Int { dataStart + dataCount }
}

/// Reads records one after another. Each takes at least eleven octets, so that counts which lie
/// cost no more than the message is long.
package struct DNSRecordWalk: ~Escapable {
  private let message: RawSpan
  package private(set) var offset: Int

  @_lifetime(copy message)
  package init(_ message: RawSpan, at offset: Int) {
    self.message = message
    self.offset = offset
  }

  package mutating func next() throws(Malformed) -> DNSRecord {
    let start = offset
    let fields = try DNSNameReader.skip(message, at: start)
    var reader = ByteReader(message.extracting(fields..<message.byteCount), base: fields)
    let type: UInt16 = try reader.read()
    let recordClass: UInt16 = try reader.read()
    let lifetime: UInt32 = try reader.read()
    let count = Int(try reader.read(UInt16.self))
    let dataStart = reader.position
    try reader.skip(count)
    offset = reader.position
    return DNSRecord(
      start: start, type: type, recordClass: recordClass, lifetimeOffset: fields + 4,
      lifetime: lifetime, dataStart: dataStart, dataCount: count)
  }
}
