import Network

/// An interface that we answer on, and what we do there.
package struct Interface: Equatable, Sendable {
  package enum Mode: String, CaseIterable, Sendable {
    /// We give the addresses, and refuse others' (NAK).
    case authoritative
    /// Another server gives the addresses; we only add where to boot from.
    case proxy
    case off
  }

  package var name: String
  /// The kernel's number; 0 while the interface does not exist.
  package var number: Int32
  package var dhcp: Mode
  package var tftp: Bool
  package var dns: Bool
  /// Whether nothing asks for names but the default: then a port that is taken stops nothing.
  package var dnsIsByDefault = false
  /// Port, or nil: no HTTP here.
  package var http: UInt16?
  package var https: UInt16?
  /// Whether IPv6 router solicitations are answered with "no router here".
  package var advertisesNoRouter = false

  package init(
    name: String, number: Int32 = 0, dhcp: Mode = .proxy, tftp: Bool = true, dns: Bool = true,
    http: UInt16? = 80, https: UInt16? = nil
  ) {
    self.name = name
    self.number = number
    self.dhcp = dhcp
    self.tftp = tftp
    self.dns = dns
    self.http = http
    self.https = https
  }
}
