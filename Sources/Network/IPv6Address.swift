/// An IPv6 address: as far as AAAA records and answering router solicitations take.
package struct IPv6Address: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The link-local address that a hardware address makes (RFC 4291 appendix A).
  package init(linkLocal address: MACAddress) {
    let upper = address.number >> 24 ^ 0x02_0000
    self.init(
      high: 0xfe80_0000_0000_0000,
      low: upper << 40 | 0xff_fe00_0000 | address.number & 0xff_ffff)
  }

  package static let unspecified = IPv6Address(high: 0, low: 0)
  /// ff02::1: everyone on the link.
  package static let allNodes = IPv6Address(high: 0xff02_0000_0000_0000, low: 1)

  package var isLinkLocal: Bool { high >> 54 == 0xfe80 >> 6 }
}
