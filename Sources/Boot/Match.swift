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

  /// The architecture counts as long as what it booted runs, so that an installer finds the answer
  /// files of the profile that started it; the kind of firmware only while that firmware asks.
  package func holds(for sighting: Sighting, subnet: Subnet?, machine: Machine?) -> Bool {
    guard specificity > 0 else { return false }
    return holdsForFirmware(sighting) && holdsForMAC(sighting.macAddress)
      && (subnets.isEmpty || subnets.contains { $0 == subnet?.network })
      && (vendors.isEmpty || vendors.contains { sighting.vendorClass.starts(with: $0.utf8) })
      && labels.allSatisfy { machine?.labels[$0.key] == $0.value }
  }

  private func holdsForFirmware(_ sighting: Sighting) -> Bool {
    if !architectures.isEmpty {
      guard let architecture = sighting.architecture, architectures.contains(architecture) else {
        return false
      }
    }
    guard !firmware.isEmpty else { return true }
    guard let kind = sighting.firmware?.kind else { return false }
    return firmware.contains(kind)
  }

  private func holdsForMAC(_ address: MACAddress) -> Bool {
    macPrefixes.isEmpty
      || macPrefixes.contains { prefix in
        prefix.indices.allSatisfy { $0 < 6 && prefix[$0] == address.octet($0) }
      }
  }
}
