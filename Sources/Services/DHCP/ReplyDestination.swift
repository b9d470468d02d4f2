import Boot
import Network
import Wire

extension Reply.Destination {
  static let serverPort: UInt16 = 67
  static let clientPort: UInt16 = 68
  /// Of PXE's boot servers (PXE 2.1 §2.2.3).
  static let bootServerPort: UInt16 = 4011

  /// Where a reply goes (RFC 2131 §4.1): to the relay; else to the address that the client has;
  /// else to everyone, when it asked so or is refused; else to its hardware address.
  init(
    to query: DHCPQuery, _ type: DHCPMessageType, yourAddress: IPv4Address, wantsBroadcast: Bool,
    port: UInt16 = clientPort
  ) {
    if query.relay != .unspecified {
      self = .endpoint(Endpoint(query.relay, Self.serverPort))
    } else if query.clientAddress != .unspecified, type != .nak {
      self = .endpoint(Endpoint(query.clientAddress, port))
    } else if !wantsBroadcast, type != .nak, yourAddress != .unspecified,
      let address = query.macAddress
    {
      self = .link(address, Endpoint(yourAddress, port))
    } else {
      self = .endpoint(Endpoint(.broadcast, port))
    }
  }
}
