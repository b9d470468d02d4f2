import Network

/// Gathers the names of a configuration, to make ``Zones`` of them.
package struct ZoneDraft {
  package let forward: DomainName?
  package let server: DomainName?
  private var apexes: [DomainName] = []
  private var names: [DomainName: Draft] = [:]
  /// In the order in which they came, so that nothing depends on the dictionary's.
  private var order: [DomainName] = []

  private struct Draft {
    var zone: Int
    var records: [(type: RecordType, lifetime: UInt32, data: [UInt8])] = []
    var isMachine = false
  }

  /// - Parameters:
  ///   - forward: The operator's zone; nil for none.
  ///   - host: What this box is called, without a domain.
  ///   - networks: The subnets, whose reverse zones are ours.
  ///   - serial: The SOA's (RFC 1035 §3.3.13). Nobody transfers the zone, so that it only tells
  ///     one generation from another.
  package init(forward: DomainName?, host: String, networks: [IPv4Prefix], serial: UInt32) {
    self.forward = forward
    let label = host.utf8.prefix { $0 != UInt8(ascii: ".") }
    let own = DomainName.isHostLabel(label) ? Array(label) : Array("bootwire".utf8)
    server = forward.flatMap { DomainName(label: own, in: $0) }
    if let forward { begin(forward, serial) }
    for network in networks {
      for apex in Self.reverseZones(of: network) { begin(apex, serial) }
    }
  }

  /// The zones of whole octets that hold a network: one, or as many as it spans. That of a network
  /// smaller than 256 addresses is the whole octet's, as other servers of small networks have it.
  package static func reverseZones(of network: IPv4Prefix) -> [DomainName] {
    let octetCount = min(3, max(1, (network.length + 7) / 8))
    let bits = octetCount * 8
    let count = network.length >= bits ? 1 : 1 << (bits - network.length)
    return (0..<count).map { index in
      let number = network.network.number &+ UInt32(index) << UInt32(32 - bits)
      return DomainName(reverse: IPv4Address(number), octetCount: octetCount)
    }
  }

  private mutating func begin(_ apex: DomainName, _ serial: UInt32) {
    guard !apexes.contains(apex) else { return }
    apexes.append(apex)
    let master = server ?? apex
    var contact = DomainName(label: "hostmaster".utf8, in: forward ?? apex) ?? apex
    if contact.octets.count > DomainName.longest { contact = apex }
    // Serial, refresh, retry, expire, negative lifetime.
    let numbers = [serial, 10_800, 900, 604_800, Zones.negativeLifetime]
    add(
      apex, .soa, master.octets + contact.octets + numbers.flatMap(Self.octets),
      lifetime: Zones.lifetime)
    add(apex, .ns, master.octets, lifetime: Zones.lifetime)
  }

  private static func octets(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
  }

  /// Whether `name` lies in one of the zones.
  package func contains(_ name: DomainName) -> Bool { zone(of: name) != nil }

  /// Whether a record of `type` is there already; of any type for nil.
  package func has(_ name: DomainName, _ type: RecordType? = nil) -> Bool {
    guard let draft = names[name] else { return false }
    return type == nil ? !draft.records.isEmpty : draft.records.contains { $0.type == type }
  }

  /// Adds a record; twice the same is once. False when the name lies in none of the zones.
  @discardableResult
  package mutating func add(
    _ name: DomainName, _ type: RecordType, _ data: [UInt8], lifetime: UInt32 = Zones.lifetime
  ) -> Bool {
    guard make(name) else { return false }
    let known = names[name]?.records.contains { $0.type == type && $0.data == data }
    if known == false {
      names[name]?.records.append((type: type, lifetime: lifetime, data: data))
    }
    return true
  }

  /// Adds an address, and the way back from it where there is none yet.
  package mutating func add(_ name: DomainName, _ address: IPv4Address) {
    let (a, b, c, d) = address.octets
    guard add(name, .a, [a, b, c, d]) else { return }
    let reverse = DomainName(reverse: address)
    if contains(reverse), !has(reverse, .ptr) { add(reverse, .ptr, name.octets) }
  }

  /// A machine's name exists even while it has no address.
  package mutating func addMachine(_ name: DomainName) {
    if make(name) { names[name]?.isMachine = true }
  }

  private mutating func make(_ name: DomainName) -> Bool {
    if names[name] != nil { return true }
    guard let zone = zone(of: name) else { return false }
    names[name] = Draft(zone: zone)
    order.append(name)
    // What lies between it and the zone exists too (RFC 8020 §2).
    var parent = name
    parent.dropFirstLabel()
    if name != apexes[zone] { _ = make(parent) }
    return true
  }

  private func zone(of name: DomainName) -> Int? {
    var best: Int?
    for (index, apex) in apexes.enumerated() where name.isWithin(apex) {
      if let best, apexes[best].octets.count >= apex.octets.count { continue }
      best = index
    }
    return best
  }

  /// Puts everything in its place.
  package func zones() -> Zones {
    var entries: [DomainName: ZoneEntry] = [:]
    entries.reserveCapacity(order.count)
    var records: [ZoneRecord] = []
    var bytes: [UInt8] = []
    for name in order {
      guard let draft = names[name] else { continue }
      let isCut = name != apexes[draft.zone] && draft.records.contains { $0.type == .ns }
      entries[name] = ZoneEntry(
        zone: draft.zone, first: records.count, count: draft.records.count,
        isMachine: draft.isMachine, isCut: isCut)
      for record in draft.records {
        records.append(
          ZoneRecord(
            type: record.type, lifetime: record.lifetime, start: bytes.count,
            count: record.data.count))
        bytes += record.data
      }
    }
    return Zones(
      apexes: apexes, forward: forward, server: server, entries: entries, records: records,
      bytes: bytes)
  }
}
