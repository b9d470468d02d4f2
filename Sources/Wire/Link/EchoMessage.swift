import Bytes
import Network

/// An ICMP echo request of ours, and the reply to it (RFC 792).
package enum EchoMessage {
  private static let icmp: UInt8 = 1
  private static let reply: UInt8 = 0
  private static let request: UInt8 = 8
  /// Tells our questions from those of other programs of this box.
  private static let identifier: UInt16 = 0x6277

  /// Appends a request, from the ICMP head on.
  package static func encodeRequest(sequence: UInt16, into writer: inout ByteWriter) {
    var checksum = InternetChecksum()
    checksum.add(UInt16(request) << 8)
    checksum.add(identifier)
    checksum.add(sequence)
    writer.write(request)
    writer.write(0 as UInt8)
    writer.write(checksum.value)
    writer.write(identifier)
    writer.write(sequence)
  }

  /// Who answers a request of ours, in an IPv4 packet; nil for a message of another kind.
  package static func sourceOfReply(in bytes: RawSpan) throws(Malformed) -> IPv4Address? {
    let packet = try IPv4Packet(checking: bytes)
    guard packet.protocolNumber == icmp, !packet.isFragment else { return nil }
    var checksum = InternetChecksum()
    checksum.add(packet.payload)
    guard checksum.value == 0 else { throw Malformed(.invalid("ICMP checksum"), at: 2) }
    var reader = ByteReader(packet.payload)
    guard try reader.read(UInt8.self) == reply else { return nil }
    try reader.skip(3)
    return try reader.read(UInt16.self) == identifier ? packet.source : nil
  }
}
