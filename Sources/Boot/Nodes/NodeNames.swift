import Network

/// The names that nodes have, of all sites that this box serves, in its one zone: addresses and the
/// fingerprints of their host keys (RFC 4255).
///
/// The configuration goes before them, and they before leases. A name that the operator gave to
/// something else, or that lies where others serve, is no node's; of two nodes of one name the
/// elder has it.
package struct NodeNames: Sendable {
  private var records: [DomainName: NodeRecord] = [:]
  /// Whose each address is: the node's that was installed last.
  private var names: [IPv4Address: DomainName] = [:]
  /// What lies between names and the zone (RFC 8020 §2).
  private var between: Set<DomainName> = []

  package init() {}

  package var isEmpty: Bool { records.isEmpty }

  /// Who has the name that a node would have.
  package enum Holder: Hashable, Sendable {
    case configuration
    case node(String)
  }

  /// Takes a node's record in place of what was known of it.
  ///
  /// - Returns: Who has its name; nil when it has it now, or when there is no zone for it.
  @discardableResult
  package mutating func take(_ record: NodeRecord, _ zones: Zones) -> Holder? {
    guard let name = zones.name(record.name), name != zones.forward else { return nil }
    if let other = records[name], other.name != record.name { return .node(other.name) }
    guard Self.isFree(name, zones) else { return .configuration }
    for address in records[name]?.addresses ?? [] where names[address] == name {
      names[address] = nil
    }
    records[name] = record
    for address in record.addresses {
      if let other = names[address].flatMap({ records[$0] }),
        other.installed > record.installed
      {
        continue
      }
      names[address] = name
    }
    var parent = name
    parent.dropFirstLabel()
    while parent != zones.forward, !parent.isRoot {
      between.insert(parent)
      parent.dropFirstLabel()
    }
    return nil
  }

  /// Whether a node may have `name`: the operator has nothing there but perhaps the machine itself,
  /// and nobody else serves it.
  private static func isFree(_ name: DomainName, _ zones: Zones) -> Bool {
    if let entry = zones.entry(name), entry.hasRecords, !entry.isMachine { return false }
    guard name != zones.server else { return false }
    var ancestor = name
    while ancestor != zones.forward, !ancestor.isRoot {
      if zones.entry(ancestor)?.isCut == true { return false }
      ancestor.dropFirstLabel()
    }
    return true
  }

  package func record(_ name: DomainName) -> NodeRecord? {
    records.isEmpty ? nil : records[name]
  }

  /// Whether `name` exists by a node, perhaps only on the way to one.
  package func has(_ name: DomainName) -> Bool {
    !records.isEmpty && (records[name] != nil || between.contains(name))
  }

  /// The node's name that `address` leads back to.
  package func name(
    of address: IPv4Address, _ catalog: Catalog, _ leases: LeaseTable, at now: Instant
  ) -> DomainName? {
    guard let name = names[address], leads(name, to: address, catalog, leases, at: now) else {
      return nil
    }
    return name
  }

  /// Whether the node of that name still has `address`: no node reported it after it, and no lease
  /// tells otherwise, as when its machine or another one got an address from the pool since.
  package func leads(
    _ name: DomainName, to address: IPv4Address, _ catalog: Catalog, _ leases: LeaseTable,
    at now: Instant
  ) -> Bool {
    guard names[address] == name, let record = records[name] else { return false }
    guard let own = record.macAddress else { return true }
    if let binding = leases.binding(of: address), binding.state == .leased,
      binding.isActive(at: now)
    {
      return binding.client.macAddress == own
    }
    guard catalog.subnet(holding: address)?.poolContains(address) == true,
      let other = leases.address(of: .hardware(own)), other != address,
      let binding = leases.binding(of: other)
    else { return true }
    return binding.state != .leased || !binding.isActive(at: now)
  }
}
