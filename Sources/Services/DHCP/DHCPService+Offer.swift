import Boot
import Bytes
import Network
import Wire

extension DHCPService {
  /// DISCOVER: offers an address, and keeps it until the client has had time to ask for it.
  mutating func offer(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ sighting: Sighting, isNewcomer: Bool,
    _ catalog: Catalog, at now: Instant, into actions: inout Actions
  ) throws(Malformed) {
    actions.record(Event(.discoverReceived(sighting.firmware), macAddress: query.macAddress))
    guard let home = Self.firstSubnet(on: query.link, catalog) else {
      return actions.record(Event(.packetDropped(.dhcp, .noSubnet), macAddress: query.macAddress))
    }
    let machine = catalog.machine(sighting)?.machine
    let first = catalog.decide(
      for: sighting, on: home, provisions: provisions, reasons: &actions.reasons)
    guard first.instruction != .ignore else {
      return actions.record(Event(.machineIgnored, macAddress: query.macAddress))
    }
    let isNewcomer = isNewcomer && machine == nil
    guard
      machine != nil
        || admits(query, sighting, isNewcomer: isNewcomer, catalog, at: now, into: &actions)
    else { return }
    let placement = place(
      query, machine, isNewcomer: isNewcomer, catalog, at: now, into: &actions)
    guard let placement else {
      if prober.mustProve(home, at: now) {
        prober.missed(in: home, at: now)
        return actions.record(
          Event(.packetDropped(.dhcp, .beingProbed), macAddress: query.macAddress))
      }
      if isNewcomer { tellKept(from: query, catalog, at: now, into: &actions) }
      return actions.record(
        Event(.poolExhausted(home.network), macAddress: query.macAddress))
    }
    if machine == nil, leases.address(of: query.client) == nil {
      newcomers.hold(at: Self.place(of: query, sighting), at: now)
    }
    let decision = catalog.decide(
      for: sighting, on: placement.subnet, provisions: provisions, reasons: &actions.reasons)
    leases.hold(
      placement.address, for: query.client,
      until: now + Self.holdDuration(for: sighting.firmware), at: now)
    let reply = reply(
      .offer, query, placement, decision, sighting, leaseTime: message.leaseTime, catalog,
      noting: &actions.origins)
    try reply.encode(answering: message, into: &actions)
    actions.record(
      Event(
        .addressOffered(placement.address, decision.instruction), macAddress: query.macAddress,
        address: placement.address))
    recordUnsupported(decision, reply.boot, sighting, query, into: &actions)
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
    _ sighting: Sighting, leaseTime: UInt32?, _ catalog: Catalog, noting origins: inout Origins
  ) -> DHCPReply {
    let server = Self.server(for: query, placement.subnet)
    return DHCPReply(
      type: type, query: query, yourAddress: placement.address, subnet: placement.subnet,
      leaseSeconds: Self.leaseSeconds(placement.subnet, asked: leaseTime),
      boot: Self.boot(decision, sighting, .address, query, server, catalog, noting: &origins),
      hostName: decision.machine?.name, server: server)
  }

  static func boot(
    _ decision: Decision, _ sighting: Sighting, _ role: BootOptions.Role, _ query: DHCPQuery,
    _ server: IPv4Address, _ catalog: Catalog, noting origins: inout Origins
  ) -> BootOptions? {
    let interface = catalog.interface(query.arrival.interface)
    return BootOptions(
      decision, sighting.firmware, role,
      BootOptions.Server(
        address: server, httpPort: interface?.http, httpsPort: interface?.https,
        trust: catalog.trust,
        machine: interface?.dhcp == .proxy ? query.macAddress : nil),
      noting: &origins)
  }

  /// How long an OFFER keeps its address: iPXE and EDK II request within 4 to 10 s, slow installers
  /// within half a minute, some Raspberry Pis not at all (``Quirk/piOfferIsEnough``).
  static func holdDuration(for firmware: Firmware?) -> Duration {
    .seconds(Quirk.piOfferIsEnough.applies(to: firmware) ? 600 : 60)
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

  /// Tells that a firmware which asks for a boot program gets none, though no policy says so.
  func recordUnsupported(
    _ decision: Decision, _ boot: BootOptions?, _ sighting: Sighting, _ query: DHCPQuery,
    into actions: inout Actions
  ) {
    switch decision.instruction {
    case .local, .nothing, .ignore: return
    case .unsupported, .loader, .script, .native:
      guard boot == nil, let firmware = sighting.firmware else { return }
      actions.record(Event(.bootUnsupported(firmware), macAddress: query.macAddress))
    }
  }
}
