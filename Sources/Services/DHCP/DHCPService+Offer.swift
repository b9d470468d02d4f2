import Boot
import Bytes
import Network
import Wire

extension DHCPService {
  /// DISCOVER: offers an address, and keeps it until the client has had time to ask for it.
  mutating func offer(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ sighting: Sighting, _ catalog: Catalog,
    at now: Instant, into actions: inout Actions
  ) throws(Malformed) {
    actions.record(Event(.discoverReceived(sighting.firmware), macAddress: query.macAddress))
    guard let home = Self.firstSubnet(on: query.link, catalog) else {
      return actions.record(Event(.packetDropped(.dhcp, .noSubnet), macAddress: query.macAddress))
    }
    let machine = catalog.machine(sighting)?.machine
    let first = catalog.decide(for: sighting, on: home, reasons: &actions.reasons)
    guard first.instruction != .ignore else {
      return actions.record(Event(.machineIgnored, macAddress: query.macAddress))
    }
    guard let placement = place(query, machine, catalog, at: now, into: &actions) else {
      return actions.record(
        Event(.poolExhausted(home.network), macAddress: query.macAddress))
    }
    let decision = catalog.decide(
      for: sighting, on: placement.subnet, reasons: &actions.reasons)
    leases.hold(
      placement.address, for: query.client, until: now + Self.holdDuration, at: now)
    let reply = reply(
      .offer, query, placement, decision, leaseTime: message.leaseTime, catalog)
    try reply.encode(answering: message, into: &actions)
    actions.record(
      Event(
        .addressOffered(placement.address, decision.instruction), macAddress: query.macAddress,
        address: placement.address))
    recordUnsupported(decision, sighting, query, into: &actions)
  }

  static func firstSubnet(on link: Link, _ catalog: Catalog) -> Subnet? {
    for index in catalog.subnets.indices where catalog.isSubnet(index, on: link) {
      return catalog.subnets[index]
    }
    return nil
  }

  /// An OFFER or ACK that gives an address.
  func reply(
    _ type: DHCPMessageType, _ query: DHCPQuery, _ placement: Placement, _ decision: Decision,
    leaseTime: UInt32?, _ catalog: Catalog
  ) -> DHCPReply {
    DHCPReply(
      type: type, query: query, yourAddress: placement.address, subnet: placement.subnet,
      leaseSeconds: Self.leaseSeconds(placement.subnet, asked: leaseTime),
      instruction: decision.instruction, hostName: decision.machine?.name,
      server: Self.server(for: query, placement.subnet),
      httpPort: catalog.interface(query.arrival.interface)?.http)
  }

  /// Our address as the client should use it: the one within its subnet where we have one.
  static func server(for query: DHCPQuery, _ subnet: Subnet?) -> IPv4Address {
    query.link.relay == .unspecified
      ? subnet?.ownAddress ?? query.arrival.local : query.arrival.local
  }

  /// The subnet's lease, or less if the client asks for less (option 51).
  static func leaseSeconds(_ subnet: Subnet, asked: UInt32?) -> UInt32 {
    let most = subnet.lease.wholeSeconds
    guard let asked else { return most }
    return min(most, max(asked, minimumLease.wholeSeconds))
  }

  func recordUnsupported(
    _ decision: Decision, _ sighting: Sighting, _ query: DHCPQuery, into actions: inout Actions
  ) {
    guard decision.instruction == .unsupported, let firmware = sighting.firmware else { return }
    actions.record(Event(.bootUnsupported(firmware), macAddress: query.macAddress))
  }
}
