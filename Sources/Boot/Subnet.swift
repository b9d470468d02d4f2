import Network

/// A prefix that we give addresses of, with what its machines are told.
package struct Subnet: Sendable {
  package var network: IPv4Prefix
  /// The interface that it hangs on, by name; nil for a subnet behind relays only.
  package var interface: String?
  /// Relay agents (`giaddr`) that forward for it, beside any within `network`.
  package var relays: [IPv4Address]
  package var pools: [Pool]
  package var router: IPv4Address?
  /// nil: this appliance.
  package var dns: [IPv4Address]?
  package var domain: String?
  package var lease: Duration
  /// Further DHCP options, in the order of their codes.
  package var options: [OptionSetting]
  /// Our own address within `network`, when we have one: machines here need no router to us.
  package var ownAddress: IPv4Address?
  /// Whose machines are here; nil: the appliance's own site's.
  package var site: String?
  package var probe: Probe

  /// Whether addresses of the pools are asked for before they are offered (RFC 2131 §2.2).
  package enum Probe: String, CaseIterable, Sendable {
    /// A stock of them is probed ahead of need, so that no OFFER waits.
    case ahead
    case off
  }

  package init(
    network: IPv4Prefix, interface: String? = nil, relays: [IPv4Address] = [], pools: [Pool] = [],
    router: IPv4Address? = nil, dns: [IPv4Address]? = nil, domain: String? = nil,
    lease: Duration = .seconds(12 * 3600), options: [OptionSetting] = [],
    ownAddress: IPv4Address? = nil, site: String? = nil, probe: Probe = .off
  ) {
    self.network = network
    self.interface = interface
    self.relays = relays
    self.pools = pools
    self.router = router
    self.dns = dns
    self.domain = domain
    self.lease = lease
    self.options = options
    self.ownAddress = ownAddress
    self.site = site
    self.probe = probe
  }

  package func poolContains(_ address: IPv4Address) -> Bool {
    pools.contains { $0.contains(address) }
  }
}

/// A range of addresses that may be leased, both ends included.
package struct Pool: Hashable, Sendable {
  package let first: IPv4Address
  package let last: IPv4Address

  /// `last` must not be below `first`.
  package init(_ first: IPv4Address, _ last: IPv4Address) {
    precondition(first <= last, "a pool runs upwards")
    self.first = first
    self.last = last
  }

  package var count: Int { Int(last.number - first.number) + 1 }

  package func contains(_ address: IPv4Address) -> Bool { first <= address && address <= last }
}

/// A DHCP option as the operator set it, by its code, as bytes of the wire.
package struct OptionSetting: Hashable, Sendable {
  package let code: UInt8
  package let value: [UInt8]

  package init(code: UInt8, value: [UInt8]) {
    self.code = code
    self.value = value
  }
}
