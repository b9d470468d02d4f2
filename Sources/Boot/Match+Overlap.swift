import Network

extension Match {
  /// Whether one machine could meet both: no criterion that both give excludes the other.
  ///
  /// Two of the same ``specificity`` that overlap are a tie, which nobody but the operator can
  /// decide.
  package func overlaps(_ other: Match) -> Bool {
    Self.share(architectures, other.architectures) && Self.share(firmware, other.firmware)
      && Self.share(subnets, other.subnets) && Self.share(sites, other.sites)
      && Self.share(uuids, other.uuids) && Self.share(relayPorts, other.relayPorts)
      && Self.share(serials.map { $0.lowercased() }, other.serials.map { $0.lowercased() })
      && Self.share(vendors.map { Array($0.utf8) }, other.vendors.map { Array($0.utf8) }, isPrefix)
      && overlapsByHardware(other)
      && labels.allSatisfy { other.labels[$0.key] == nil || other.labels[$0.key] == $0.value }
  }

  private func overlapsByHardware(_ other: Match) -> Bool {
    Self.share(macAddresses, other.macAddresses)
      && Self.share(macPrefixes, other.macPrefixes, isPrefix)
      && Self.share(macAddresses.map(octets), other.macPrefixes, isPrefix)
      && Self.share(other.macAddresses.map(octets), macPrefixes, isPrefix)
  }

  private func octets(_ address: MACAddress) -> [UInt8] { (0..<6).map { address.octet($0) } }

  /// One of two beginnings is the other's.
  private func isPrefix(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    zip(left, right).allSatisfy { $0 == $1 }
  }

  private static func share<Item: Equatable>(_ left: [Item], _ right: [Item]) -> Bool {
    share(left, right) { $0 == $1 }
  }

  /// A criterion that is not given excludes nothing.
  private static func share<Item>(
    _ left: [Item], _ right: [Item], _ agree: (Item, Item) -> Bool
  ) -> Bool {
    left.isEmpty || right.isEmpty
      || left.contains { item in right.contains { agree(item, $0) } }
  }
}
