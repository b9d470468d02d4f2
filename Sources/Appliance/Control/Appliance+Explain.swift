import Boot
import EventLoop
import Network
import Replay
import Services

// What the control socket tells of one machine: the decision as of now.
extension Appliance {
  /// What the machine would be told if it asked now as it was last seen; nil when it was not seen.
  ///
  /// A copy of the services is asked, so that nothing is held, leased or recorded by it. It costs as
  /// much as the tables are large, some milliseconds for ten thousand machines.
  ///
  /// - Parameters:
  ///   - machine: A name, a hardware or an IPv4 address.
  ///   - kind: The firmware that it is to ask as, in place of what it was last.
  func explanation(of machine: String, as kind: String?) -> Explanation? {
    guard let address = macAddress(of: machine), let sighting = dhcp.sightings[address] else {
      return nil
    }
    var supposed = SupposedMachine(sighting)
    var notes = ["asked as it was last seen by DHCP, with the state of now"]
    if let kind {
      supposed.firmware = Firmware.Kind(rawValue: kind).map {
        Firmware(kind: $0, architecture: sighting.architecture)
      }
      supposed.vendorClass = nil
      notes = ["asked as \(supposed.kind), with the state of now"]
    } else if sighting.firmware == nil, let architecture = sighting.architecture {
      notes.append(
        "it runs a system now; --firmware pxe shows what its \(architecture.rawValue) firmware is told"
      )
    }
    let subnet = dhcp.leases.address(of: .hardware(address)).flatMap(catalog.subnet(holding:))
    guard let vantage = Vantage(catalog, subnet: subnet, relay: nil, address: ownAddress) else {
      return nil
    }
    let world = World(
      catalog: catalog,
      find: World.finder(files: settings.files, loaders: settings.loaders))
    return Explainer(world, dhcp: dhcp).explain(supposed, from: vantage, notes: notes, at: loop.now)
  }

  /// Of the machine with this name, hardware or IPv4 address.
  func macAddress(of machine: String) -> MACAddress? {
    if let address = MACAddress(machine) { return address }
    if let address = IPv4Address(machine) { return dhcp.machine(at: address, at: loop.now) }
    // A machine may be named by other marks than its hardware address.
    return catalog.machine(named: machine)?.macAddress
      ?? timeline.machines.first { name(of: .hardware($0)) == machine }
  }

  private func ownAddress(_ interface: String) -> IPv4Address? {
    knownInterfaces.first { $0.name == interface }?.addresses.first?.address
  }
}
