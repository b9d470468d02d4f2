import Network

/// An installed machine with what it reported of itself.
package struct ProvisionedNode: Hashable, Sendable {
  /// The machine's name.
  package var name: String
  package var site: String
  package var macAddress: MACAddress?
  /// As it named itself: escaped wherever it is shown.
  package var hostName: String
  /// Within the subnets of its site, the one that it reported from first.
  package var addresses: [IPv4Address]
  /// Pinned: by them it is told in `known_hosts` and SSHFP.
  package var hostKeys: [HostKey]
  /// Other keys that a later installation reported; the operator takes them or does not.
  package var pendingHostKeys: [HostKey]
  package var system: String
  /// Hardware and what else it reported.
  package var facts: [String: String]
  package var installed: Instant
  package var reachability: Reachability

  /// What a connection to its TCP port 22 came to, and when.
  package enum Reachability: Hashable, Sendable {
    case unknown
    case reachable(Instant)
    /// Not at that time; it is forgotten by the operator only.
    case unreachable(Instant)
  }

  package init(
    name: String, site: String, macAddress: MACAddress? = nil, hostName: String = "",
    addresses: [IPv4Address] = [], hostKeys: [HostKey] = [], pendingHostKeys: [HostKey] = [],
    system: String = "", facts: [String: String] = [:], installed: Instant,
    reachability: Reachability = .unknown
  ) {
    self.name = name
    self.site = site
    self.macAddress = macAddress
    self.hostName = hostName
    self.addresses = addresses
    self.hostKeys = hostKeys
    self.pendingHostKeys = pendingHostKeys
    self.system = system
    self.facts = facts
    self.installed = installed
    self.reachability = reachability
  }
}

/// A public SSH key without its comment: `ssh-ed25519 AAAA…`.
package struct HostKey: Hashable, Sendable {
  package var algorithm: String
  /// The key as base64, which holds its algorithm too (RFC 4253 §6.6).
  package var encoded: String

  package init(algorithm: String, encoded: String) {
    self.algorithm = algorithm
    self.encoded = encoded
  }
}
