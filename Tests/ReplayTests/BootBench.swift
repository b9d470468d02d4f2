import Boot
import Network
import Replay
import Services
import Wire

/// A boot server and machines on a virtual link, with the files that they boot from.
struct BootBench {
  static let own = IPv4Address(10, 77, 0, 1)
  static let foreign = IPv4Address(10, 77, 0, 2)
  static let relay = IPv4Address(10, 78, 0, 254)

  enum Network: String, CaseIterable {
    case authoritative
    case proxied
    case relayed
  }

  /// The files beside the loaders, by their paths.
  var files: [String: [UInt8]] = [
    "linux": [UInt8](repeating: 1, count: 3000), "initrd.gz": [UInt8](repeating: 2, count: 5000),
    "bootcode.bin": [3], "start.elf": [4], "start4.elf": [5], "kernel8.img": [6],
    "kernel_2712.img": [7], "config.txt": Array("[all]\ninitramfs initrd.gz followkernel\n".utf8),
  ]
  var boot = Profile.Boot.kernel(
    KernelBoot(
      kernel: Template(verbatim: "linux"), initrd: [Template(verbatim: "initrd.gz")],
      arguments: Template(verbatim: "quiet")))
  var loader = Loader.Set.ipxe
  var network = Network.authoritative
  var machines: [Machine] = []
  var zones = Zones()
  /// What a loader's bytes are, by its path.
  var loaderBytes: [String: [UInt8]] = [:]
  var poolCount: UInt8 = 200

  static func identity(
    _ last: UInt8 = 1, _ vendor: (UInt8, UInt8, UInt8) = (0x52, 0x54, 0)
  ) -> MachineIdentity {
    MachineIdentity(
      macAddress: MACAddress(vendor.0, vendor.1, vendor.2, 0x77, 0, last), seed: 7)
  }

  var catalog: Catalog {
    Catalog(
      generation: 1,
      interfaces: [
        Interface(name: "eth0", number: 2, dhcp: network == .proxied ? .proxy : .authoritative)
      ],
      subnets: network == .proxied
        ? []
        : [
          Self.subnet(poolCount),
          Subnet(
            network: IPv4Prefix(IPv4Address(10, 78, 0, 0), length: 24),
            pools: [Pool(IPv4Address(10, 78, 0, 10), IPv4Address(10, 78, 0, 200))],
            router: Self.relay),
        ],
      profiles: [Profile(name: "linux", boot: boot, loader: loader)], machines: machines,
      defaultProfile: .profile("linux"),
      loaders: LoaderRow.all.map { row in
        Loader(
          set: row.set, architecture: row.architecture, path: "\(row.set.rawValue)/\(row.file)",
          byteCount: 2000)
      }, zones: zones)
  }

  private static func subnet(_ count: UInt8) -> Subnet {
    Subnet(
      network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth0",
      pools: [Pool(IPv4Address(10, 77, 1, 1), IPv4Address(10, 77, 1, count))],
      router: IPv4Address(10, 77, 0, 254), domain: "lab.test", ownAddress: own)
  }

  var server: VirtualLink.Server {
    let (files, bytes) = (files, loaderBytes)
    let names = Set(
      LoaderRow.all.map { "\($0.set.rawValue)/\($0.file)" }
        + LoaderCompanion.all.map { "\($0.set.rawValue)/\($0.file)" })
    let world = World(catalog: catalog) { tree, path in
      switch tree {
      case .files: files[path.description].map { WorldFile($0) }
      case .loaders:
        bytes[path.description].map { WorldFile($0) }
          ?? (names.contains(path.description) ? WorldFile(byteCount: 2000) : nil)
      }
    }
    return VirtualLink.Server(VirtualAppliance(world), address: Self.own, interface: 2)
  }

