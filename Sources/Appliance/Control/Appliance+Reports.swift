import Boot
import Bytes
import EventLoop
import Network
import Services

// What the control socket tells of the running appliance.
extension Appliance {
  var status: ControlReport.Status {
    ControlReport.Status(
      version: Self.version, site: catalog.site, generation: catalog.generation,
      started: "\(Timestamp(started))", interfaces: catalog.interfaces.map(report),
      leases: dhcp.leases.leases(at: loop.now).count, transfers: tftp.transferCount,
      connections: connections.count,
      machines: timeline.machines.count,
      events: Dictionary(
        uniqueKeysWithValues: counters.all.map { ($0.name, $0.count) }
          + dns.counts.all.filter { $0.count > 0 }.map { ($0.name, $0.count) }))
  }

  private func report(_ interface: Interface) -> ControlReport.Interface {
    ControlReport.Interface(
      name: interface.name, dhcp: interface.dhcp.rawValue, tftp: interface.tftp,
      http: interface.http,
      isServed: ports.contains { $0.settings.name == interface.name })
  }

  var leaseReports: [ControlReport.Lease] {
    let now = loop.now
    let wallClock = loop.wallClock
    return dhcp.leases.leases(at: now).map { lease in
      let left = lease.expiry - now
      let end = wallClock.nanoseconds.addingReportingOverflow(left.nanoseconds)
      return ControlReport.Lease(
        address: "\(lease.address)", client: lease.client.description,
        machine: name(of: lease.client),
        hostName: lease.hostName.isEmpty ? nil : Escaped(lease.hostName).description,
        expires: "\(Timestamp(UnixTime(nanoseconds: end.overflow ? .max : end.partialValue)))",
        secondsLeft: left.components.seconds)
    }
  }

  func name(of client: ClientIdentity) -> String? {
    guard let address = client.macAddress else { return nil }
    let sighting = dhcp.sightings[address] ?? Sighting(macAddress: address)
    return catalog.machine(sighting)?.machine.name
  }

  /// All machines that have a timeline, a line for each: what is said at once stays small, for nobody
  /// is answered meanwhile.
  var timelineSummaries: [ControlReport.Summary] {
    timeline.machines.compactMap { address in
      let entries = timeline[address]
      guard let first = entries.first, let last = entries.last else { return nil }
      return ControlReport.Summary(
        mac: "\(address)", name: name(of: .hardware(address)), entries: entries.count,
        first: "\(Timestamp(first.time))", last: "\(Timestamp(last.time))",
        event: last.event.fact.name)
    }
  }

  /// The whole timeline of the machine with this name, hardware or IPv4 address; nil when none was
  /// seen.
  func timelineReport(of machine: String) -> ControlReport.Machine? {
    let asked =
      MACAddress(machine)
      ?? IPv4Address(machine).flatMap {
        dhcp.machine(at: $0, at: loop.now)
      }
    let found = timeline.machines.first { address in
      address == asked || asked == nil && name(of: .hardware(address)) == machine
    }
    guard let found else { return nil }
    return ControlReport.Machine(
      mac: "\(found)", name: name(of: .hardware(found)), entries: Self.entries(timeline[found]))
  }

  private static func entries(_ entries: [Timeline.Entry]) -> [ControlReport.Entry] {
    let first = entries.first?.time.nanoseconds ?? 0
    return entries.map { entry in
      ControlReport.Entry(
        time: "\(Timestamp(entry.time))",
        seconds: Double(entry.time.nanoseconds - first) / 1e9,
        event: entry.event.fact.name,
        fields: entry.event.fact.fields.map { "\($0.name)=\($0.printed)" })
    }
  }

  /// Ends a lease on the operator's word; false when there is none.
  func release(_ address: IPv4Address) -> Bool {
    let released = dhcp.release(address, at: loop.now, into: &actions)
    performAll()
    return released
  }
}

extension ClientIdentity: CustomStringConvertible {
  /// The hardware address, or the client identifier in hexadecimal.
  package var description: String {
    switch self {
    case .hardware(let address): "\(address)"
    case .identifier(let octets): "id:\(Hexadecimal.text(octets))"
    }
  }
}
