/// A DHCP option that may be set by its name: RFC 2132 and its successors.
struct OptionRow: Sendable {
  enum Kind: Sendable {
    case address
    case addresses
    /// Pairs of addresses.
    case addressPairs
    case text
    case flag
    case unsigned8
    case unsigned16
    case unsigned32
    /// Seconds east of UTC, of either sign.
    case signed32
    case unsigned16s
    case hexadecimal
    /// Domain names in the form of RFC 1035 §4.1.4, without compression (RFC 3397).
    case domains
    /// `PREFIX via ROUTER` (RFC 3442).
    case classlessRoutes
  }

  let code: UInt8
  let name: String
  let kind: Kind

  init(_ code: UInt8, _ name: String, _ kind: Kind) {
    self.code = code
    self.name = name
    self.kind = kind
  }

  /// The names are those of the IANA registry as Kea, ISC and dnsmasq write them.
  static let all: [OptionRow] = [
    OptionRow(2, "time-offset", .signed32),
    OptionRow(4, "time-servers", .addresses),
    OptionRow(5, "name-servers", .addresses),
    OptionRow(7, "log-servers", .addresses),
    OptionRow(8, "cookie-servers", .addresses),
    OptionRow(9, "lpr-servers", .addresses),
    OptionRow(10, "impress-servers", .addresses),
    OptionRow(11, "resource-location-servers", .addresses),
    OptionRow(12, "host-name", .text),
    OptionRow(13, "boot-size", .unsigned16),
    OptionRow(14, "merit-dump", .text),
    OptionRow(16, "swap-server", .address),
    OptionRow(17, "root-path", .text),
    OptionRow(18, "extensions-path", .text),
    OptionRow(19, "ip-forwarding", .flag),
    OptionRow(20, "non-local-source-routing", .flag),
    OptionRow(21, "policy-filter", .addressPairs),
    OptionRow(22, "max-dgram-reassembly", .unsigned16),
    OptionRow(23, "default-ip-ttl", .unsigned8),
    OptionRow(24, "path-mtu-aging-timeout", .unsigned32),
    OptionRow(25, "path-mtu-plateau-table", .unsigned16s),
    OptionRow(26, "interface-mtu", .unsigned16),
    OptionRow(27, "all-subnets-local", .flag),
    OptionRow(28, "broadcast-address", .address),
    OptionRow(29, "perform-mask-discovery", .flag),
    OptionRow(30, "mask-supplier", .flag),
    OptionRow(31, "router-discovery", .flag),
    OptionRow(32, "router-solicitation-address", .address),
    OptionRow(33, "static-routes", .addressPairs),
    OptionRow(34, "trailer-encapsulation", .flag),
    OptionRow(35, "arp-cache-timeout", .unsigned32),
    OptionRow(36, "ieee802-3-encapsulation", .flag),
    OptionRow(37, "default-tcp-ttl", .unsigned8),
    OptionRow(38, "tcp-keepalive-interval", .unsigned32),
    OptionRow(39, "tcp-keepalive-garbage", .flag),
    OptionRow(40, "nis-domain", .text),
    OptionRow(41, "nis-servers", .addresses),
    OptionRow(42, "ntp-servers", .addresses),
    OptionRow(43, "vendor-encapsulated-options", .hexadecimal),
    OptionRow(44, "netbios-name-servers", .addresses),
    OptionRow(45, "netbios-dd-server", .addresses),
    OptionRow(46, "netbios-node-type", .unsigned8),
    OptionRow(47, "netbios-scope", .text),
    OptionRow(48, "font-servers", .addresses),
    OptionRow(49, "x-display-manager", .addresses),
    OptionRow(60, "vendor-class-identifier", .text),
    OptionRow(64, "nisplus-domain", .text),
    OptionRow(65, "nisplus-servers", .addresses),
    OptionRow(66, "tftp-server-name", .text),
    OptionRow(67, "bootfile-name", .text),
    OptionRow(68, "mobile-ip-home-agent", .addresses),
    OptionRow(69, "smtp-server", .addresses),
    OptionRow(70, "pop-server", .addresses),
    OptionRow(71, "nntp-server", .addresses),
    OptionRow(72, "www-server", .addresses),
    OptionRow(73, "finger-server", .addresses),
    OptionRow(74, "irc-server", .addresses),
    OptionRow(100, "posix-timezone", .text),
    OptionRow(101, "tzdb-timezone", .text),
    OptionRow(119, "domain-search", .domains),
    OptionRow(121, "classless-static-route", .classlessRoutes),
    OptionRow(252, "wpad-url", .text),
  ]

  /// Options that have a key of their own, or that the protocol needs for itself.
  static let elsewhere: [(code: UInt8, name: String, key: String)] = [
    (1, "subnet-mask", "network"), (3, "routers", "router"),
    (6, "domain-name-servers", "dns"), (15, "domain-name", "domain"),
    (51, "dhcp-lease-time", "lease"),
  ]

  /// Codes that no operator may set: padding, the end, and what each reply says for itself.
  static let reserved: Set<UInt8> = [0, 50, 52, 53, 54, 55, 57, 61, 82, 255]
}
