import Bytes
import Network

/// What stands before the IP packet in a recorded frame, whatever the link.
package struct LinkHead: Equatable, Sendable {
  /// Who sent the frame; nil where the link does not say.
  package let source: MACAddress?
  /// Whom the frame is for; nil where the link does not say, as in Linux's cooked heads.
  package let destination: MACAddress?
  /// As ``EthernetFrame/vlan``.
  package let vlan: UInt16?
  /// The protocol of what follows, as Ethernet numbers them; see ``EtherType``.
  package let type: UInt16
  /// Where in the frame the packet begins.
  package let length: Int

  /// - Throws: Also for a link's frames that carry no protocol, such as spanning tree's.
  package init(checking bytes: RawSpan, _ linkType: LinkType) throws(Malformed) {
    switch linkType {
    case .ethernet:
      let frame = try EthernetFrame(checking: bytes)
      source = frame.source
      destination = frame.destination
      vlan = frame.vlan
      type = frame.type
      length = bytes.byteCount - frame.payload.byteCount
    case .linuxCooked: self = try Self.cooked(bytes)
    case .linuxCooked2: self = try Self.cooked2(bytes)
    case .rawIP: self = try Self.raw(bytes)
    case .loopback: self = try Self.loopback(bytes)
    case .other: throw Malformed(.unsupported("link type"), at: 0)
    }
  }

  private init(source: MACAddress?, vlan: UInt16?, type: UInt16, length: Int) {
    self.source = source
    destination = nil
    self.vlan = vlan
    self.type = type
    self.length = length
  }

  /// LINKTYPE_LINUX_SLL: packet type, ARPHRD, address length, 8 octets of address, protocol.
  private static func cooked(_ bytes: RawSpan) throws(Malformed) -> LinkHead {
    var reader = ByteReader(bytes)
    try reader.skip(4)
    let addressLength: UInt16 = try reader.read()
    let source = try address(&reader, length: Int(addressLength))
    return try tagged(&reader, type: try reader.read(), source)
  }

  /// LINKTYPE_LINUX_SLL2: protocol, two reserved octets, interface, ARPHRD, packet type, address
  /// length, 8 octets of address.
  private static func cooked2(_ bytes: RawSpan) throws(Malformed) -> LinkHead {
    var reader = ByteReader(bytes)
    let type: UInt16 = try reader.read()
    try reader.skip(9)
    let addressLength: UInt8 = try reader.read()
    let source = try address(&reader, length: Int(addressLength))
    return try tagged(&reader, type: type, source)
  }

  private static func address(
    _ reader: inout ByteReader, length: Int
  ) throws(Malformed) -> MACAddress? {
    let address = try reader.readMACAddress()
    try reader.skip(2)
    return length == 6 ? address : nil
  }

  /// Cooked frames keep their VLAN tags behind the head.
  private static func tagged(
    _ reader: inout ByteReader, type: UInt16, _ source: MACAddress?
  ) throws(Malformed) -> LinkHead {
    var type = type
    var vlan: UInt16?
    var count = 0
    while EtherType.isTag(type) {
      guard count < 2 else { throw Malformed(.excessive("VLAN tags"), at: reader.position) }
      let identifier = try reader.read(UInt16.self) & 0xfff
      vlan = identifier == 0 ? nil : identifier
      type = try reader.read()
      count += 1
    }
    return LinkHead(source: source, vlan: vlan, type: type, length: reader.offset)
  }

  private static func raw(_ bytes: RawSpan) throws(Malformed) -> LinkHead {
    var reader = ByteReader(bytes)
    let first: UInt8 = try reader.read()
    let type: UInt16
    switch first >> 4 {
    case 4: type = EtherType.ipv4
    case 6: type = EtherType.ipv6
    default: throw Malformed(.unsupported("IP version"), at: 0)
    }
    return LinkHead(source: nil, vlan: nil, type: type, length: 0)
  }

  /// The family's number is small, so that either byte order shows which it is; 10, 24, 28 and 30
  /// are IPv6 to Linux, NetBSD, FreeBSD and Darwin.
  private static func loopback(_ bytes: RawSpan) throws(Malformed) -> LinkHead {
    var reader = ByteReader(bytes)
    let family: UInt32 = try reader.read()
    let type: UInt16
    switch min(family, family.byteSwapped) {
    case 2: type = EtherType.ipv4
    case 10, 24, 28, 30: type = EtherType.ipv6
    default: throw Malformed(.unsupported("address family"), at: 0)
    }
    return LinkHead(source: nil, vlan: nil, type: type, length: 4)
  }
}
