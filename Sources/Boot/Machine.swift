import Network

/// A computer that the operator named, with what is promised to it.
package struct Machine: Equatable, Sendable {
  package var name: String
  /// Any of these tells it; what is nil or empty does not count.
  package var macAddress: MACAddress?
  package var uuid: UUID?
  package var serial: String?
  /// Option 61 as it was sent, type octet included.
  package var clientIdentifier: [UInt8]
  /// Option 82's circuit identifier (RFC 3046 §2.0): the switch port it hangs on.
  package var relayPort: [UInt8]

  /// A reservation: nobody else gets this address.
  package var address: IPv4Address?
  /// The name of its profile; nil: chosen by match.
  package var profile: String?
  /// nil: its subnet's, or the appliance's own.
  package var site: String?
  package var labels: [String: String]
  /// `{{values.…}}` in templates.
  package var values: [String: String]

  package init(
    name: String, macAddress: MACAddress? = nil, uuid: UUID? = nil, serial: String? = nil,
    clientIdentifier: [UInt8] = [], relayPort: [UInt8] = [], address: IPv4Address? = nil,
    profile: String? = nil, site: String? = nil, labels: [String: String] = [:],
    values: [String: String] = [:]
  ) {
    self.name = name
    self.macAddress = macAddress
    self.uuid = uuid
    self.serial = serial
    self.clientIdentifier = clientIdentifier
    self.relayPort = relayPort
    self.address = address
    self.profile = profile
    self.site = site
    self.labels = labels
    self.values = values
  }
}

extension Machine {
  /// What a machine is known by, surest first.
  package enum Mark: String, Sendable {
    case macAddress = "mac"
    case uuid
    case serial
    case clientIdentifier = "client-id"
    case relayPort = "relay-port"
  }
}
