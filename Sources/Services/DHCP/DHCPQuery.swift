import Boot
import Bytes
import Network
import Wire

/// What a client asks by a DHCP message, in fixed-size values; the rest stays in the message.
struct DHCPQuery {
  let type: DHCPMessageType
  let client: ClientIdentity
  let hardwareAddress: HardwareAddress
  /// The wire that it came from.
  let link: Link
  let arrival: Arrival
  let clientAddress: IPv4Address
  let requestedAddress: IPv4Address?
  let serverIdentifier: IPv4Address?

  /// - Throws: ``Malformed`` when the message is to be counted and dropped.
  /// - Returns: nil for what is no client's message: BOOTP, or a server's reply.
  init?(_ message: borrowing DHCPMessage, _ arrival: Arrival) throws(Malformed) {
    guard message.isRequest, let type = try message.type else { return nil }
    guard let client = try ClientIdentity(message) else {
      throw Malformed(.invalid("client identity"), at: 28)
    }
    self.type = type
    self.client = client
    hardwareAddress = message.hardwareAddress
    link = Link(interface: arrival.interface, relay: message.relayAddress)
    self.arrival = arrival
    // RFC 2131 §4.4.1 wants 0 in a DISCOVER; clients that set it mean nothing by it.
    clientAddress = type == .discover ? .unspecified : message.clientAddress
    requestedAddress = try message.requestedAddress
    serverIdentifier = try message.serverIdentifier
  }

  /// RFC 2131 §4.3.2: the state that a REQUEST is sent in; nil when its fields fit none.
  var requestState: Fact.RequestState? {
    if serverIdentifier != nil { return requestedAddress == nil ? nil : .selecting }
    if clientAddress == .unspecified { return requestedAddress == nil ? nil : .initReboot }
    return arrival.destination.address == arrival.local ? .renewing : .rebinding
  }

  var macAddress: MACAddress? { hardwareAddress.macAddress }
}

extension ClientIdentity {
  /// The hardware address; option 61 where that is none of Ethernet's (RFC 4390); else nil.
  init?(_ message: borrowing DHCPMessage) throws(Malformed) {
    if let address = message.hardwareAddress.macAddress {
      self = .hardware(address)
      return
    }
    guard
      let identifier = try message.withValue(
        of: DHCPOption.clientIdentifier,
        { value throws(Malformed) -> [UInt8]? in value.byteCount < 2 ? nil : value.octets() })
    else { return nil }
    self = .identifier(identifier)
  }
}
