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
  /// `giaddr`, where the reply goes; unspecified when no relay forwarded it.
  let relay: IPv4Address
  /// The address that the relay wants to be taken for the server's (RFC 5107); nil: our own.
  let identifierOverride: IPv4Address?
  /// Whether the client sent it to one address, by its relay's word (RFC 5010); nil: not said.
  let wasUnicast: Bool?
  let arrival: Arrival
  private(set) var clientAddress: IPv4Address
  let requestedAddress: IPv4Address?
  let serverIdentifier: IPv4Address?

  /// - Throws: ``Malformed`` when the message is to be counted and dropped.
  /// - Returns: nil for what is no client's message: BOOTP, or a server's reply.
  init?(_ message: borrowing DHCPMessage, _ arrival: Arrival) throws(Malformed) {
    guard message.isRequest, let type = try message.type else { return nil }
    // RFC 1542 §4.1.1: no honest way through relays is longer.
    guard message.hops <= 16 else { throw Malformed(.excessive("hops"), at: 3) }
    guard let client = try ClientIdentity(message) else {
      throw Malformed(.invalid("client identity"), at: 28)
    }
    self.type = type
    self.client = client
    hardwareAddress = message.hardwareAddress
    let agent = try RelayAgent(message)
    relay = message.relayAddress
    link = Link(
      interface: arrival.interface, relay: relay, selection: agent.linkSelection)
    identifierOverride = agent.serverIdentifier
    wasUnicast = agent.wasUnicast
    self.arrival = arrival
    requestedAddress = try message.requestedAddress
    serverIdentifier = try message.serverIdentifier
    // RFC 2131 §4.4.1 wants 0 in a DISCOVER and in the REQUEST that answers an OFFER; clients that
    // set it there mean nothing by it, and do not hear at that address yet.
    let hasNoAddress = type == .discover || type == .request && serverIdentifier != nil
    clientAddress = hasNoAddress ? .unspecified : message.clientAddress
  }

  /// RFC 2131 §4.3.2: the state that a REQUEST is sent in; nil when its fields fit none.
  ///
  /// Only a renewing client sends to us alone; what comes through a relay was sent to everyone,
  /// unless the relay says otherwise.
  var requestState: Fact.RequestState? {
    if serverIdentifier != nil { return requestedAddress == nil ? nil : .selecting }
    if clientAddress == .unspecified { return requestedAddress == nil ? nil : .initReboot }
    guard relay == .unspecified else { return wasUnicast == true ? .renewing : .rebinding }
    return arrival.destination.address == arrival.local ? .renewing : .rebinding
  }

  /// The address that a REQUEST is for: `ciaddr` of a client that has one, else option 50.
  var wantedAddress: IPv4Address {
    clientAddress == .unspecified ? requestedAddress ?? .unspecified : clientAddress
  }

  var macAddress: MACAddress? { hardwareAddress.macAddress }

  /// Whether it came to port 4011.
  var isToBootServer: Bool { arrival.destination.port == Reply.Destination.bootServerPort }

  /// The query of a client that hears at `address`: who asks a boot server has its address, and may
  /// name the server all the same.
  func answered(at address: IPv4Address) -> DHCPQuery {
    var query = self
    query.clientAddress = address
    return query
  }

  /// Option 54 of the reply.
  func identifier(or server: IPv4Address) -> IPv4Address { identifierOverride ?? server }
}

extension ClientIdentity {
  /// The hardware address of Ethernet; option 61 of other hardware (RFC 4390); else nil.
  init?(_ message: borrowing DHCPMessage) throws(Malformed) {
    if let address = message.hardwareAddress.macAddress {
      self = .hardware(address)
      return
    }
    guard message.hardwareAddress.type != HardwareAddress.ethernet,
      let identifier = try message.withValue(
        of: DHCPOption.clientIdentifier,
        { value throws(Malformed) -> [UInt8]? in
          (2...255).contains(value.byteCount) ? value.octets() : nil
        })
    else { return nil }
    self = .identifier(identifier)
  }
}
