import Bytes
import Network

/// A UDP datagram read in place (RFC 768).
package struct UDPDatagram: ~Escapable {
  package let sourcePort: UInt16
  package let destinationPort: UInt16
  /// What the length field counts; padding after it is not part of it.
  package let payload: RawSpan

  package static let protocolNumber: UInt8 = 17
  package static let headLength = 8

  /// Checks the datagram in `packet`, which is no fragment. A checksum of 0 means that the sender
  /// made none.
  ///
  /// - Parameter ignoringChecksum: For frames captured on the machine that sent them, whose
  ///   checksum its network card was yet to write.
  @_lifetime(copy packet)
  package init(
    checking packet: borrowing IPv4Packet, ignoringChecksum: Bool = false
  ) throws(Malformed) {
    guard packet.protocolNumber == Self.protocolNumber, !packet.isFragment else {
      throw Malformed(.unsupported("protocol"), at: 9)
    }
    let bytes = packet.payload
    var reader = ByteReader(bytes)
    sourcePort = try reader.read()
    destinationPort = try reader.read()
    let length = Int(try reader.read(UInt16.self))
    let sent: UInt16 = try reader.read()
    guard length >= Self.headLength else { throw Malformed(.invalid("UDP length"), at: 4) }
    guard length <= bytes.byteCount else { throw Malformed(.truncated, at: bytes.byteCount) }
    if sent != 0, !ignoringChecksum {
      var checksum = Self.pseudoHead(packet.source, packet.destination, length: UInt16(length))
      checksum.add(bytes.extracting(0..<length))
      guard checksum.value == 0 else { throw Malformed(.invalid("UDP checksum"), at: 6) }
    }
    payload = bytes.extracting(Self.headLength..<length)
  }

  /// Checks the lengths in the payload of a whole IPv4 datagram, and no checksum: for captures, in
  /// which datagrams are put together from fragments.
  @_lifetime(copy bytes)
  package init(reading bytes: RawSpan) throws(Malformed) {
    var reader = ByteReader(bytes)
    sourcePort = try reader.read()
    destinationPort = try reader.read()
    let length = Int(try reader.read(UInt16.self))
    try reader.skip(2)
    guard length >= Self.headLength else { throw Malformed(.invalid("UDP length"), at: 4) }
    guard length <= bytes.byteCount else { throw Malformed(.truncated, at: bytes.byteCount) }
    payload = bytes.extracting(Self.headLength..<length)
  }

  /// Appends a whole untagged Ethernet frame with IPv4 and UDP heads, both checksums written.
  ///
  /// This is how a reply reaches a machine that has no address yet and so answers no ARP
  /// (RFC 2131 §4.1).
  package static func encodeFrame(
    to destination: Endpoint, hardware: MACAddress, from source: Endpoint,
    sourceHardware: MACAddress, payload: RawSpan, into writer: inout ByteWriter
  ) {
    let length = headLength + payload.byteCount
    EthernetFrame.encodeHead(
      to: hardware, from: sourceHardware, type: EtherType.ipv4, into: &writer)
    IPv4Packet.encodeHead(
      from: source.address, to: destination.address, protocolNumber: protocolNumber,
      payloadCount: length, into: &writer)
    var checksum = pseudoHead(source.address, destination.address, length: UInt16(length))
    checksum.add(source.port)
    checksum.add(destination.port)
    checksum.add(UInt16(length))
    checksum.add(payload)
    writer.write(source.port)
    writer.write(destination.port)
    writer.write(UInt16(length))
    // 0 would mean that there is no checksum; its one's complement twin says the same sum.
    writer.write(checksum.value == 0 ? 0xffff : checksum.value)
    writer.write(payload)
  }

  private static func pseudoHead(
    _ source: IPv4Address, _ destination: IPv4Address, length: UInt16
  ) -> InternetChecksum {
    var checksum = InternetChecksum()
    checksum.add(source.number)
    checksum.add(destination.number)
    checksum.add(UInt16(protocolNumber))
    checksum.add(length)
    return checksum
  }
}
