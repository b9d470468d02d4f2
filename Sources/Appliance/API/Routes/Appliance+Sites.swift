import Boot
import EventLoop
import Network
import Services

// Whose what is: a token of one site sees nothing of another's.
extension Appliance {
  /// The site of the machine with this hardware address: its own, else its subnet's, else ours.
  func site(of address: MACAddress) -> String {
    let sighting = dhcp.sightings[address] ?? Sighting(macAddress: address)
    if let site = catalog.machine(sighting)?.machine.site { return site }
    let leased = dhcp.leases.address(of: .hardware(address))
    return leased.flatMap(catalog.subnet(holding:))?.site ?? catalog.site
  }

  func site(of lease: Lease) -> String {
    if let address = lease.client.macAddress { return site(of: address) }
    return catalog.subnet(holding: lease.address)?.site ?? catalog.site
  }

  /// Of the lease of this address; nil when there is none.
  func site(ofLease address: IPv4Address) -> String? {
    dhcp.leases.leases(at: loop.now).first { $0.address == address }.map(site(of:))
  }

  /// Hardware that is known at other sites, and that nobody named.
  func machines(notOf site: String) -> Set<MACAddress> {
    let leased = dhcp.leases.leases(at: loop.now).compactMap(\.client.macAddress)
    let seen = dhcp.provisions.all.filter { $0.isUnnamed && $0.site != site }
    return Set(leased.filter { self.site(of: $0) != site }).union(seen.compactMap(\.macAddress))
  }

  /// Whether the machine with this name, hardware or IPv4 address is one that the principal sees.
  func isSeen(_ machine: String, by principal: Principal) -> Bool {
    guard let wanted = principal.site else { return true }
    return macAddress(of: machine).map(site(of:)) == wanted
  }

  /// The appliance's own matters are not told to who sees one site only.
  func status(for principal: Principal) -> ControlReport.Status {
    var report = status
    guard principal.site != nil else { return report }
    report.interfaces = []
    report.events = [:]
    report.transfers = 0
    report.connections = 0
    report.leases = leaseReports(for: principal).count
    report.machines = timelineSummaries(for: principal).count
    return report
  }

  func leaseReports(for principal: Principal) -> [ControlReport.Lease] {
    guard let wanted = principal.site else { return leaseReports }
    let seen = dhcp.leases.leases(at: loop.now).filter { site(of: $0) == wanted }
    let addresses = Set(seen.map { "\($0.address)" })
    return leaseReports.filter { addresses.contains($0.address) }
  }

  func timelineSummaries(for principal: Principal) -> [ControlReport.Summary] {
    guard let wanted = principal.site else { return timelineSummaries }
    return timelineSummaries.filter { summary in
      MACAddress(summary.mac).map(site(of:)) == wanted
    }
  }
}
