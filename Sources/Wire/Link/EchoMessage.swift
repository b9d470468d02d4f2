import Bytes
import Network

/// An ICMP echo request of ours, and the reply to it (RFC 792).
package enum EchoMessage {
  private static let icmp: UInt8 = 1
  private static let reply: UInt8 = 0
  private static let request: UInt8 = 8

  /// Appends a request, from the ICMP head on.
  package static func encodeRequest(_ mark: EchoMark, into writer: inout ByteWriter) {
    var checksum = InternetChecksum()
    checksum.add(UInt16(request) << 8)
    checksum.add(mark.identifier)
    checksum.add(mark.sequence)
    writer.write(request)
    writer.write(0 as UInt8)
    writer.write(checksum.value)
    writer.write(mark.identifier)
    writer.write(mark.sequence)
  }

  /// Who answers a request, and which, in an IPv4 packet; nil for a message of another kind.
  package static func reply(
    in bytes: RawSpan
  ) throws(Malformed) -> (source: IPv4Address, mark: EchoMark)? {
    let packet = try IPv4Packet(checking: bytes)
    guard packet.protocolNumber == icmp, !packet.isFragment else { return nil }
    var checksum = InternetChecksum()
    checksum.add(packet.payload)
    guard checksum.value == 0 else { throw Malformed(.invalid("ICMP checksum"), at: 2) }
    var reader = ByteReader(packet.payload)
    guard try reader.read(UInt8.self) == reply else { return nil }
    try reader.skip(3)
    let identifier = try reader.read(UInt16.self)
    return (
      packet.source, EchoMark(identifier: identifier, sequence: try reader.read(UInt16.self))
    )
  }
}
