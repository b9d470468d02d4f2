import Network

/// The fixed fields of a DHCP message to be sent (RFC 2131 §2).
package struct DHCPHeader: Hashable, Sendable {
  package var isRequest = false
  package var hops: UInt8 = 0
  package var transactionID: UInt32 = 0
  package var secondsElapsed: UInt16 = 0
  package var flags: UInt16 = 0
  /// `ciaddr`.
  package var clientAddress = IPv4Address.unspecified
  /// `yiaddr`.
  package var yourAddress = IPv4Address.unspecified
  /// `siaddr`.
  package var serverAddress = IPv4Address.unspecified
  /// `giaddr`.
  package var relayAddress = IPv4Address.unspecified
  package var hardwareAddress: HardwareAddress

  package init(hardwareAddress: HardwareAddress) { self.hardwareAddress = hardwareAddress }
}
