import Boot
import Bytes
import Network
import Wire

/// Answers DHCP clients (RFC 2131) with addresses and with what to boot.
///
/// A value: it owns no socket, clock or database, so the same messages at the same instants give
/// the same actions.
package struct DHCPService: Sendable {
  package internal(set) var leases = LeaseTable()
  package var sightings: Sightings
  /// Addresses that another server gave.
  package private(set) var neighbours = Neighbours()
  var otherServers = OtherServers()
  var newcomers = NewcomerQuota()
  var prober = AddressProber()
  /// Each change of theirs comes with what must be durable and be told.
  package var provisions = ProvisionTable()
  package var nodes = NodeTable()
  /// Of the catalog that the searches for free addresses were made with.
  private var generation: UInt64 = 0

  /// How long an address rests that a client found in use.
  static let quarantineDuration = Duration.seconds(600)
  /// The shortest lease that a client may ask for.
  static let minimumLease = Duration.seconds(30)

  /// - Parameter sightingLimit: Most machines remembered beside those with leases.
  package init(sightingLimit: Int = 16_384) {
    sightings = Sightings(limit: sightingLimit)
  }

  /// Takes a lease as it was stored: at the start of the appliance.
  package mutating func restore(_ lease: Lease) { leases.restore(lease) }

  /// Pools and reservations may have moved.
  package mutating func catalogChanged() {
    leases.catalogChanged()
    prober.begin()
  }

  /// Answers one UDP payload that came to port 67, or to port 4011.
  package mutating func receive(
    _ payload: RawSpan, from arrival: Arrival, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) {
    do throws(Malformed) {
      let message = try DHCPMessage(checking: payload)
      guard let query = try DHCPQuery(message, arrival) else {
        return actions.record(Event(.packetDropped(.dhcp, message.isRequest ? .notClient : .reply)))
      }
      // A relay has an address; who forges one to reach another subnet may have none yet.
      guard query.relay == .unspecified || arrival.source.address != .unspecified else {
        return actions.record(
          Event(.packetDropped(.dhcp, .spoofedRelay), macAddress: query.macAddress))
      }
      let mode = catalog.interface(arrival.interface)?.dhcp ?? .off
      switch mode {
      case .off:
        actions.record(Event(.packetDropped(.dhcp, .notServedHere), macAddress: query.macAddress))
      case .authoritative, .proxy:
        try DHCPReply.checkEcho(of: message)
        if query.isToBootServer {
          try serveBoot(query, message, catalog, at: now, into: &actions)
        } else if mode == .proxy {
          try assist(query, message, catalog, at: now, into: &actions)
        } else {
          try answer(query, message, catalog, at: now, into: &actions)
        }
      }
    } catch {
      actions.record(Event(.packetMalformed(.dhcp, reason: error.description)))
    }
  }

  private mutating func answer(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) throws(Malformed) {
    if catalog.generation != generation {
      generation = catalog.generation
      leases.searchAnew()
    }
    switch query.type {
    case .discover:
      let isNewcomer = isNewcomer(query)
      let sighting = try sight(query, message)
      try offer(
        query, message, sighting, isNewcomer: isNewcomer, catalog, at: now, into: &actions)
    case .request:
      let sighting = try sight(query, message)
      try grant(query, message, sighting, catalog, at: now, into: &actions)
    case .inform:
      let sighting = try sight(query, message)
      try inform(query, message, sighting, catalog, at: now, into: &actions)
    case .decline:
      decline(query, catalog, at: now, into: &actions)
    case .release:
      release(query, at: now, into: &actions)
    case .offer, .ack, .nak:
      actions.record(Event(.packetDropped(.dhcp, .reply), macAddress: query.macAddress))
    }
  }

  mutating func sight(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage
  ) throws(Malformed) -> Sighting {
    let address = query.macAddress ?? .zero
    var sighting = sightings[address] ?? Sighting(macAddress: address)
    try sighting.update(query, message)
    if query.macAddress != nil { sightings.record(sighting) }
    return sighting
  }

  /// Whether this is the first that is heard of a client: it may be made up.
  private func isNewcomer(_ query: DHCPQuery) -> Bool {
    leases.address(of: query.client) == nil
      && query.macAddress.map { sightings[$0] == nil } ?? true
  }

  /// The machine that has `address` now, from us or, as far as it told, from another server.
  package func machine(at address: IPv4Address, at now: Instant) -> MACAddress? {
    leases.client(at: address, at: now)?.macAddress ?? neighbours.machine(at: address)
  }

  /// What is known of the machine that has `address` now; nil when nobody is known to have it.
  package func sighting(at address: IPv4Address, at now: Instant) -> Sighting? {
    machine(at: address, at: now).map { sightings[$0] ?? Sighting(macAddress: $0) }
  }

  /// Remembers where a machine of ours is that another server gave its address.
  mutating func learn(_ machine: MACAddress?, at address: IPv4Address?) {
    guard let machine, let address, address.isUnicast, sightings[machine] != nil else { return }
    neighbours.learn(machine, at: address)
  }
}
