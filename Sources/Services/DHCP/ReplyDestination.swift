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
    port: UInt16 = clientPort, noting origins: inout Origins
  ) {
    if query.relay != .unspecified {
      self = .endpoint(Endpoint(query.relay, Self.serverPort))
      origins.note(.destination, .rule("a relay forwarded the question (RFC 2131 \u{a7}4.1)"))
    } else if query.clientAddress != .unspecified, type != .nak {
      self = .endpoint(Endpoint(query.clientAddress, port))
      origins.note(.destination, .rule("the client has this address (RFC 2131 \u{a7}4.1)"))
    } else if !wantsBroadcast, type != .nak, yourAddress != .unspecified,
      let address = query.macAddress
    {
      self = .link(address, Endpoint(yourAddress, port))
      origins.note(
        .destination,
        .rule("it has no address yet, and did not set the broadcast flag (RFC 2131 \u{a7}4.1)"))
    } else {
      self = .endpoint(Endpoint(.broadcast, port))
      origins.note(
        .destination,
        .rule(
          type == .nak
            ? "a refusal goes to everyone (RFC 2131 \u{a7}4.3.2)"
            : wantsBroadcast
              ? "it set the broadcast flag (RFC 2131 \u{a7}4.1)"
              : "no address of it is known (RFC 2131 \u{a7}4.1)"))
    }
  }
}