  /// A server that gives addresses and says nothing of booting.
  static var foreignServer: VirtualLink.Server {
    let catalog = Catalog(
      interfaces: [
        Interface(
          name: "eth0", number: 2, dhcp: .authoritative, tftp: false, dns: false, http: nil)
      ],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth0",
          pools: [Pool(IPv4Address(10, 77, 2, 1), IPv4Address(10, 77, 2, 200))],
          ownAddress: foreign)
      ],
      // PXE firmware would be told of a local boot; that it has no loader for it says nothing.
      profiles: [
        Profile(name: "local", boot: .local),
        Profile(
          name: "silent", match: Match(firmware: [.pxe]),
          boot: .script(Template(verbatim: "#!ipxe\n"))),
      ], defaultProfile: .profile("local"))
    let world = World(catalog: catalog) { _, _ in nil }
    return VirtualLink.Server(VirtualAppliance(world), address: foreign, interface: 2)
  }

  var link: VirtualLink {
    VirtualLink(
      servers: [server] + (network == .proxied ? [Self.foreignServer] : []),
      relay: network == .relayed
        ? VirtualRelay(address: Self.relay, information: [1, 2, 0x70, 0x30]) : nil)
  }

  /// Boots one machine; what was said on the way, as lines.
  func run(_ machine: BootMachine) -> (progress: BootProgress, log: [String]) {
    var link = link
    link.add(machine)
    var log: [String] = []
    link.run(until: .start + .seconds(3600)) { time, event in
      log.append("\(time.nanoseconds / 1000) \(Self.line(event))")
    }
    return (link.clients[0].progress, log)
  }

  func run(_ model: FirmwareModel) -> (progress: BootProgress, log: [String]) {
    run(BootMachine(model, Self.identity()))
  }

  static func line(_ event: LinkEvent) -> String {
    switch event {
    case .requested(let client, .datagram(let source, let destination, let payload)):
      "\(client) \(source) -> \(destination) \(text(payload))"
    case .requested(let client, .http(let connection, let endpoint, let bytes)):
      "\(client) http \(connection) -> \(endpoint) "
        + (String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").first ?? "")
    case .requested(let client, let request): "\(client) \(request)"
    case .done(let server, .sent(let datagram)):
      "server \(server) \(datagram.source) -> \(datagram.destination) \(text(datagram.payload))"
    case .done(let server, .recorded(let event)): "server \(server) ! \(event.fact.name)"
    case .done(let server, .stored(let lease)): "server \(server) # \(lease.address)"
    case .done(let server, .decided(let reasons)): "server \(server) ? \(reasons.count)"
    case .done(let server, .responded(_, let octets)): "server \(server) says \(octets.count)"
    case .done(let server, .respondedFile(_, _, _, let count)): "server \(server) gives \(count)"
    case .done(let server, .closed): "server \(server) closes"
    case .done(let server, .erased(let address)): "server \(server) erases \(address)"
    case .done(let server, .kept(let change)): "server \(server) keeps \(change)"
    case .done(let server, .asked(let endpoint)): "server \(server) asks \(endpoint)"
    case .settled(let client, let progress): "\(client) \(progress)"
    case .arrived(let server, let arrival, _): "server \(server) hears \(arrival.source)"
    case .due(let server): "server \(server) wakes"
    case .responded(let client, let number, _): "\(client) hears on \(number)"
    case .addressed(let client, let address): "\(client) has \(address.map { "\($0)" } ?? "none")"
    case .stopped(let server): "server \(server) stops"
    case .started(let server): "server \(server) starts"
    case .counted(let server, let counts): "server \(server) \(counts)"
    }
  }

  private static func text(_ payload: [UInt8]) -> String {
    if let message = DHCPMeaning(reading: payload) {
      return "\(message.type.map { "\($0)" } ?? "bootp") \(message.header.yourAddress) "
        + "\(message.options.map { "\($0.code)" }.joined(separator: ",")) "
        + "file=\(message.bootFile ?? "-")"
    }
    let kind = payload.count > 1 ? payload[1] : 0
    if kind == 1 || kind == 6 || kind == 5 {
      return "tftp \(kind) "
        + String(decoding: payload.dropFirst(2).map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }
    return "\(payload.count) bytes \(payload.prefix(4))"
  }
}

extension BootProgress {
  var isBooted: Bool { if case .booted = self { true } else { false } }
}
