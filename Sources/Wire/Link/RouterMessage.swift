import Bytes
import Network

/// A router solicitation or advertisement (RFC 4861 §4.1, §4.2) in an Ethernet frame, read whole.
package enum RouterMessage: Equatable, Sendable {
  /// Somebody asks for a router.
  case solicitation(from: IPv6Address, hardware: MACAddress)
  /// A router tells of itself, as default router for so many seconds.
  case advertisement(hardware: MACAddress, lifetime: UInt16)

  private static let icmp: UInt8 = 58
  private static let solicitationType: UInt8 = 133
  private static let advertisementType: UInt8 = 134

  /// Checks the frame; nil for a message of another kind.
  ///
  /// The hop limit must be 255, which no router passes on: so the sender is on this very link
  /// (RFC 4861 §6.1).
  package init?(checking bytes: RawSpan) throws(Malformed) {
    let frame = try EthernetFrame(checking: bytes)
    guard frame.type == EtherType.ipv6 else { return nil }
    var reader = ByteReader(frame.payload)
    guard try reader.read(UInt32.self) >> 28 == 6 else {
      throw Malformed(.invalid("IP version"), at: reader.position)
    }
    let length = Int(try reader.read(UInt16.self))
    guard try reader.read(UInt8.self) == Self.icmp else { return nil }
    guard try reader.read(UInt8.self) == 255 else {
      throw Malformed(.invalid("hop limit"), at: reader.position)
    }
    let source = IPv6Address(high: try reader.read(), low: try reader.read())
    let destination = IPv6Address(high: try reader.read(), low: try reader.read())
    let message = try reader.read(count: length)
    var checksum = Self.pseudoHead(source, destination, length: UInt32(length))
    checksum.add(message)
    guard checksum.value == 0 else { throw Malformed(.invalid("ICMP checksum"), at: 0) }
    var body = ByteReader(message)
    let type: UInt8 = try body.read()
    guard try body.read(UInt8.self) == 0 else { throw Malformed(.invalid("ICMP code"), at: 1) }
    try body.skip(2)
    switch type {
    case Self.solicitationType:
      try body.skip(4)
      self = .solicitation(from: source, hardware: frame.source)
    case Self.advertisementType:
      try body.skip(2)
      self = .advertisement(hardware: frame.source, lifetime: try body.read())
    case _: return nil
    }
  }

  /// Appends the frame of an advertisement that makes nobody a default router: lifetime 0, no
  /// prefix, no DHCPv6.
  ///
  /// - Parameters:
  ///   - hardware: Whose frame it is, whatever address is inside.
  ///   - address: Who asked; unspecified for who has no address yet and listens to everyone's.
  package static func encodeAdvertisement(
    to hardware: MACAddress, _ address: IPv6Address, from own: MACAddress,
    into writer: inout ByteWriter
  ) {
    let destination = address == .unspecified ? .allNodes : address
    let source = IPv6Address(linkLocal: own)
    EthernetFrame.encodeHead(to: hardware, from: own, type: EtherType.ipv6, into: &writer)
    let length: UInt16 = 24
    writer.write(0x6000_0000 as UInt32)
    writer.write(length)
    writer.write(icmp)
    writer.write(255 as UInt8)
    writer.write(source)
    writer.write(destination)
    let start = writer.count
    writer.write(advertisementType)
    writer.write(0 as UInt8)
    writer.write(0 as UInt16)  // the checksum, below
    writer.write(0x4000_0000 as UInt32)  // hop limit 64, no flags, lifetime 0
    writer.write(0 as UInt64)  // reachable time and retransmission timer: unspecified
    writer.write(0x0101 as UInt16)  // source link-layer address (§4.6.1)
    writer.write(own)
    var checksum = pseudoHead(source, destination, length: UInt32(length))
    let bytes = writer.bytes
    checksum.add(bytes.rawSpan.extracting(start..<bytes.count))
    writer.replace(checksum.value, at: start + 2)
  }

  private static func pseudoHead(
    _ source: IPv6Address, _ destination: IPv6Address, length: UInt32
  ) -> InternetChecksum {
    var checksum = InternetChecksum()
    for half in [source.high, source.low, destination.high, destination.low] {
      checksum.add(UInt32(truncatingIfNeeded: half >> 32))
      checksum.add(UInt32(truncatingIfNeeded: half))
    }
    checksum.add(length)
    checksum.add(UInt32(icmp))
    return checksum
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ address: IPv6Address) {
    write(address.high)
    write(address.low)
  }
}
