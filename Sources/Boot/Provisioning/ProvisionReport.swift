import Network

/// What an installer, or the system that it installed, says of itself in one report.
///
/// It was checked when it was read: only what DNS, `known_hosts` and the interface may show is in it.
package struct ProvisionReport: Hashable, Sendable {
  package enum State: String, CaseIterable, Hashable, Sendable {
    case installing
    case installed
    case failed
  }

  /// nil: it only tells of itself.
  package var state: State?
  /// Why; a client's text.
  package var reason: String
  /// Letters, digits, hyphens and points; empty: it said none.
  package var hostName: String
  package var addresses: [IPv4Address]
  package var hostKeys: [HostKey]
  /// `os=`; a client's text.
  package var system: String
  /// All else, by key; a client's text.
  package var facts: [String: String]

  package init(
    state: State? = nil, reason: String = "", hostName: String = "",
    addresses: [IPv4Address] = [], hostKeys: [HostKey] = [], system: String = "",
    facts: [String: String] = [:]
  ) {
    self.state = state
    self.reason = reason
    self.hostName = hostName
    self.addresses = addresses
    self.hostKeys = hostKeys
    self.system = system
    self.facts = facts
  }

  /// What a stranger may make us keep of one machine.
  package enum Limit {
    package static let bodyByteCount = 16 * 1024
    package static let addresses = 16
    /// sshd makes one of each kind.
    package static let hostKeys = 8
    package static let facts = 32
    package static let keyByteCount = 64
    package static let valueByteCount = 256
  }
}
