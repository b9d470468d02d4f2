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

  /// Number of criteria given. Of two profiles that match, the one with more wins; 0 never matches.
  package var specificity: Int {
    var count = labels.count
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
  }

  package func holds(for sighting: Sighting, subnet: Subnet?, machine: Machine?) -> Bool {
    missed(by: sighting, subnet: subnet, machine: machine) == nil
  }

  /// The first criterion that a machine does not meet; nil when it meets all.
  ///
  /// The architecture counts as long as what it booted runs, so that an installer finds the answer
  /// files of the profile that started it; the kind of firmware only while that firmware asks.
  package func missed(
    by sighting: Sighting, subnet: Subnet?, machine: Machine?
  ) -> Criterion? {
    guard specificity > 0 else { return Criterion.none }
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

  private func holdsForMAC(_ address: MACAddress) -> Bool {
    macPrefixes.isEmpty
      || macPrefixes.contains { prefix in
        prefix.indices.allSatisfy { $0 < 6 && prefix[$0] == address.octet($0) }
      }
  }
}
