import Network

/// `htype`, `hlen` and `chaddr` of a DHCP message, to be sent back as they came.
package struct HardwareAddress: Hashable, Sendable {
  package let type: UInt8
  package let length: UInt8
  /// The 16 octets of `chaddr`.
  package let high: UInt64
  package let low: UInt64

  /// `htype` of Ethernet.
  package static let ethernet: UInt8 = 1

  package init(type: UInt8, length: UInt8, high: UInt64, low: UInt64) {
    self.type = type
    self.length = length
    self.high = high
    self.low = low
  }

  package init(_ address: MACAddress) {
    self.init(type: Self.ethernet, length: 6, high: address.number << 16, low: 0)
  }

  /// The Ethernet address; nil for other hardware and for what no single interface can have.
  package var macAddress: MACAddress? {
    guard type == Self.ethernet, length == 6 else { return nil }
    let address = MACAddress(number: high >> 16)
    return address.isUnicast ? address : nil
  }
}
