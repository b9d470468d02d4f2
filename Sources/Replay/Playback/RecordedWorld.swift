import Boot
import Network
import Wire

extension World {
  /// The world that a recording shows: its server's address and role, its subnets, each machine's
  /// address as a reservation. Files and scripts are supplied request by request as they were
  /// recorded, so this proves protocol, quirks and timing, and no policy.
  init(recordedBy servers: RecordedServers, _ machines: [RecordedMachine], names: [RecordedName]) {
    let subnets = RecordedSubnets(machines, servers)
    let interface = Interface(
      name: Self.recorded, number: 1, dhcp: servers.isProxy ? .proxy : .authoritative)
    let catalog = Catalog(
      generation: 1, interfaces: [interface], subnets: subnets.subnets,
      profiles: [Profile(name: Self.recorded, boot: .script(Template(verbatim: "#!ipxe\n")))],
      machines: Self.reservations(machines, isProxy: servers.isProxy),
      defaultProfile: .profile(Self.recorded), loaders: Self.loaders,
      zones: Self.zones(names, subnets.subnets))
    self.init(catalog: catalog) { _, _ in nil }
  }

  private static let recorded = "recorded"

  /// Each machine keeps the address that it has first in the recording, unless another had it.
  private static func reservations(
    _ machines: [RecordedMachine], isProxy: Bool
  ) -> [Machine] {
    var taken: Set<IPv4Address> = []
    return machines.map { machine in
      let address = isProxy ? nil : machine.addresses.first { !taken.contains($0) }
      if let address { taken.insert(address) }
      return Machine(
        name: machine.macAddress.dashed, macAddress: machine.macAddress, address: address)
    }
  }

  /// Any firmware finds a loader: which one it got is the recording's business.
  private static var loaders: [Loader] {
    LoaderRow.all.map { row in
      Loader(
        set: row.set, architecture: row.architecture, path: "\(row.set.rawValue)/\(row.file)",
        byteCount: 1)
    }
  }

  /// The names that somebody answered, in the zone of the first of them.
  private static func zones(_ names: [RecordedName], _ subnets: [Subnet]) -> Zones {
    var zone = names.first?.name
    zone?.dropFirstLabel()
    guard let zone, !zone.octets.isEmpty, zone.octets.first != 0 else { return Zones() }
    var draft = ZoneDraft(
      forward: zone, host: "bootwire", networks: subnets.map(\.network), serial: 1)
    for name in names where name.name.isWithin(zone) { draft.add(name.name, name.address) }
    return draft.zones()
  }
}

/// A name with an address, as a recording answers it.
struct RecordedName: Hashable, Sendable {
  let name: DomainName
  let address: IPv4Address
}

/// The subnets that a recording shows.
struct RecordedSubnets {
  private(set) var subnets: [Subnet] = []
  private let own: IPv4Address

  /// For a recording in which nobody says an address (RFC 5737).
  static let ownWithoutServer = IPv4Address(192, 0, 2, 1)

  init(_ machines: [RecordedMachine], _ servers: RecordedServers) {
    own = servers.own ?? Self.ownWithoutServer
    for case .question(let question) in machines.flatMap(\.steps) { take(question) }
    for address in machines.flatMap(\.addresses) { add(address, 24, nil, nil) }
    if subnets.isEmpty { add(own, 24, nil, nil) }
  }

  private mutating func take(_ question: RecordedQuestion) {
    for reply in question.replies where reply.type != .nak {
      let header = reply.meaning.header
      let address = header.yourAddress == .unspecified ? header.clientAddress : header.yourAddress
      let relay = [question.meaning.header.relayAddress, header.relayAddress].first {
        $0 != .unspecified
      }
      if address.isUnicast { add(address, Self.length(reply.meaning), relay, reply.meaning) }
    }
    let relay = question.meaning.header.relayAddress
    if relay.isUnicast { add(relay, 24, relay, nil) }
    if let wanted = question.meaning.address(DHCPOption.requestedAddress), wanted.isUnicast,
      question.replies.isEmpty
    {
      add(wanted, 24, nil, nil)
    }
  }

  private static func length(_ reply: DHCPMeaning) -> Int {
    guard let mask = reply.address(DHCPOption.subnetMask) else { return 24 }
    let length = mask.number.leadingZeroBitCount == 0 ? (~mask.number).leadingZeroBitCount : 24
    return (8...30).contains(length) ? length : 24
  }

  /// Takes from the recorded reply what it says of the network, so that ours says the same.
  private mutating func add(
    _ address: IPv4Address, _ length: Int, _ relay: IPv4Address?, _ reply: DHCPMeaning?
  ) {
    if let index = subnets.firstIndex(where: { $0.network.contains(address) }) {
      if let relay, !subnets[index].relays.contains(relay) { subnets[index].relays.append(relay) }
      return
    }
    let network = IPv4Prefix(address, length: length)
    let isOwn = network.contains(own)
    var subnet = Subnet(
      network: network, interface: relay == nil || isOwn ? "recorded" : nil,
      relays: relay.map { [$0] } ?? [],
      pools: Self.pools(network, without: [own] + (relay.map { [$0] } ?? [])),
      ownAddress: isOwn ? own : nil)
    if let reply {
      subnet.router = reply.address(DHCPOption.router)
      subnet.dns = reply.address(DHCPOption.domainNameServer).map { [$0] }
      subnet.domain = reply[DHCPOption.domainName].map {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let seconds = reply.number(DHCPOption.leaseTime) {
        subnet.lease = .seconds(Int64(seconds))
      }
    }
    subnets.append(subnet)
  }

  /// All addresses but our own and the relay's.
  private static func pools(_ network: IPv4Prefix, without taken: [IPv4Address]) -> [Pool] {
    var pools: [Pool] = []
    var first = network.network.number + 1
    let last = network.broadcast.number - 1
    for address in taken.sorted() where address.number >= first && address.number <= last {
      if address.number > first {
        pools.append(Pool(IPv4Address(first), IPv4Address(address.number - 1)))
      }
      first = address.number + 1
    }
    if first <= last { pools.append(Pool(IPv4Address(first), IPv4Address(last))) }
    return pools
  }
}
