import Boot
import Bytes
import Network
import Wire

extension DHCPService {
  /// REQUEST in its four states (RFC 2131 §4.3.2). The ACK follows the lease's way to the store.
  mutating func grant(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ sighting: Sighting, _ catalog: Catalog,
    at now: Instant, into actions: inout Actions
  ) throws(Malformed) {
    guard let state = query.requestState else {
      throw Malformed(.invalid("address in a REQUEST"), at: DHCPMessage.minimumCount)
    }
    actions.record(
      Event(.requestReceived(state, sighting.firmware), macAddress: query.macAddress))
    let wanted = query.wantedAddress
    let home = Self.firstSubnet(on: query.link, catalog)
    if state == .selecting, let server = query.serverIdentifier,
      server != query.arrival.local, server != query.identifierOverride,
      server != Self.server(for: query, subnet(of: wanted, on: query.link, catalog))
    {
      return giveWay(to: server, query, catalog, at: now, into: &actions)
    }
    let subnet =
      state == .renewing
      ? catalog.subnet(holding: wanted) : subnet(of: wanted, on: query.link, catalog)
    let decision = catalog.decide(
      for: sighting, on: subnet ?? home, provisions: provisions, reasons: &actions.reasons)
    guard decision.instruction != .ignore else {
      return actions.record(Event(.machineIgnored, macAddress: query.macAddress))
    }
    guard let subnet else {
      // A unicast from a network that is not ours, or a wire without a subnet: not our business.
      guard state != .renewing, home != nil else {
        return actions.record(
          Event(.packetDropped(.dhcp, .noSubnet), macAddress: query.macAddress))
      }
      return try refuse(wanted, .wrongSubnet, query, message, into: &actions)
    }
    if let refusal = refusal(
      of: wanted, subnet, query, state, decision.machine, catalog, at: now)
    {
      return try refuse(wanted, refusal, query, message, into: &actions)
    }
    try acknowledge(
      Placement(address: wanted, subnet: subnet), decision, sighting, query, message, catalog,
      at: now, into: &actions)
  }

  /// The client took another server's OFFER: ours is free again.
  private mutating func giveWay(
    to server: IPv4Address, _ query: DHCPQuery, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) {
    if let held = leases.address(of: query.client), leases.binding(of: held)?.state == .held {
      _ = leases.release(held, by: query.client, at: now)
    }
    actions.record(Event(.offerDeclined(server: server), macAddress: query.macAddress))
    let isOurs = catalog.subnets.contains { $0.ownAddress == server }
    if !isOurs, otherServers.hear(of: server, isItself: false, at: now) {
      var seen = ForeignServer(address: server)
      seen.interface = catalog.interface(query.arrival.interface)?.name ?? ""
      actions.record(Event(.foreignServerSeen(seen)))
    }
  }

  /// Why the client may not have the address; nil when it may.
  private func refusal(
    of address: IPv4Address, _ subnet: Subnet, _ query: DHCPQuery, _ state: Fact.RequestState,
    _ machine: Machine?, _ catalog: Catalog, at now: Instant
  ) -> Fact.Refusal? {
    guard
      leases.isFree(address, for: query.client, at: now)
        || isItself(at: address, subnet, state, at: now)
    else { return .taken }
    guard Self.mayLease(address, of: subnet, to: machine, catalog) else {
      return catalog.machine(reserving: address) == nil ? .notOurs : .taken
    }
    if let reserved = machine?.address, reserved != address,
      self.subnet(of: reserved, on: query.link, catalog) != nil,
      leases.isFree(reserved, for: query.client, at: now)
    {
      return .changed
    }
    return nil
  }

  /// Whether who answered a probe for `address` may well be the client itself: behind a relay that
  /// is not known, and after a loss another may have answered first. Who begins anew lives nowhere
  /// yet (INIT-REBOOT): it is believed only while its lease may have been lost.
  private func isItself(
    at address: IPv4Address, _ subnet: Subnet, _ state: Fact.RequestState, at now: Instant
  ) -> Bool {
    let mustProve = prober.mustProve(subnet, at: now)
    return switch state {
    case .selecting: false
    case .initReboot: mustProve && leases.isOccupiedByStranger(address, at: now)
    case .renewing, .rebinding:
      mustProve
        ? leases.isOccupied(address, at: now) : leases.isOccupiedByStranger(address, at: now)
    }
  }

  private mutating func acknowledge(
    _ placement: Placement, _ decision: Decision, _ sighting: Sighting, _ query: DHCPQuery,
    _ message: borrowing DHCPMessage, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) throws(Malformed) {
    let reply = reply(
      .ack, query, placement, decision, sighting, leaseTime: message.leaseTime, catalog,
      noting: &actions.origins)
    actions.origins.note(.yourAddress, .wished)
    let seconds = reply.leaseSeconds ?? placement.subnet.lease.wholeSeconds
    let lease = Lease(
      address: placement.address, client: query.client,
      expiry: now + .seconds(Int64(seconds)),
      hostName: try hostName(of: message, placement.address))
    if let binding = leases.binding(of: lease.address), binding.client == lease.client,
      binding.state == .held
    {
      newcomers.take(at: Self.place(of: query, sighting))
    }
    let former = leases.grant(lease, within: placement.subnet.network)
    actions.append(.store(lease))
    if let former { actions.append(.erase(former)) }
    try reply.encode(answering: message, into: &actions)
    actions.record(
      Event(
        .leaseGranted(placement.address, seconds: seconds, decision.instruction),
        macAddress: query.macAddress, address: placement.address))
    // After its DISCOVER it is known already.
    guard query.requestState != .selecting else { return }
    recordUnsupported(decision, reply.boot, sighting, query, into: &actions)
  }

  /// Option 12, kept as it came; the known copy is used again when it is the same.
  private func hostName(
    of message: borrowing DHCPMessage, _ address: IPv4Address
  ) throws(Malformed) -> [UInt8] {
    let known = leases.binding(of: address)?.hostName ?? []
    let shown = try message.withValue(of: DHCPOption.hostName) {
      value throws(Malformed) -> [UInt8]? in
      value.equals(known) ? known : value.keptOctets
    }
    return shown ?? []
  }

  private func refuse(
    _ address: IPv4Address, _ refusal: Fact.Refusal, _ query: DHCPQuery,
    _ message: borrowing DHCPMessage, into actions: inout Actions
  ) throws(Malformed) {
    let reply = DHCPReply(
      type: .nak, query: query, message: refusal.rawValue,
      server: Self.server(for: query, nil))
    try reply.encode(answering: message, into: &actions)
    actions.record(
      Event(.requestRefused(address, refusal), macAddress: query.macAddress, address: address))
  }
}
