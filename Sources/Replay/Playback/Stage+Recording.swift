import Boot
import Network
import Wire

extension Stage {
  /// The stage of the recorded world: every address is itself.
  init(recorded servers: RecordedServers, _ machines: [RecordedMachine]) {
    let own = servers.own ?? RecordedSubnets.ownWithoutServer
    self.init(
      recordedServer: servers.own, foreignServers: servers.all.filter { $0 != servers.own },
      relay: Self.relay(machines), local: own, interface: 1)
  }

  /// The stage of a configuration: the subnet that holds the recording's server or machines, else
  /// the first one.
  init(recorded servers: RecordedServers, _ machines: [RecordedMachine], in world: World) {
    let catalog = world.catalog
    let relay = Self.relay(machines)
    let known = [relay, servers.own].compactMap(\.self) + machines.flatMap(\.addresses)
    let subnet =
      known.lazy.compactMap { catalog.subnet(holding: $0) }.first
      ?? catalog.subnets.first { $0.interface != nil } ?? catalog.subnets.first
    let interface =
      catalog.interfaces.first { $0.name == subnet?.interface && $0.dhcp != .off }
      ?? catalog.interfaces.first { $0.dhcp != .off }
    self.init(
      recordedServer: servers.own, foreignServers: servers.all.filter { $0 != servers.own },
      relay: relay,
      local: subnet?.ownAddress ?? servers.own ?? RecordedSubnets.ownWithoutServer,
      interface: interface?.number ?? 1)
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
