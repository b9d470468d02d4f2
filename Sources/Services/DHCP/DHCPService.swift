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
  package internal(set) var sightings: Sightings
  /// Of the catalog that the searches for free addresses were made with.
  private var generation: UInt64 = 0

  /// How long an OFFER keeps its address: iPXE and EDK II request within 4 to 10 s, slow installers
  /// within half a minute.
  static let holdDuration = Duration.seconds(60)
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
  package mutating func catalogChanged() { leases.catalogChanged() }

  /// Answers one UDP payload that came to port 67.
  package mutating func receive(
    _ payload: RawSpan, from arrival: Arrival, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) {
    do throws(Malformed) {
      let message = try DHCPMessage(checking: payload)
      guard let query = try DHCPQuery(message, arrival) else {
        return actions.record(Event(.packetDropped(.dhcp, message.isRequest ? .notClient : .reply)))
      }
      guard catalog.interface(arrival.interface)?.dhcp == .authoritative else {
        return actions.record(
          Event(.packetDropped(.dhcp, .notServedHere), macAddress: query.macAddress))
      }
      try answer(query, message, catalog, at: now, into: &actions)
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
    try DHCPReply.checkEcho(of: message)
    switch query.type {
    case .discover:
      let sighting = try sight(query, message)
      try offer(query, message, sighting, catalog, at: now, into: &actions)
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

  private mutating func sight(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage
  ) throws(Malformed) -> Sighting {
    let address = query.macAddress ?? .zero
    var sighting = sightings[address] ?? Sighting(macAddress: address)
    try sighting.update(query, message)
    if query.macAddress != nil { sightings.record(sighting) }
    return sighting
  }

  /// What is known of the machine that has `address` now; nil when nobody has it from us.
  package func sighting(at address: IPv4Address, at now: Instant) -> Sighting? {
    guard let macAddress = leases.client(at: address, at: now)?.macAddress else { return nil }
    return sightings[macAddress] ?? Sighting(macAddress: macAddress)
  }
}
