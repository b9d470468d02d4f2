import Boot
import Network
import Wire

extension Reply.Destination {
  static let serverPort: UInt16 = 67
  static let clientPort: UInt16 = 68

  /// Where a reply goes (RFC 2131 §4.1): to the relay; else to the address that the client has;
  /// else to everyone, when it asked so or is refused; else to its hardware address.
  init(
    to query: DHCPQuery, _ type: DHCPMessageType, yourAddress: IPv4Address, wantsBroadcast: Bool
  ) {
    if query.link.relay != .unspecified {
      self = .endpoint(Endpoint(query.link.relay, Self.serverPort))
    } else if query.clientAddress != .unspecified, type != .nak {
      self = .endpoint(Endpoint(query.clientAddress, Self.clientPort))
    } else if !wantsBroadcast, type != .nak, yourAddress != .unspecified,
      let address = query.macAddress
    {
      self = .link(address, Endpoint(yourAddress, Self.clientPort))
    } else {
      self = .endpoint(Endpoint(.broadcast, Self.clientPort))
    }
  }
}
