import Boot
import Bytes
import Network
import Wire

extension DHCPService {
  /// INFORM: the client has an address and wants the rest (RFC 2131 §4.3.5).
  mutating func inform(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ sighting: Sighting, _ catalog: Catalog,
    at now: Instant, into actions: inout Actions
  ) throws(Malformed) {
    guard query.clientAddress.isUnicast,
      let subnet = catalog.subnet(holding: query.clientAddress)
    else {
      return actions.record(Event(.packetDropped(.dhcp, .noSubnet), macAddress: query.macAddress))
    }
    let decision = catalog.decide(
      for: sighting, on: subnet, provisions: provisions, reasons: &actions.reasons)
    guard decision.instruction != .ignore else {
      return actions.record(Event(.machineIgnored, macAddress: query.macAddress))
    }
    let server = Self.server(for: query, subnet)
    let reply = DHCPReply(
      type: .ack, query: query, subnet: subnet,
      boot: Self.boot(
        decision, sighting, .address, query, server, catalog, noting: &actions.origins),
      hostName: decision.machine?.name, server: server)
    try reply.encode(answering: message, into: &actions)
    actions.record(
      Event(
        .informAnswered(decision.instruction), macAddress: query.macAddress,
        address: query.clientAddress))
  }

  /// DECLINE: the client found its address in use (RFC 2131 §4.3.3); it rests for a while.
  mutating func decline(
    _ query: DHCPQuery, _ catalog: Catalog, at now: Instant, into actions: inout Actions
  ) {
    guard let address = query.requestedAddress,
      leases.decline(
        address, by: query.client, until: now + Self.quarantineDuration, at: now)
    else {
      return actions.record(
        Event(.packetDropped(.dhcp, .notServedHere), macAddress: query.macAddress))
    }
    actions.append(.erase(address))
    actions.record(
      Event(.addressDeclined(address), macAddress: query.macAddress, address: address))
  }

  /// RELEASE: the address is free, and remembered for the client (RFC 2131 §4.3.4).
  mutating func release(_ query: DHCPQuery, at now: Instant, into actions: inout Actions) {
    guard leases.release(query.clientAddress, by: query.client, at: now) else {
      return actions.record(
        Event(.packetDropped(.dhcp, .notServedHere), macAddress: query.macAddress))
    }
    actions.append(.erase(query.clientAddress))
    actions.record(
      Event(
        .leaseReleased(query.clientAddress), macAddress: query.macAddress,
        address: query.clientAddress))
  }

  /// Ends a lease on the operator's word; false when there is none.
  package mutating func release(
    _ address: IPv4Address, at now: Instant, into actions: inout Actions
  ) -> Bool {
    guard let client = leases.client(at: address, at: now),
      leases.release(address, by: client, at: now)
    else { return false }
    actions.append(.erase(address))
    actions.record(
      Event(.leaseReleased(address), macAddress: client.macAddress, address: address))
    return true
  }
}
