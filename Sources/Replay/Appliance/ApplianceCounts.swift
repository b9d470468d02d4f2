import Boot
import Services

/// How much an appliance remembers, by its tables.
package struct ApplianceCounts: Hashable, Sendable {
  package let leases: Int
  package let sightings: Int
  package let neighbours: Int
  package let provisions: Int
  package let transfers: Int
  /// Ports of transfers that the driver holds open.
  package let ports: Int
  package let connections: Int
  /// Changes that are not durable yet.
  package let waiting: Int
}

extension VirtualAppliance {
  package var counts: ApplianceCounts {
    ApplianceCounts(
      leases: dhcp.leases.count, sightings: dhcp.sightings.count,
      neighbours: dhcp.neighbours.count, provisions: dhcp.provisions.count,
      transfers: tftp.transferCount, ports: transfers.count, connections: connections.count,
      waiting: journal?.waitingCount ?? 0)
  }

  /// The same appliance after its power was gone: it knows what was durable, and nothing else.
  func restarted(with dhcp: DHCPService) -> VirtualAppliance {
    VirtualAppliance(world, dhcp: dhcp, disk: journal?.disk)
  }
}
