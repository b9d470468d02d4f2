import Boot
import Network

/// An address for a client, and the subnet that it is of.
struct Placement {
  let address: IPv4Address
  let subnet: Subnet
}

extension DHCPService {
  /// Chooses an address (RFC 2131 §4.3.1): its reservation, the one that it has or had, the one
  /// that it asks for, a free one of the pools.
  ///
  /// - Parameter isNewcomer: A pool that a flood of made-up clients has nearly emptied keeps the
  ///   rest for those who come again (hardening case 16).
  mutating func place(
    _ query: DHCPQuery, _ machine: Machine?, isNewcomer: Bool, _ catalog: Catalog,
    at now: Instant, into actions: inout Actions
  ) -> Placement? {
    if let address = machine?.address,
      let subnet = subnet(of: address, on: query.link, catalog)
    {
      if leases.isFree(address, for: query.client, at: now) {
        actions.origins.note(.yourAddress, .machine(machine?.name ?? ""))
        return Placement(address: address, subnet: subnet)
      }
      let holder = leases.client(at: address, at: now)?.macAddress
      actions.record(
        Event(.reservationTaken(address, by: holder), macAddress: query.macAddress))
    }
    if let own = wished(leases.address(of: query.client), query, machine, catalog, at: now) {
      guard mayBelieve(own, query, catalog, at: now) else { return nil }
      actions.origins.note(.yourAddress, .leased)
      return own
    }
    if let wish = wished(query.requestedAddress, query, machine, catalog, at: now),
      mayTake(wish, isNewcomer: isNewcomer, at: now)
    {
      guard mayBelieve(wish, query, catalog, at: now) else { return nil }
      actions.origins.note(.yourAddress, .wished)
      return wish
    }
    return freePlacement(
      on: query.link, isNewcomer: isNewcomer, catalog, at: now, into: &actions)
  }

  /// Whether an address that a client had or asks for needs no proof, or has it. A DISCOVER is no
  /// claim to use it: after a loss another may live there by now. Else it is asked for, and the client
  /// comes again.
  private mutating func mayBelieve(
    _ placement: Placement, _ query: DHCPQuery, _ catalog: Catalog, at now: Instant
  ) -> Bool {
    guard prober.mustProve(placement.subnet, at: now),
      catalog.machine(reserving: placement.address) == nil
    else { return true }
    if let binding = leases.binding(of: placement.address), binding.isActive(at: now),
      binding.client == query.client
    {
      return true
    }
    return prober.take(placement.address, in: placement.subnet, at: now)
  }

  private mutating func mayTake(
    _ placement: Placement, isNewcomer: Bool, at now: Instant
  ) -> Bool {
    guard isNewcomer,
      let pool = placement.subnet.pools.first(where: { $0.contains(placement.address) })
    else { return true }
    return leases.takesNewcomers(pool, at: now)
  }

  /// `address`, if the client may have it here and nobody else has it.
  private func wished(
    _ address: IPv4Address?, _ query: DHCPQuery, _ machine: Machine?, _ catalog: Catalog,
    at now: Instant
  ) -> Placement? {
    guard let address, let subnet = subnet(of: address, on: query.link, catalog),
      Self.mayLease(address, of: subnet, to: machine, catalog),
      leases.isFree(address, for: query.client, at: now)
    else { return nil }
    return Placement(address: address, subnet: subnet)
  }

  private mutating func freePlacement(
    on link: Link, isNewcomer: Bool, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) -> Placement? {
    if let proven = provenPlacement(on: link, isNewcomer: isNewcomer, catalog, at: now) {
      if let pool = proven.subnet.pools.first(where: { $0.contains(proven.address) }) {
        actions.origins.note(.yourAddress, .free(pool))
      }
      return proven
    }
    for index in catalog.subnets.indices where catalog.isSubnet(index, on: link) {
      let subnet = catalog.subnets[index]
      guard !prober.mustProve(subnet, at: now) else { continue }
      for pool in subnet.pools {
        if isNewcomer, !leases.takesNewcomers(pool, at: now) { continue }
        let address = leases.freeAddress(in: pool, at: now) { address in
          !Self.isLeasable(address, of: subnet) || catalog.isReserved(address)
        }
        if let address {
          actions.origins.note(.yourAddress, .free(pool))
          return Placement(address: address, subnet: subnet)
        }
      }
    }
    return nil
  }

  /// An address of the stock, which nobody answered for.
  private mutating func provenPlacement(
    on link: Link, isNewcomer: Bool, _ catalog: Catalog, at now: Instant
  ) -> Placement? {
    guard prober.isStocked else { return nil }
    for index in catalog.subnets.indices where catalog.isSubnet(index, on: link) {
      let subnet = catalog.subnets[index]
      for pool in subnet.pools {
        if isNewcomer, !leases.takesNewcomers(pool, at: now) { continue }
        let address = prober.take(of: pool, in: subnet, leases, at: now) { address in
          Self.isLeasable(address, of: subnet) && !catalog.isReserved(address)
        }
        if let address { return Placement(address: address, subnet: subnet) }
      }
    }
    return nil
  }

  /// The subnet on `link` that holds `address`.
  func subnet(of address: IPv4Address, on link: Link, _ catalog: Catalog) -> Subnet? {
    for index in catalog.subnets.indices
    where catalog.isSubnet(index, on: link) && catalog.subnets[index].network.contains(address) {
      return catalog.subnets[index]
    }
    return nil
  }

  /// Whether policy lets `machine` have `address`: its reservation, or of a pool and nobody's
  /// reservation.
  static func mayLease(
    _ address: IPv4Address, of subnet: Subnet, to machine: Machine?, _ catalog: Catalog
  ) -> Bool {
    if let owner = catalog.machine(reserving: address) { return owner.name == machine?.name }
    return subnet.poolContains(address) && isLeasable(address, of: subnet)
  }

  static func isLeasable(_ address: IPv4Address, of subnet: Subnet) -> Bool {
    subnet.network.canHost(address) && address != subnet.router && address != subnet.ownAddress
  }
}
