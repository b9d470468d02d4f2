import Appliance
import Boot
import Network
import Replay
import Services
import YAML

/// The site that the services of fuzz targets serve: one of everything.
enum FuzzSite {
  static let own = IPv4Address(10, 77, 0, 1)
  static let relay = IPv4Address(10, 78, 0, 254)
  /// A machine that is armed, at its address.
  static let armed = MACAddress(0x52, 0x54, 0, 0x12, 0x34, 0x56)
  static let armedAddress = IPv4Address(10, 77, 0, 7)
  /// Nobody's address.
  static let stranger = IPv4Address(10, 77, 0, 66)
  /// What only the armed machine may read.
  static let canary = "canary-of-the-root-password"
  /// A client on the wire without an address, on the interface with this number.
  static let (authoritative, proxy): (Int32, Int32) = (2, 3)

  static func arrival(
    _ source: Endpoint, port: UInt16, interface: Int32 = authoritative
  ) -> Arrival {
    Arrival(source: source, destination: Endpoint(own, port), local: own, interface: interface)
  }

  private static func template(_ text: String) -> Template {
    (try? Template(parsing: text, named: "t")) ?? Template(verbatim: "unreadable")
  }

  private static let profiles = [
    Profile(
      name: "debian",
      boot: .kernel(
        KernelBoot(
          kernel: Template(verbatim: "linux"), initrd: [Template(verbatim: "initrd.gz")],
          arguments: template("url={{server.http}}{{machine.answers}}/preseed.cfg"))),
      answers: ["preseed.cfg": template("password {{secrets.root}}\n")],
      hooks: [Hook(name: "h", when: .postInstall, template: template("echo {{secrets.root}}\n"))],
      install: InstallPolicy(arm: .byOperator)),
    Profile(
      name: "rescue",
      boot: .kernel(
        KernelBoot(
          kernel: Template(verbatim: "linux"), initrd: [Template(verbatim: "initrd.gz")],
          arguments: template("host={{machine.hostname}} serial={{machine.serial}}"))),
      answers: ["plain.cfg": template("{{machine.hostname}} {{machine.product}}\n")]),
  ]

  static let catalog = Catalog(
    generation: 1, site: "nbg1",
    interfaces: [
      Interface(name: "eth0", number: authoritative, dhcp: .authoritative),
      Interface(name: "eth1", number: proxy, dhcp: .proxy),
    ],
    subnets: [
      Subnet(
        network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth0",
        pools: [Pool(IPv4Address(10, 77, 1, 1), IPv4Address(10, 77, 1, 9))],
        router: IPv4Address(10, 77, 0, 254), domain: "lab.test", ownAddress: own),
      Subnet(
        network: IPv4Prefix(IPv4Address(10, 78, 0, 0), length: 24),
        pools: [Pool(IPv4Address(10, 78, 0, 10), IPv4Address(10, 78, 0, 20))], router: relay),
    ],
    profiles: profiles,
    machines: [Machine(name: "rack3-07", macAddress: armed, profile: "debian")],
    defaultProfile: .profile("rescue"),
    loaders: LoaderRow.all.map { row in
      Loader(
        set: row.set, architecture: row.architecture, path: "\(row.set.rawValue)/\(row.file)",
        byteCount: 2000)
    },
    scripts: [
      Script(name: "sub", site: nil, template: template("#!ipxe\necho {{machine.answers}}\n"))
    ],
    secrets: [Secret(name: "root", site: "nbg1", value: Secret.Text(canary))])

  /// A world with a few files, and behind every menu's name the operator's own text, if there is one.
  static func world(menu: [UInt8]? = nil) -> World {
    let files: [String: WorldFile] = [
      "linux": WorldFile(byteCount: 100_000), "initrd.gz": WorldFile(byteCount: 5000),
      "lines.txt": WorldFile(Array("one\ntwo\r\nthree\r\n\nfour".utf8)), "empty": WorldFile([]),
      "a/f.efi": WorldFile(Array("0123456789".utf8)),
    ]
    return World(catalog: catalog) { tree, path in
      let name = path.description
      if tree == .loaders { return WorldFile(byteCount: 2000) }
      if let menu, Self.isMenu(name) { return WorldFile(menu) }
      return files[name]
    }
  }

  private static func isMenu(_ name: String) -> Bool {
    ["pxelinux.cfg/", "grub.cfg", "boot.scr", "config.txt"].contains { name.contains($0) }
  }

  /// An appliance that knows the armed machine by its lease.
  static func appliance() -> VirtualAppliance { VirtualAppliance(world(), dhcp: service) }

  private static let service: DHCPService = {
    var service = DHCPService()
    service.restore(Lease(address: armedAddress, client: .hardware(armed), expiry: .never))
    _ = try? service.arm("rack3-07", "test", catalog, at: .start, dice: { 0x0123_4567_89ab_cdef })
    return service
  }()

  /// The token of the armed machine, as it stands in URLs; the dice above show it.
  static var token: String? {
    service.provisions["rack3-07"]?.arming?.token.text
  }

  /// What must hold of everything that an appliance does, whoever made it do it: strangers' text
  /// begins no second line in a log, and no reply is larger than a datagram.
  static func judge(_ outcomes: [Outcome]) throws(BrokenPromise) {
    for outcome in outcomes {
      switch outcome {
      case .recorded(let event):
        let line = EventLine(event, at: UnixTime(seconds: 0))
        for text in [line.text(), line.json()] {
          try BrokenPromise.unless(!text.utf8.contains { $0 < 0x20 || $0 == 0x7f }, text)
        }
        let mistakes = Document(parsingJSON: Array(line.json().utf8)).mistakes
        try BrokenPromise.unless(mistakes.isEmpty, line.json())
      case .sent(let datagram):
        try BrokenPromise.unless(datagram.payload.count <= 65_507, "a datagram is too large")
      case .responded, .respondedFile, .closed, .stored, .erased, .kept, .decided, .asked: break
      }
    }
  }
}
