import Bytes
import Network

/// An Ethernet II frame read in place, its VLAN tags taken off (IEEE 802.3, 802.1Q, 802.1ad).
package struct EthernetFrame: ~Escapable {
  package let destination: MACAddress
  package let source: MACAddress
  /// The VLAN that the frame is tagged with, 1 … 4094; nil without a tag or with one that only
  /// carries a priority (identifier 0). Of two tags the inner one.
  package let vlan: UInt16?
  /// The outer VLAN where there are two tags.
  package let serviceVLAN: UInt16?
  package let type: UInt16
  /// What follows, with the padding of short frames.
  package let payload: RawSpan

  package static let headLength = 14

  @_lifetime(copy bytes)
  package init(checking bytes: RawSpan) throws(Malformed) {
    var reader = ByteReader(bytes)
    destination = try reader.readMACAddress()
    source = try reader.readMACAddress()
    var type: UInt16 = try reader.read()
    var tags: (outer: UInt16?, inner: UInt16?) = (nil, nil)
    var count = 0
    while EtherType.isTag(type) {
      guard count < 2 else { throw Malformed(.excessive("VLAN tags"), at: reader.position) }
      let control: UInt16 = try reader.read()
      let identifier = control & 0xfff
      tags = (tags.inner, identifier == 0 ? nil : identifier)
      type = try reader.read()
      count += 1
    }
    guard type >= 0x600 else { throw Malformed(.unsupported("802.3 length"), at: 12) }
    vlan = tags.inner
    serviceVLAN = tags.outer
    self.type = type
    payload = reader.readRemainder()
  }

  /// Appends the head of an untagged frame.
  package static func encodeHead(
    to destination: MACAddress, from source: MACAddress, type: UInt16, into writer: inout ByteWriter
  ) {
    writer.write(destination)
    writer.write(source)
    writer.write(type)
  }
}

/// The protocol numbers of Ethernet frames that we know.
package enum EtherType {
  package static let ipv4: UInt16 = 0x0800
  package static let arp: UInt16 = 0x0806
  package static let ipv6: UInt16 = 0x86dd
  package static let vlan: UInt16 = 0x8100
  package static let serviceVLAN: UInt16 = 0x88a8

  static func isTag(_ type: UInt16) -> Bool {
    // 0x9100 marked outer tags before 802.1ad, and switches still write it.
    type == vlan || type == serviceVLAN || type == 0x9100
  }
}

extension ByteReader {
  mutating func readMACAddress() throws(Malformed) -> MACAddress {
    let high: UInt16 = try read()
    let low: UInt32 = try read()
    return MACAddress(number: UInt64(high) << 32 | UInt64(low))
  }
}

extension ByteWriter {
  mutating func write(_ address: MACAddress) {
    for index in 0..<6 { write(address.octet(index)) }
  }
}
