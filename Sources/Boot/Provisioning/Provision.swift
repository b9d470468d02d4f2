import Network

/// What is known of one machine's provisioning. Instants here are restored from the disk, and may
/// lie before the start of this box.
package struct Provision: Hashable, Sendable {
  /// As in URLs: the operator's name, or the hardware address with dashes.
  package var machine: String
  package var site: String
  package var macAddress: MACAddress?
  package var state: ProvisionState
  /// When it came to be in `state`.
  package var since: Instant
  /// By whom or what: `operator`, `first contact`, `report`, …
  package var cause: String
  /// While it is armed or installing.
  package var arming: Arming?
  /// What it showed of itself: `manufacturer`, `product`, `serial`, `uuid`, `asset`; as the client
  /// wrote it, so to be escaped wherever it is shown.
  package var facts: [String: String]

  package init(
    machine: String, site: String, macAddress: MACAddress? = nil, state: ProvisionState,
    since: Instant, cause: String, arming: Arming? = nil, facts: [String: String] = [:]
  ) {
    self.machine = machine
    self.site = site
    self.macAddress = macAddress
    self.state = state
    self.since = since
    self.cause = cause
    self.arming = arming
    self.facts = facts
  }
}

/// One permission to install a machine.
package struct Arming: Hashable, Sendable {
  package var token: BootToken
  /// The profile that it was armed for.
  package var profile: String
  package var expiry: Instant
  /// Files with secrets that it has had.
  package var released: Set<String>
  /// Option 82's circuit identifier that it was seen behind; empty: none yet.
  package var relayPort: [UInt8]

  package init(
    token: BootToken, profile: String, expiry: Instant, released: Set<String> = [],
    relayPort: [UInt8] = []
  ) {
    self.token = token
    self.profile = profile
    self.expiry = expiry
    self.released = released
    self.relayPort = relayPort
  }
}

/// One line of a machine's history: a change of state, a secret released, a refusal.
package struct ProvisionEntry: Hashable, Sendable {
  package var machine: String
  package var time: Instant
  /// The state after it.
  package var state: ProvisionState
  package var cause: String

  package init(machine: String, time: Instant, state: ProvisionState, cause: String) {
    self.machine = machine
    self.time = time
    self.state = state
    self.cause = cause
  }
}
