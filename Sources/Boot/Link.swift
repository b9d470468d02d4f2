import Network

/// The wire that a DHCP message came from: our interface, or the relay's.
package struct Link: Hashable, Sendable {
  /// The kernel's number of our interface.
  package var interface: Int32
  /// `giaddr`; unspecified when the client is on our own wire.
  package var relay: IPv4Address

  package init(interface: Int32, relay: IPv4Address = .unspecified) {
    self.interface = interface
    self.relay = relay
  }
}

extension Catalog {
  /// Whether the subnet at `index` is on `link`: named for its relay, holding the relay, or hanging on
  /// the interface (several may share one wire, RFC 2131 §4.3.1).
  package func isSubnet(_ index: Int, on link: Link) -> Bool {
    let subnet = subnets[index]
    guard link.relay == .unspecified else {
      return subnet.relays.contains(link.relay) || subnet.network.canHost(link.relay)
    }
    guard let name = subnet.interface else { return false }
    return interface(link.interface)?.name == name
  }
}
