import Boot
import Network
import Services

/// What a simulation's servers serve: the operator's files, the loaders, and the networks.
struct SimulatedSite: Sendable {
  let own = IPv4Address(10, 77, 0, 1)
  let foreign = IPv4Address(10, 77, 0, 2)
  let relay = IPv4Address(10, 78, 0, 254)
  let files: [String: WorldFile]
  let loaders: [String: WorldFile]
  private let scenario: Scenario

  init(_ scenario: Scenario) {
    self.scenario = scenario
    let sizes: [(String, Int)] = [
      ("linux", 3000), ("initrd.gz", scenario.diskByteCount), ("bootcode.bin", 1024),
      ("start.elf", 700), ("start4.elf", 1536), ("kernel8.img", 2048), ("kernel_2712.img", 900),
    ]
    var files: [String: WorldFile] = [:]
    for (number, (name, size)) in sizes.enumerated() {
      files[name] = WorldFile(Self.octets(number, count: size))
    }
    files["config.txt"] = WorldFile(Array("[all]\ninitramfs initrd.gz followkernel\n".utf8))
    self.files = files
    var loaders: [String: WorldFile] = [:]
    let names =
      LoaderRow.all.map { "\($0.set.rawValue)/\($0.file)" }
      + LoaderCompanion.all.map { "\($0.set.rawValue)/\($0.file)" }
    for (number, name) in names.enumerated() {
      loaders[name] = WorldFile(Self.octets(100 + number, count: Self.loaderByteCount))
    }
    self.loaders = loaders
  }

  private static let loaderByteCount = 2000

  /// Octets that differ from block to block and from file to file, none of them a NUL.
  private static func octets(_ number: Int, count: Int) -> [UInt8] {
    (0..<count).map {
      UInt8(truncatingIfNeeded: ($0 &* 31 &+ $0 / 251 &+ number &* 17) % 127 + 128)
    }
  }

  /// The file behind a name as clients ask for it; nil for what is rendered, or is not there.
  func file(named name: String) -> WorldFile? {
    guard let path = BootPath(name) else { return nil }
    let text = path.description
    if let rest = path.afterFirst?.description {
      if path.components[0] == "files" { return files[rest] }
      if path.components[0] == "loaders" { return loaders[rest] }
      // Below a Raspberry Pi's serial number.
      if path.components[0].utf8.count == 8 { return files[rest] }
    }
    return files[text]
  }

  /// Addresses that may be leased: of pools, and of reservations beside them.
  var addressCount: Int {
    subnets.reduce(0) { $0 + $1.pools.reduce(0) { $0 + $1.count } } + scenario.rows.count
  }

  private var subnets: [Subnet] {
    guard scenario.network != .proxied else { return [] }
    let count = UInt32(max(scenario.poolCount, 1) - 1)
    let (first, behind) = (IPv4Address(10, 77, 1, 1), IPv4Address(10, 78, 1, 1))
    return [
      Subnet(
        network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth0",
        pools: [Pool(first, IPv4Address(first.number + count))],
        router: IPv4Address(10, 77, 0, 254), domain: "lab.test", lease: scenario.lease,
        ownAddress: own),
      Subnet(
        network: IPv4Prefix(IPv4Address(10, 78, 0, 0), length: 16),
        pools: [Pool(behind, IPv4Address(behind.number + count))], router: relay,
        lease: scenario.lease),
    ]
  }

  private var catalog: Catalog {
    let kernel = KernelBoot(
      kernel: Template(verbatim: "linux"), initrd: [Template(verbatim: "initrd.gz")],
      arguments: Template(verbatim: "quiet"))
    return Catalog(
      generation: 1,
      interfaces: [
        Interface(
          name: "eth0", number: Self.interface,
          dhcp: scenario.network == .proxied ? .proxy : .authoritative)
      ],
      subnets: subnets,
      profiles: [Profile(name: "linux", boot: .kernel(kernel), loader: scenario.loader)],
      machines: scenario.rows.enumerated().filter(\.element.isListed).map { number, row in
        Machine(
          name: "m\(number)", macAddress: row.identity.macAddress,
          address: row.isReserved ? reservation(number) : nil, profile: "linux")
      },
      defaultProfile: scenario.ignoresUnlisted ? .ignore : .profile("linux"),
      loaders: LoaderRow.all.map { row in
        Loader(
          set: row.set, architecture: row.architecture, path: "\(row.set.rawValue)/\(row.file)",
          byteCount: Self.loaderByteCount)
      })
  }

  private static let interface: Int32 = 2

  /// Addresses that machines have of the operator.
  var reservations: [MACAddress: IPv4Address] {
    let pairs = scenario.rows.enumerated().filter { $0.element.isListed && $0.element.isReserved }
      .map { ($0.element.identity.macAddress, reservation($0.offset)) }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private func reservation(_ number: Int) -> IPv4Address {
    IPv4Address(
      (scenario.network == .relayed ? relay : own).number & 0xffff_0000 | 0xc800
        | UInt32(number + 1))
  }

  /// The server that is simulated, before a disk and a store.
  func server(_ disk: VirtualDisk, _ store: VirtualStore) -> VirtualLink.Server {
    let (files, loaders) = (files, loaders)
    let world = World(catalog: catalog) { tree, path in
      switch tree {
      case .files: files[path.description]
      case .loaders: loaders[path.description]
      }
    }
    return VirtualLink.Server(
      VirtualAppliance(world, disk: disk), address: own, interface: Self.interface, store: store)
  }

  /// A server that gives addresses and says nothing of booting: the network's own, or an intruder.
  var foreignServer: VirtualLink.Server {
    let catalog = Catalog(
      interfaces: [
        Interface(
          name: "eth0", number: Self.interface, dhcp: .authoritative, tftp: false, dns: false,
          http: nil)
      ],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth0",
          pools: [Pool(IPv4Address(10, 77, 100, 1), IPv4Address(10, 77, 120, 254))],
          ownAddress: foreign)
      ],
      // PXE firmware would be told of a local boot; that it has no loader for it says nothing.
      profiles: [
        Profile(name: "local", boot: .local),
        Profile(
          name: "silent", match: Match(firmware: [.pxe]),
          boot: .script(Template(verbatim: "#!ipxe\n"))),
      ], defaultProfile: .profile("local"))
    return VirtualLink.Server(
      VirtualAppliance(World(catalog: catalog) { _, _ in nil }), address: foreign,
      interface: Self.interface)
  }
}
