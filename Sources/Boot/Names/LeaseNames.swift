import Network

/// The names that leases give: a machine's own while it has an address from a pool, and a host
/// name that a client gave itself, as far as it may.
///
/// Bounded by the leases: each address has one name at most.
package struct LeaseNames: Sendable {
  private var addresses: [DomainName: IPv4Address] = [:]
  private var names: [IPv4Address: DomainName] = [:]

  package init() {}

  package var isEmpty: Bool { addresses.isEmpty }

  /// What no client may call itself: browsers and IPv6 tunnels look these up and trust the answer.
  private static let reserved = ["wpad", "isatap", "localhost"]

  /// Takes note of a lease that was granted.
  ///
  /// - Parameter machine: The operator's machine that has it; nil for one without a name.
  package mutating func take(
    _ lease: Lease, machine: Machine?, _ zones: Zones, _ leases: LeaseTable, at now: Instant
  ) {
    let name =
      machine.flatMap { zones.name($0.name) } ?? Self.name(ownOf: lease, zones)
    guard let name else { return remove(lease.address) }
    if let other = addresses[name], other != lease.address {
      // Another client's name stays its own as long as its lease runs.
      if machine == nil, let binding = leases.binding(of: other), binding.state == .leased,
        binding.isActive(at: now), binding.client != lease.client
      {
        return remove(lease.address)
      }
      names[other] = nil
    }
    guard names[lease.address] != name || addresses[name] != lease.address else { return }
    remove(lease.address)
    addresses[name] = lease.address
    names[lease.address] = name
  }

  /// Forgets the name of an address.
  package mutating func remove(_ address: IPv4Address) {
    guard let name = names.removeValue(forKey: address) else { return }
    if addresses[name] == address { addresses[name] = nil }
  }

  /// The address that `name` has by a lease that runs.
  package func address(
    of name: DomainName, _ leases: LeaseTable, at now: Instant
  ) -> (address: IPv4Address, lifetime: UInt32)? {
    guard !addresses.isEmpty, let address = addresses[name],
      let lifetime = Self.lifetime(of: address, leases, at: now)
    else { return nil }
    return (address, lifetime)
  }

  /// The name that `address` has by a lease that runs.
  package func name(
    of address: IPv4Address, _ leases: LeaseTable, at now: Instant
  ) -> (name: DomainName, lifetime: UInt32)? {
    guard let name = names[address], let lifetime = Self.lifetime(of: address, leases, at: now)
    else { return nil }
    return (name, lifetime)
  }

  /// In seconds; nil when the lease has ended.
  private static func lifetime(
    of address: IPv4Address, _ leases: LeaseTable, at now: Instant
  ) -> UInt32? {
    guard let binding = leases.binding(of: address), binding.state == .leased,
      binding.isActive(at: now)
    else { return nil }
    return min(Zones.leaseLifetime, (binding.expiry - now).wholeSeconds)
  }

  /// What the client calls itself: one label, or one below our zone. Nil when it may not have it,
  /// because it is reserved or the configuration has it already.
  private static func name(ownOf lease: Lease, _ zones: Zones) -> DomainName? {
    guard let zone = zones.forward, !lease.hostName.isEmpty else { return nil }
    let text = String(decoding: lease.hostName, as: UTF8.self)
    let label = lease.hostName.prefix { $0 != UInt8(ascii: ".") }
    guard DomainName.isHostLabel(label), let name = DomainName(label: label, in: zone) else {
      return nil
    }
    guard label.count == lease.hostName.count || DomainName(text) == name else { return nil }
    let lower = String(decoding: label, as: UTF8.self).lowercased()
    guard !reserved.contains(lower), name != zones.server, zones.entry(name) == nil else {
      return nil
    }
    return name
  }
}
