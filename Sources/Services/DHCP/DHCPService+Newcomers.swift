import Boot
import Network

// Clients that nobody knows: a flood of made-up ones must leave addresses for the others (hardening
// case 16).
extension DHCPService {
  /// Whether an address may be kept for a client now; told when its place is at its limit.
  mutating func admits(
    _ query: DHCPQuery, _ sighting: Sighting, isNewcomer: Bool, _ catalog: Catalog,
    at now: Instant, into actions: inout Actions
  ) -> Bool {
    guard leases.address(of: query.client) == nil,
      let full = newcomers.full(
        for: Self.place(of: query, sighting), isNewcomer: isNewcomer, at: now)
    else { return true }
    tellFlood(at: full, catalog, at: now, into: &actions)
    actions.record(Event(.packetDropped(.dhcp, .tooMany), macAddress: query.macAddress))
    return false
  }

  /// No address was left for a client: told when that is because the rest of a pool is kept from
  /// newcomers.
  mutating func tellKept(
    from query: DHCPQuery, _ catalog: Catalog, at now: Instant, into actions: inout Actions
  ) {
    for index in catalog.subnets.indices where catalog.isSubnet(index, on: query.link) {
      for pool in catalog.subnets[index].pools where !leases.takesNewcomers(pool, at: now) {
        let whole = NewcomerQuota.Place(interface: query.link.interface, relay: query.relay)
        return tellFlood(at: whole, catalog, at: now, into: &actions)
      }
    }
  }

  private mutating func tellFlood(
    at place: NewcomerQuota.Place, _ catalog: Catalog, at now: Instant, into actions: inout Actions
  ) {
    guard newcomers.alarm(at: place, at: now) else { return }
    actions.record(
      Event(
        .floodSeen(
          interface: catalog.interface(place.interface)?.name ?? "", relayPort: place.port,
          clients: newcomers.held(at: place, at: now)),
        address: place.relay == .unspecified ? nil : place.relay))
  }

  static func place(of query: DHCPQuery, _ sighting: Sighting) -> NewcomerQuota.Place {
    NewcomerQuota.Place(
      interface: query.link.interface, relay: query.relay, port: sighting.relayPort)
  }
}
