import Boot
import Bytes
import Network
import Wire

// What we say where another server gives the addresses, and what PXE's boot servers say anywhere.
extension DHCPService {
  /// Port 67 of an interface where we are a proxyDHCP: a client that boots hears where from, and
  /// nothing else is ours to answer. No address, no NAK.
  mutating func assist(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) throws(Malformed) {
    switch query.type {
    case .discover: try offerBoot(query, message, catalog, at: now, into: &actions)
    case .request: try overhear(query, message, catalog, at: now, into: &actions)
    case .inform, .decline, .release, .offer, .ack, .nak:
      actions.record(Event(.packetDropped(.dhcp, .othersBusiness), macAddress: query.macAddress))
    }
  }

  /// A proxyDHCP OFFER (PXE 2.1 §2.2.3): boot options beside another server's address.
  private mutating func offerBoot(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) throws(Malformed) {
    guard let sighting = try sightBooting(query, message) else {
      return actions.record(
        Event(.packetDropped(.dhcp, .notBooting), macAddress: query.macAddress))
    }
    actions.record(Event(.discoverReceived(sighting.firmware), macAddress: query.macAddress))
    if otherServers.search(on: query.arrival.interface, at: now),
      let interface = catalog.interface(query.arrival.interface)
    {
      actions.record(Event(.serverMissing(interface: interface.name)))
    }
    let subnet = Self.firstSubnet(on: query.link, catalog)
    let decision = catalog.decide(
      for: sighting, on: subnet, provisions: provisions, reasons: &actions.reasons)
    guard decision.instruction != .ignore else {
      return actions.record(Event(.machineIgnored, macAddress: query.macAddress))
    }
    let server = Self.server(for: query, subnet)
    // An OFFER without an address would be U-Boot's own (``Quirk/firstOfferIsTaken``).
    let boot =
      try message.isFromUBoot
      ? nil
      : Self.boot(
        decision, sighting, .proxyOffer, query, server, catalog, noting: &actions.origins)
    guard let boot else {
      return recordUnsupported(decision, nil, sighting, query, into: &actions)
    }
    let reply = DHCPReply(type: .offer, query: query, boot: boot, server: server)
    try reply.encode(answering: message, into: &actions)
    actions.record(Event(.bootOffered(decision.instruction), macAddress: query.macAddress))
  }

  /// A REQUEST to another server says which address its client takes; one with a choice of a boot
  /// menu looks for a boot server on port 67 (PXE 2.1 §2.2.4).
  private mutating func overhear(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) throws(Malformed) {
    if query.clientAddress.isUnicast, query.serverIdentifier == nil,
      try message.bootChoice != nil
    {
      return try serveBoot(query, message, catalog, at: now, into: &actions)
    }
    guard let machine = query.macAddress, sightings[machine] != nil else {
      return actions.record(
        Event(.packetDropped(.dhcp, .othersBusiness), macAddress: query.macAddress))
    }
    let sighting = try sight(query, message)
    guard let state = query.requestState else { return }
    actions.record(Event(.requestReceived(state, sighting.firmware), macAddress: machine))
    if state == .selecting { otherServers.succeed(on: query.arrival.interface) }
    learn(machine, at: query.wantedAddress)
  }

  /// PXE's boot server: port 4011, in proxy mode and beside our own addresses
  /// (``Quirk/bootServerEchoesChoice``). Answers go back to the port that asked: EDK II's 4011, iPXE's
  /// 68.
  mutating func serveBoot(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) throws(Malformed) {
    guard query.type == .request || query.type == .inform,
      let sighting = try sightBooting(query, message)
    else {
      return actions.record(
        Event(.packetDropped(.dhcp, .notBooting), macAddress: query.macAddress))
    }
    learnAsker(query, at: message.clientAddress, catalog)
    let subnet = catalog.subnet(holding: message.clientAddress)
    let decision = catalog.decide(
      for: sighting, on: subnet, provisions: provisions, reasons: &actions.reasons)
    guard decision.instruction != .ignore else {
      return actions.record(Event(.machineIgnored, macAddress: query.macAddress))
    }
    let server = Self.server(for: query, subnet)
    guard
      var boot = Self.boot(
        decision, sighting, .bootServer, query, server, catalog, noting: &actions.origins)
    else {
      return recordUnsupported(decision, nil, sighting, query, into: &actions)
    }
    if let choice = try message.bootChoice {
      boot.echo(choice: choice, noting: &actions.origins)
    }
    let reply = DHCPReply(
      type: .ack, query: query.answered(at: message.clientAddress), boot: boot, server: server,
      clientPort: query.isToBootServer
        ? query.arrival.source.port : Reply.Destination.clientPort)
    try reply.encode(answering: message, into: &actions)
    actions.record(
      Event(
        .bootAcknowledged(decision.instruction), macAddress: query.macAddress,
        address: message.clientAddress))
  }

  /// Remembers where who asks our boot server is: the address is its word only, and opens what its
  /// machine may have. So it is taken beside another server's addresses only, from that very
  /// address, and never against a lease of ours.
  private mutating func learnAsker(
    _ query: DHCPQuery, at address: IPv4Address, _ catalog: Catalog
  ) {
    guard let machine = query.macAddress,
      catalog.interface(query.arrival.interface)?.dhcp == .proxy,
      query.arrival.source.address == address,
      leases.address(of: .hardware(machine)) ?? address == address
    else { return }
    learn(machine, at: address)
  }

  /// The sighting of a client that boots; nil for all others, of whom nothing is kept that was not
  /// known before.
  private mutating func sightBooting(
    _ query: DHCPQuery, _ message: borrowing DHCPMessage
  ) throws(Malformed) -> Sighting? {
    let isKnown = query.macAddress.map { sightings[$0] != nil } ?? false
    guard try Firmware(message) != nil || isKnown else { return nil }
    let sighting = try sight(query, message)
    return sighting.firmware == nil ? nil : sighting
  }
}

extension DHCPMessage {
  /// Option 43 with the boot item that a client chose (PXE 2.1 §2.2.4, PXE_BOOT_ITEM), as it is to be
  /// sent back; nil when there is none.
  var bootChoice: [UInt8]? {
    get throws(Malformed) {
      guard try vendorClassBegins(with: "PXEClient") else { return nil }
      return try withValue(of: DHCPOption.vendorSpecific) { value throws(Malformed) -> [UInt8]? in
        let item: UInt8 = 71
        // What is no list of sub-options chooses nothing.
        do throws(Malformed) {
          guard let choice = try SubOptions.value(of: item, in: value, .padded),
            choice.byteCount == 4
          else { return nil }
          return [item, 4] + choice.octets() + [DHCPOption.end]
        } catch { return nil }
      }
    }
  }
}
