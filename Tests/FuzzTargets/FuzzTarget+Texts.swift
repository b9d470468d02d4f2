import Appliance
import Boot
import Bytes
import Foundation
import Network
import Replay
import Services
import Wire
import YAML

// What operators write, what boot programs read, and what installed machines report.
extension FuzzTarget {
  static func takeYAML(_ octets: [UInt8]) throws(BrokenPromise) {
    let document = Document(parsing: octets)
    guard document.mistakes.isEmpty, let root = document.root else { return }
    let again = Document(parsing: Array(root.yaml().utf8))
    try BrokenPromise.unless(
      again.root.map(bare) == bare(root), "written again, YAML says something else")
    try takeWritten(root)
  }

  static func takeJSON(_ octets: [UInt8]) throws(BrokenPromise) {
    let document = Document(parsingJSON: octets)
    guard document.mistakes.isEmpty, let root = document.root else { return }
    try takeWritten(root)
  }

  private static func takeWritten(_ root: Node) throws(BrokenPromise) {
    let text = root.json()
    let again = Document(parsingJSON: Array(text.utf8))
    try BrokenPromise.unless(
      again.mistakes.isEmpty && again.root?.json() == text, "written again, JSON differs")
  }

  /// A tree without its places, and without whether texts stood plain.
  private static func bare(_ node: Node) -> Node {
    let content: Node.Content =
      switch node.content {
      // All of these are YAML's null where they stand plain.
      case .scalar(let text, isPlain: true) where ["~", "null"].contains(text):
        .scalar("", isPlain: false)
      case .scalar(let text, _): .scalar(text, isPlain: false)
      case .sequence(let nodes): .sequence(nodes.map(bare))
      case .mapping(let entries):
        .mapping(
          entries.map {
            Node.Entry(
              key: $0.key, position: Position(line: 1, column: 1), value: bare($0.value))
          })
      case .broken: .broken
      }
    return Node(content, at: Position(line: 1, column: 1))
  }

  /// A folder with the files that the configurations of Fixtures name, gone with the process.
  private static let folder: String? = {
    let name = "bootwire-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    try? FileManager.default.removeItem(at: folder)
    try? FileManager.default.copyItem(at: FuzzSeeds.configurations, to: folder)
    return folder.path
  }()

  static func takeConfiguration(_ octets: [UInt8]) throws(BrokenPromise) {
    guard let folder else { return }
    let path = folder + "/fuzzed.yaml"
    guard FileManager.default.createFile(atPath: path, contents: Data(octets)) else { return }
    let surroundings = Surroundings(
      interfaces: [
        .init(name: "s0", number: 2, addresses: [FuzzSite.own]),
        .init(name: "eth1", number: 3, addresses: [FuzzSite.own]),
      ], hostName: "box")
    do throws(ConfigurationMistakes) {
      let configuration = try Configuration.load(path, in: surroundings)
      let catalog = configuration.catalog(generation: 1, loaders: [])
      var appliance = VirtualAppliance(World(catalog: catalog) { _, _ in nil })
      var outcomes: [Outcome] = []
      for packet in FuzzSeeds.packets {
        let arrival = FuzzSite.arrival(Endpoint(.unspecified, 68), port: 67)
        appliance.receive(packet, from: arrival, at: .start, into: &outcomes)
      }
      try? FuzzSite.judge(outcomes)
    } catch {
      let isTold = !error.mistakes.isEmpty && !error.description.isEmpty
      try BrokenPromise.unless(isTold, "refused for no reason")
    }
  }

  /// The first line is what a stranger calls itself; the rest is the template.
  static func takeTemplate(_ octets: [UInt8]) throws(BrokenPromise) {
    let end = octets.firstIndex(of: 0x0a) ?? octets.count
    let value = String(decoding: octets[..<end], as: UTF8.self)
    let text = String(decoding: octets.dropFirst(end + 1), as: UTF8.self)
    let snippets = ["s": Template.Source(file: "s", text: text)]
    for target in [Template.Target.text, .script] {
      guard
        let template = try? Template(
          parsing: text, named: "t", as: target, snippets: snippets)
      else { continue }
      var output: [UInt8] = []
      template.render(variables(value + "\r\nboot"), into: &output)
      try BrokenPromise.unless(output.count <= Template.outputMax, "a text without end")
      guard target == .script else { continue }
      // No value begins a line of its own: a line is a command.
      var plain: [UInt8] = []
      template.render(variables(value + "zzboot"), into: &plain)
      try BrokenPromise.unless(
        lineCount(output) == lineCount(plain), "a stranger's text begins a line of a script")
    }
  }

  private static func lineCount(_ octets: [UInt8]) -> Int {
    octets.count { $0 == 0x0a || $0 == 0x0d }
  }

  private static func variables(_ text: String) -> Variables {
    var machine = Variables.MachineVariables(name: "rack3-07", serial: text)
    machine.hostname = text
    machine.facts = ["product": text]
    return Variables(
      server: Variables.Server(address: FuzzSite.own), site: "nbg1", machine: machine,
      subnet: FuzzSite.catalog.subnets.first, values: ["v": text], labels: ["l": text],
      keys: ["ssh-ed25519 \(text)", text])
  }

  private static func boot(_ place: BootPlace, menu: [UInt8]? = nil) {
    let appliance = VirtualAppliance(FuzzSite.world(menu: menu))
    var link = VirtualLink(servers: [
      VirtualLink.Server(appliance, address: FuzzSite.own, interface: FuzzSite.authoritative)
    ])
    let lease = StationLease(
      address: IPv4Address(10, 77, 1, 9), nameServers: [FuzzSite.own], bootServer: FuzzSite.own,
      bootFile: "http://10.77.0.1/boot.ipxe", server: FuzzSite.own)
    link.add(
      BootMachine(
        resuming: place, MachineIdentity(macAddress: FuzzSite.armed), .x86BIOS, lease: lease))
    link.run(until: .start + .seconds(600))
  }

  static func takeIPXEScript(_ octets: [UInt8]) {
    guard let url = BootURL("http://10.77.0.1/files/x/a.ipxe") else { return }
    boot(.script("#!ipxe\n" + String(decoding: octets, as: UTF8.self), from: url))
  }

  /// The first octet says which program reads the rest as its menu.
  static func takeMenus(_ octets: [UInt8]) {
    let menu = Array(octets.dropFirst())
    switch (octets.first ?? 0) % 4 {
    case 0: start("pxelinux.0", menu)
    case 1: start("grubx64.efi", menu)
    case 2:
      var writer = ByteWriter()
      LegacyImage.script(menu, name: "m", into: &writer)
      boot(.firmware(Firmware(kind: .uboot, architecture: .arm64UBoot)), menu: writer.bytes)
    case _: boot(.firmware(Firmware(kind: .pi, architecture: .raspberryPi)), menu: menu)
    }
  }

  private static func start(_ name: String, _ menu: [UInt8]) {
    guard let url = BootURL("tftp://10.77.0.1/\(name)") else { return }
    boot(.program(url, nil, byteCount: 2000), menu: menu)
  }

  static func takeReport(_ octets: [UInt8]) {
    _ = try? ProvisionReport(checking: octets.rawSpan)
  }
}
