import Bytes

/// A TCP segment read in place (RFC 9293 §3.1). Its options are skipped.
package struct TCPSegment: ~Escapable {
  package let sourcePort: UInt16
  package let destinationPort: UInt16
  package let sequenceNumber: UInt32
  /// Of use only where ``isAcknowledgement``.
  package let acknowledgementNumber: UInt32
  private let flags: UInt8
  /// Bytes before `payload`.
  package let headCount: Int
  package let payload: RawSpan

  package static let protocolNumber: UInt8 = 6
  package static let headLength = 20

  package var isFinish: Bool { flags & 0x01 != 0 }
  package var isSynchronize: Bool { flags & 0x02 != 0 }
  package var isReset: Bool { flags & 0x04 != 0 }
  package var isAcknowledgement: Bool { flags & 0x10 != 0 }

  /// Checks the lengths in the payload of an IPv4 datagram, and no checksum: segments are read from
  /// captures only, and one made where it was sent lacks the checksum that the network card wrote.
  @_lifetime(copy bytes)
  package init(reading bytes: RawSpan) throws(Malformed) {
    var reader = ByteReader(bytes)
    sourcePort = try reader.read()
    destinationPort = try reader.read()
    sequenceNumber = try reader.read()
    acknowledgementNumber = try reader.read()
    let offset: UInt8 = try reader.read()
    flags = try reader.read()
    headCount = Int(offset >> 4) * 4
    guard headCount >= Self.headLength else { throw Malformed(.invalid("data offset"), at: 12) }
    guard headCount <= bytes.byteCount else { throw Malformed(.truncated, at: bytes.byteCount) }
    payload = bytes.extracting(headCount..<bytes.byteCount)
  }
}
