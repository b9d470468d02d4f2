import Boot
import Network

/// From where a machine asks: our interface and address that it reaches, and the relay between.
package struct Vantage: Sendable {
  package let interface: Int32
  /// Our address.
  package let local: IPv4Address
  package let relay: IPv4Address?

  package init(interface: Int32, local: IPv4Address, relay: IPv4Address? = nil) {
    self.interface = interface
    self.local = local
    self.relay = relay
  }

  /// The place of a machine of `subnet`, or of one whose messages `relay` forwards; nil where no
  /// interface answers DHCP there.
  ///
  /// - Parameter address: Our address on the interface of this name, where no subnet says one.
  package init?(
    _ catalog: Catalog, subnet: Subnet?, relay: IPv4Address?,
    address: (_ interface: String) -> IPv4Address?
  ) {
    let relay = relay ?? (subnet?.interface == nil ? subnet.flatMap(Self.relay) : nil)
    let name = relay == nil ? subnet?.interface : nil
    guard
      let interface = catalog.interfaces.first(where: {
        $0.dhcp != .off && (name == nil || $0.name == name)
      })
    else { return nil }
    let own = catalog.subnets.first { $0.interface == interface.name && $0.ownAddress != nil }
    self.interface = interface.number
    local =
      (relay == nil ? subnet?.ownAddress : nil) ?? own?.ownAddress ?? address(interface.name)
      // RFC 5737: of an interface whose address nothing says.
      ?? IPv4Address(192, 0, 2, 1)
    self.relay = relay
  }

  /// A relay that forwards for a subnet: one that the configuration names, else its router.
  private static func relay(of subnet: Subnet) -> IPv4Address {
    subnet.relays.first ?? subnet.router ?? IPv4Address(subnet.network.network.number + 1)
  }

  /// How a DISCOVER comes in from there.
  var discover: Arrival {
    guard let relay else { return arrival(Endpoint(.unspecified, 68), Endpoint(.broadcast, 67)) }
    return arrival(Endpoint(relay, 67), Endpoint(local, 67))
  }

  func arrival(_ source: Endpoint, port: UInt16) -> Arrival {
    arrival(source, Endpoint(local, port))
  }

  private func arrival(_ source: Endpoint, _ destination: Endpoint) -> Arrival {
    Arrival(source: source, destination: destination, local: local, interface: interface)
  }
}
