import Network

/// Which machines a profile is for: every criterion that is given must hold.
package struct Match: Equatable, Sendable {
  package var architectures: [Architecture]
  package var firmware: [Firmware.Kind]
  package var subnets: [IPv4Prefix]
  /// Beginnings of the vendor class (option 60).
  package var vendors: [String]
  /// Leading octets of the hardware address, 1 … 6 of them.
  package var macPrefixes: [[UInt8]]
  package var labels: [String: String]
  // Marks of single machines.
  package var macAddresses: [MACAddress] = []
  package var uuids: [UUID] = []
  package var serials: [String] = []
  /// Option 82's circuit identifiers.
  package var relayPorts: [[UInt8]] = []
  /// Whose machines they are.
  package var sites: [String] = []

  package init(
    architectures: [Architecture] = [], firmware: [Firmware.Kind] = [], subnets: [IPv4Prefix] = [],
    vendors: [String] = [], macPrefixes: [[UInt8]] = [], labels: [String: String] = [:]
  ) {
    self.architectures = architectures
    self.firmware = firmware
    self.subnets = subnets
    self.vendors = vendors
    self.macPrefixes = macPrefixes
    self.labels = labels
  }

  /// Of two profiles that match, the one with the higher number wins; 0 never matches. A mark of
  /// single machines outweighs any number of other criteria.
  package var specificity: Int { identityCount << 32 + criteriaCount }

  /// How many marks of single machines are given.
  private var identityCount: Int {
    [!macAddresses.isEmpty, !uuids.isEmpty, !serials.isEmpty, !relayPorts.isEmpty].count { $0 }
  }

  /// Number of criteria given, each label one.
  package var criteriaCount: Int {
    var count = labels.count + identityCount
    if !sites.isEmpty { count += 1 }
    if !architectures.isEmpty { count += 1 }
    if !firmware.isEmpty { count += 1 }
    if !subnets.isEmpty { count += 1 }
    if !vendors.isEmpty { count += 1 }
    if !macPrefixes.isEmpty { count += 1 }
    return count
  }

  /// What a machine is held against.
  package enum Criterion: String, Hashable, Sendable {
    /// It has none, and so is chosen by name or as the default.
    case none = "no criterion"
    case architecture
    case firmware
    case subnet
    case vendor
    case macPrefix = "mac-prefix"
    case labels
    case macAddress = "mac"
    case uuid
    case serial
    case relayPort = "relay-port"
    case site
  }

  package func holds(
    for sighting: Sighting, subnet: Subnet?, machine: Machine?, site: String = ""
  ) -> Bool {
    missed(by: sighting, subnet: subnet, machine: machine, site: site) == nil
  }

  /// The first criterion that a machine does not meet; nil when it meets all.
  ///
  /// The architecture counts as long as what it booted runs, so that an installer finds the answer
  /// files of the profile that started it; the kind of firmware only while that firmware asks.
  ///
  /// - Parameter site: The machine's (``Catalog/site(of:on:)``).
  package func missed(
    by sighting: Sighting, subnet: Subnet?, machine: Machine?, site: String
  ) -> Criterion? {
    guard specificity > 0 else { return Criterion.none }
    guard sites.isEmpty || sites.contains(site) else { return .site }
    if let mark = missedMark(of: sighting, machine) { return mark }
    if !architectures.isEmpty {
      guard let architecture = sighting.architecture, architectures.contains(architecture) else {
        return .architecture
      }
    }
    if !firmware.isEmpty {
      guard let kind = sighting.firmware?.kind, firmware.contains(kind) else { return .firmware }
    }
    guard holdsForMAC(sighting.macAddress) else { return .macPrefix }
    guard subnets.isEmpty || subnets.contains(where: { $0 == subnet?.network }) else {
      return .subnet
    }
    guard
      vendors.isEmpty
        || vendors.contains(where: { sighting.vendorClass.starts(with: $0.utf8) })
    else { return .vendor }
    return labels.allSatisfy { machine?.labels[$0.key] == $0.value } ? nil : .labels
  }

  /// What the machine shows, or what the operator knows of it.
  private func missedMark(of sighting: Sighting, _ machine: Machine?) -> Criterion? {
    if !macAddresses.isEmpty, !macAddresses.contains(sighting.macAddress),
      !(machine?.macAddress.map(macAddresses.contains) ?? false)
    {
      return .macAddress
    }
    if !uuids.isEmpty, !((sighting.uuid ?? machine?.uuid).map(uuids.contains) ?? false) {
      return .uuid
    }
    if !serials.isEmpty {
      guard let serial = sighting.serial ?? machine?.serial,
        serials.contains(where: { $0.lowercased() == serial.lowercased() })
      else { return .serial }
    }
    let port = sighting.relayPort.isEmpty ? machine?.relayPort ?? [] : sighting.relayPort
    if !relayPorts.isEmpty, !relayPorts.contains(port) { return .relayPort }
    return nil
  }

  private func holdsForMAC(_ address: MACAddress) -> Bool {
    macPrefixes.isEmpty
      || macPrefixes.contains { prefix in
        prefix.indices.allSatisfy { $0 < 6 && prefix[$0] == address.octet($0) }
      }
  }
}
