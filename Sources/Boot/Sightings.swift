import Network

/// The machines seen lately, by hardware address; bounded.
package struct Sightings: Sendable {
  private var machines: RecentMachines<Sighting>

  package init(limit: Int = 16_384) { machines = RecentMachines(limit: limit) }

  package var count: Int { machines.count }

  package subscript(address: MACAddress) -> Sighting? { machines[address] }

  package mutating func record(_ sighting: Sighting) {
    machines.update(sighting.macAddress, from: sighting) { $0 = sighting }
  }
}
