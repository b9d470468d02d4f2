import Boot
import Network
import Wire

extension Stage {
  /// The stage of the recorded world: every address is itself.
  init(
    recorded servers: RecordedServers, _ machines: [RecordedMachine], names: [RecordedName]
  ) {
    let own = servers.own ?? RecordedSubnets.ownWithoutServer
    self.init(
      recordedServer: servers.own, foreignServers: servers.all.filter { $0 != servers.own },
      recordedHosts: Self.hosts(servers, machines, names), relay: Self.relay(machines), local: own,
      interface: 1)
  }

  /// The stage of a configuration: the subnet that holds the recording's server or machines, else
  /// the first one.
  ///
  /// - Parameter former: The world that served the machines before. Where it knew them, they are
  ///   where they were: a network that is served no more does not move them to another.
  init(
    recorded servers: RecordedServers, _ machines: [RecordedMachine], names: [RecordedName],
    in world: World, instead former: World? = nil
  ) {
    let catalog = world.catalog
    let relay = Self.relay(machines)
    let known = [relay, servers.own].compactMap(\.self) + machines.flatMap(\.addresses)
    let was = former.flatMap { Self.served(known, $0.catalog) }
    let found = known.lazy.compactMap { catalog.subnet(holding: $0) }.first
    let subnet =
      found ?? was ?? catalog.subnets.first { $0.interface != nil } ?? catalog.subnets.first
    let name = subnet?.interface
    let interface =
      catalog.interfaces.first { $0.name == name && (was != nil || $0.dhcp != .off) }
      ?? (was == nil || name == nil ? catalog.interfaces.first { $0.dhcp != .off } : nil)
    self.init(
      recordedServer: servers.own, foreignServers: servers.all.filter { $0 != servers.own },
      recordedHosts: Self.hosts(servers, machines, names), relay: relay,
      local: subnet?.ownAddress ?? servers.own ?? RecordedSubnets.ownWithoutServer,
      interface: interface?.number ?? (was == nil ? 1 : Self.none))
  }

  /// No interface has this number.
  private static let none: Int32 = -1

  /// The subnet of machines known by such addresses, where DHCP is served to it.
  private static func served(_ known: [IPv4Address], _ catalog: Catalog) -> Subnet? {
    guard let subnet = known.lazy.compactMap({ catalog.subnet(holding: $0) }).first else {
      return nil
    }
    guard let name = subnet.interface else { return subnet }
    let isServed = catalog.interfaces.contains { $0.name == name && $0.dhcp != .off }
    return isServed ? subnet : nil
  }

  /// The server, those that its replies name, and whoever a boot program was fetched from by TFTP.
  private static func hosts(
    _ servers: RecordedServers, _ machines: [RecordedMachine], _ names: [RecordedName]
  ) -> Set<IPv4Address> {
    guard let own = servers.own else { return [] }
    var hosts: Set<IPv4Address> = [own]
    for step in machines.flatMap(\.steps) {
      switch step {
      case .question(let question):
        for reply in question.replies {
          let next = reply.meaning.header.serverAddress
          if next != .unspecified { hosts.insert(next) }
          if let host = BootURL(reply.meaning.bootFileName)?.host {
            if let address = IPv4Address(host) { hosts.insert(address) }
            let name = DomainName(host)
            for known in names where known.name == name { hosts.insert(known.address) }
          }
        }
      case .transfer(let transfer): hosts.insert(transfer.request.destination.address)
      case .exchange, .query: break
      }
    }
    return hosts
  }

  /// Of a recording made between the machines and their relay: replies name the relay that the
  /// questions do not know of yet.
  private static func relay(_ machines: [RecordedMachine]) -> IPv4Address? {
    for case .question(let question) in machines.flatMap(\.steps)
    where question.meaning.header.relayAddress == .unspecified {
      for reply in question.replies where reply.meaning.header.relayAddress.isUnicast {
        return reply.meaning.header.relayAddress
      }
    }
    return nil
  }
}
