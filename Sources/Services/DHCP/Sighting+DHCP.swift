import Boot
import Bytes
import Network
import Wire

extension Sighting {
  /// What a DHCP message shows of a machine, over what it showed before.
  ///
  /// The REQUEST for an OFFER need not repeat what the DISCOVER said: a Raspberry Pi's leaves out
  /// the architecture.
  mutating func update(_ query: DHCPQuery, _ message: borrowing DHCPMessage) throws(Malformed) {
    let shown = try Firmware(message)
    if shown != nil || query.type != .request || query.requestState != .selecting {
      firmware = shown
    }
    if let shown { architecture = shown.architecture }
    if let uuid = try message.clientUUID { self.uuid = uuid }
    try Self.update(&vendorClass, DHCPOption.vendorClass, message)
    try Self.update(&clientIdentifier, DHCPOption.clientIdentifier, message)
    try update(relayOf: message)
  }

  private mutating func update(relayOf message: borrowing DHCPMessage) throws(Malformed) {
    let circuit: UInt8 = 1  // RFC 3046 §2.0
    let found = try message.withValue(
      of: DHCPOption.relayAgentInformation,
      { value throws(Malformed) -> [UInt8]? in
        try SubOptions.value(of: circuit, in: value, .plain)?.octets()
      })
    if let found { relayPort = found }
  }

  /// Copies the option only when it differs, so that a known machine costs no allocation.
  private static func update(
    _ known: inout [UInt8], _ code: UInt8, _ message: borrowing DHCPMessage
  ) throws(Malformed) {
    let differs = try message.withValue(of: code) { value throws(Malformed) -> [UInt8]? in
      value.equals(known) ? nil : value.octets()
    }
    if let differs { known = differs }
  }
}
