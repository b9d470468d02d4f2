import Network

/// The wire that a DHCP message came from: our interface, or the relay's.
package struct Link: Hashable, Sendable {
  /// The kernel's number of our interface.
  package var interface: Int32
  /// `giaddr`; unspecified when the client is on our own wire.
  package var relay: IPv4Address
  /// An address of the client's subnet, where the relay named one (RFC 3527); nil: `relay` is it.
  package var selection: IPv4Address?

  package init(
    interface: Int32, relay: IPv4Address = .unspecified, selection: IPv4Address? = nil
  ) {
    self.interface = interface
    self.relay = relay
    self.selection = selection
  }
}

extension Catalog {
  /// Whether the subnet at `index` is on `link`: selected by its relay, named for its relay, holding the relay, or hanging on
  /// the interface (several may share one wire, RFC 2131 §4.3.1).
  package func isSubnet(_ index: Int, on link: Link) -> Bool {
    let subnet = subnets[index]
    if let selection = link.selection { return subnet.network.contains(selection) }
    guard link.relay == .unspecified else {
      return subnet.relays.contains(link.relay) || subnet.network.canHost(link.relay)
    }
    guard let name = subnet.interface else { return false }
    return interface(link.interface)?.name == name
  }
}
