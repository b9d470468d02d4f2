import Network

/// A node as names are answered from it: what costs time was done when it was registered.
package struct NodeRecord: Hashable, Sendable {
  /// The node's name, below the zone or within it.
  package var name: String
  package var macAddress: MACAddress?
  /// On subnets of its site only (`Catalog.addresses(of:)`).
  package var addresses: [IPv4Address]
  package var fingerprints: [HostFingerprint]
  package var installed: Instant

  /// What one name has at most; the rest is left out.
  package static let mostRecords = 16

  /// - Parameter fingerprint: Of a key; nil where it cannot be had.
  package init(
    _ node: ProvisionedNode, _ catalog: Catalog, fingerprint: (HostKey) -> HostFingerprint?
  ) {
    name = node.name
    macAddress = node.macAddress
    addresses = Array(catalog.addresses(of: node).prefix(Self.mostRecords))
    fingerprints = node.hostKeys.prefix(Self.mostRecords).compactMap(fingerprint)
    installed = node.installed
  }
}
