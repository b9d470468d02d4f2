import Boot
import Network

/// The network that the DHCP tests are played on.
extension DHCPBench {
  static let relay = IPv4Address(10, 78, 0, 254)
  static let pool = Pool(IPv4Address(10, 77, 1, 10), IPv4Address(10, 77, 1, 19))

  /// One wire with ten addresses, one subnet behind a relay, and some machines by name:
  /// 0xa1 has a reservation, 0xa2 is ignored, 0xa3 boots from its own disk.
  static func catalog(
    generation: UInt64 = 1, pools: [Pool] = [pool],
    reservation: IPv4Address = IPv4Address(10, 77, 0, 7),
    mode: Interface.Mode = .authoritative, machines: [Machine] = [],
    defaultProfile: Catalog.DefaultProfile = .profile("linux"),
    lease: Duration = .seconds(3600), options: [OptionSetting] = [], trust: [UInt8] = [],
    http: UInt16? = 80, https: UInt16? = nil, loaders: LoaderSet = .some
  ) -> Catalog {
    let named = [
      Machine(name: "reserved", macAddress: mac(0xa1), address: reservation),
      Machine(name: "silent", macAddress: mac(0xa2), profile: "ignore"),
      Machine(name: "disk", macAddress: mac(0xa3), profile: "local"),
    ]
    return Catalog(
      generation: generation,
      interfaces: [
        Interface(name: "eth1", number: 2, dhcp: mode, http: http, https: https),
        Interface(name: "eth2", number: 3, dhcp: mode, http: 8080),
        Interface(name: "eth3", number: 4, dhcp: mode),
      ],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth1",
          pools: pools, router: IPv4Address(10, 77, 0, 254), domain: "lab.test", lease: lease,
          options: options, ownAddress: own),
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 78, 0, 0), length: 24), relays: [],
          pools: [Pool(IPv4Address(10, 78, 0, 100), IPv4Address(10, 78, 0, 109))],
          router: relay, dns: [], lease: lease),
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 79, 0, 0), length: 24), interface: "eth2",
          relays: [IPv4Address(192, 0, 2, 1)],
          pools: [Pool(IPv4Address(10, 79, 0, 100), IPv4Address(10, 79, 0, 109))], lease: lease),
      ],
      profiles: [
        Profile(name: "linux", boot: .script(Template(verbatim: "#!ipxe\n"))),
        Profile(name: "local", boot: .local),
      ],
      machines: named + machines, defaultProfile: defaultProfile,
      loaders: loaders.loaders, trust: trust)
  }

  /// Which loaders are installed.
  enum LoaderSet {
    case some
    case all

    var loaders: [Loader] {
      switch self {
      case .some:
        [
          Loader(
            set: .ipxe, architecture: .x86BIOS, path: "ipxe/undionly.kpxe", byteCount: 70_000),
          Loader(
            set: .ipxe, architecture: .x8664EFI, path: "ipxe/snponly.efi", byteCount: 200_000),
        ]
      case .all:
        LoaderRow.all.map { row in
          Loader(
            set: row.set, architecture: row.architecture, path: "\(row.set.rawValue)/\(row.file)",
            byteCount: 1)
        }
      }
    }
  }

  static func mac(_ last: UInt8) -> MACAddress { MACAddress(0x52, 0x54, 0, 0, 0, last) }
}
