import Network

/// What a machine last showed of itself on the wire.
///
/// DHCP sees most of it; TFTP and HTTP know only an address, and find the rest by it.
package struct Sighting: Hashable, Sendable {
  package var macAddress: MACAddress
  /// nil: it does not ask to boot from the network now, as an installed system.
  package var firmware: Firmware?
  /// The architecture of the firmware seen last, kept while the system that it booted runs.
  package var architecture: Architecture?
  package var uuid: UUID?
  /// As a Raspberry Pi or an HP board shows it; nil for all others.
  package var serial: String?
  /// Option 60 as it was sent.
  package var vendorClass: [UInt8]
  /// Option 61 as it was sent, type octet included.
  package var clientIdentifier: [UInt8]
  /// Option 82's circuit identifier (RFC 3046 §2.0), as the relay sent it.
  package var relayPort: [UInt8]

  package init(
    macAddress: MACAddress, firmware: Firmware? = nil, uuid: UUID? = nil,
    vendorClass: [UInt8] = [], clientIdentifier: [UInt8] = [], relayPort: [UInt8] = []
  ) {
    self.macAddress = macAddress
    self.firmware = firmware
    self.architecture = firmware?.architecture
    self.uuid = uuid
    self.vendorClass = vendorClass
    self.clientIdentifier = clientIdentifier
    self.relayPort = relayPort
  }
}
