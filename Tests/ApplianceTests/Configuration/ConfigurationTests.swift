import Boot
import EventLoop
import Foundation
import Network
import TLS
import Testing

@testable import Appliance

/// A folder with the given files, gone when nobody holds it.
final class TemporaryFolder {
  let path: String

  init(_ files: [String: String]) throws {
    let base = FileManager.default.temporaryDirectory.path
    path = "\(base)/bootwire-\(Foundation.UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files {
      try Array(text.utf8).withUnsafeBytes { try Foundation.Data($0).write(to: url(name)) }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private func url(_ name: String) -> URL { URL(fileURLWithPath: "\(path)/\(name)") }
}

/// A box with 10.77.0.1 on eth1.
let surroundings = Surroundings(
  interfaces: [
    Surroundings.LocalInterface(name: "lo", number: 1, addresses: [IPv4Address(127, 0, 0, 1)]),
    Surroundings.LocalInterface(name: "eth1", number: 3, addresses: [IPv4Address(10, 77, 0, 1)]),
  ], hostName: "box")

/// The configuration of `files`, or its mistakes without the folder's path.
func load(
  _ files: [String: String], _ name: String = "/bootwire.yaml"
) throws -> (configuration: Configuration?, mistakes: [String], warnings: [String]) {
  let folder = try TemporaryFolder(files)
  func shown(_ mistakes: [Mistake]) -> [String] {
    mistakes.map { mistake in
      "\(mistake.place) \(mistake.text)".replacingOccurrences(of: "\(folder.path)/", with: "")
    }
  }
  do throws(ConfigurationMistakes) {
    let configuration = try Configuration.load(folder.path + name, in: surroundings)
    return (configuration, [], shown(configuration.warnings))
  } catch {
    return (nil, shown(error.mistakes), shown(error.warnings))
  }
}

@Suite("Configurations that are good") struct GoodConfigurationTests {
  @Test func fiveLinesAreEnough() throws {
    let text = """
      files: /srv/bootwire
      interfaces: [{name: eth1, dhcp: authoritative}]
      subnets: [{network: 10.77.0.0/24, interface: eth1, pools: [10.77.0.100-10.77.0.199]}]
      profiles: {rescue: {kernel: linux, initrd: [initrd.gz], arguments: console=ttyS0}}
      default-profile: rescue
      """
    let loaded = try load(["bootwire.yaml": text])
    #expect(loaded.mistakes == [])
    let configuration = try #require(loaded.configuration)
    #expect(configuration.settings == Settings())
    #expect(configuration.site == "box")
    var interface = Interface(name: "eth1", number: 3, dhcp: .authoritative)
    interface.dnsIsByDefault = true
    #expect(configuration.interfaces == [interface])
    let subnet = try #require(configuration.subnets.first)
    #expect(subnet.pools == [Pool(IPv4Address(10, 77, 0, 100), IPv4Address(10, 77, 0, 199))])
    #expect(subnet.lease == .seconds(12 * 3600))
    #expect(subnet.ownAddress == IPv4Address(10, 77, 0, 1))
    #expect(configuration.defaultProfile == .profile("rescue"))
    #expect(configuration.summary == "1 interface, 1 subnet, 1 profile, 0 machines")
    #expect(
      loaded.warnings == [
        "bootwire.yaml:4:29 /srv/bootwire/linux does not exist",
        "bootwire.yaml:4:45 /srv/bootwire/initrd.gz does not exist",
      ])
  }

  static let whole = [
    "bootwire.yaml": """
    site: nbg1
    state: state
    files: files
    control: /run/bootwire/control.sock
    interfaces:
      - name: eth1
        dhcp: authoritative
        tftp: true
        dns: true
        http: 8080
        https: 443
    tls: {certificate: server.pem, key: server.key, trust: ca.pem}
    subnets:
      - network: 10.77.0.0/16
        interface: eth1
        pools: [10.77.1.0-10.77.9.255]
        router: 10.77.0.1
        dns: [10.77.0.1]
        domain: lab.test
        lease: 90m
        probe: off
        options: {ntp-servers: [10.77.0.1], 150: 0a4d0001, interface-mtu: 1400, time-offset: -3600,
          domain-search: [lab.test, a.b], classless-static-route: [10.80.0.0/12 via 10.77.0.2],
          tftp-server-name: no}
      - network: 10.78.0.0/24
        relays: [10.78.0.1]
    dns:
      zone: lab.test
      records: {www: {A: 10.77.0.9}, txt: {TXT: hello}}
      forward: [192.0.2.53]
    profiles:
      debian-12:
        match: {architecture: [x86-bios, x86-64-efi, arm64-efi], firmware: pxe, subnet: 10.77.0.0/16,
          mac-prefix: ["52:54:00"], vendor: PXEClient, labels: {rack: "3"}}
        kernel: debian/12/@architecture@/linux
        initrd: [debian/12/@architecture@/initrd.gz]
        arguments: auto=true url={{server.http}}{{machine.answers}}/preseed.cfg
        answers: {preseed.cfg: debian.preseed.mustache}
        loader: snponly
      own: {script: own.ipxe.mustache}
      local: {boot: local}
    default-profile: discover
    machines:
      - name: rack3-07
        mac: 52:54:00:12:34:56
        uuid: 4c4c4544-0042-4c10-8056-b4c04f4c4142
        client-id: 01:52:54:00:12:34:56
        relay-port: Eth1/7
        address: 10.77.0.7
        profile: debian-12
        labels: {rack: "3"}
        values: {disk: /dev/sda, country: no}
    """,
    "debian.preseed.mustache":
      "d-i partman-auto/disk string {{values.disk | preseed}}\n{{> country}}",
    "country.mustache": "d-i debian-installer/country string {{values.country}}\n",
    "own.ipxe.mustache": "#!ipxe\nshell\n",
    "ca.pem": CertificateTexts.shared.authority,
    "server.pem": CertificateTexts.shared.rsa, "server.key": CertificateTexts.shared.rsaKey,
  ]

  @Test func everyDocumentedKeyIsTaken() throws {
    let loaded = try load(Self.whole)
    #expect(loaded.mistakes == [])
    let configuration = try #require(loaded.configuration)
    #expect(configuration.settings.state.hasSuffix("/state"))
    #expect(configuration.interfaces.first?.http == 8080)
    #expect(configuration.subnets.map(\.probe) == [.off, .ahead], "ahead is the default")
    #expect(configuration.subnets.map(\.lease) == [.seconds(5400), .seconds(12 * 3600)])
    #expect(
      configuration.subnets[0].options == [
        OptionSetting(code: 2, value: [0xff, 0xff, 0xf1, 0xf0]),
        OptionSetting(code: 26, value: [0x05, 0x78]),
        OptionSetting(code: 42, value: [10, 77, 0, 1]),
        OptionSetting(code: 66, value: Array("no".utf8)),
        OptionSetting(code: 119, value: Array("\u{3}lab\u{4}test\0\u{1}a\u{1}b\0".utf8)),
        OptionSetting(code: 121, value: [12, 10, 80, 10, 77, 0, 2]),
        OptionSetting(code: 150, value: [10, 77, 0, 1]),
      ])
    #expect(configuration.profiles.map(\.match.specificity) == [6, 0, 0, 0])
    #expect(configuration.profiles.first?.loader == .snponly)
    let machine = try #require(configuration.machines.first)
    #expect(machine.values == ["disk": "/dev/sda", "country": "no"])
    #expect(machine.clientIdentifier == [1, 0x52, 0x54, 0, 0x12, 0x34, 0x56])
    #expect(machine.relayPort == Array("Eth1/7".utf8))
    #expect(!loaded.warnings.contains { $0.contains("is not served yet") })
    #expect(configuration.defaultProfile == .profile("discover"))
    #expect(configuration.certificates.map(\.certificate.subject) == ["CN=boot.lab.test"])
    #expect(configuration.catalog(generation: 1, loaders: []).trust.count == 32)
  }

  @Test func itsTemplatesRender() throws {
    let configuration = try #require(try load(Self.whole).configuration)
    let catalog = configuration.catalog(generation: 1, loaders: [])
    let machine = try #require(MACAddress("52:54:00:12:34:56"))
    var sighting = Sighting(
      macAddress: machine, firmware: Firmware(kind: .ipxe, architecture: .arm64EFI))
    sighting.vendorClass = Array("PXEClient".utf8)
    let address = IPv4Address(10, 77, 0, 7)
    var reasons: [Reason] = []
    let subnet = catalog.subnet(holding: address)
    let decision = catalog.decide(
      for: sighting, on: subnet, provisions: ProvisionTable(), reasons: &reasons)
    let server = Variables.Server(address: IPv4Address(10, 77, 0, 1), httpPort: 8080)
    let variables = catalog.variables(for: sighting, decision, at: address, server: server)
    let answer = try #require(decision.profile?.answers["preseed.cfg"]?.rendered(variables))
    #expect(
      answer == "d-i partman-auto/disk string /dev/sda\nd-i debian-installer/country string no\n")
    #expect(variables.kernel == "debian/12/arm64-efi/linux")
    #expect(
      variables.arguments
        == "auto=true url=http://10.77.0.1:8080/machines/rack3-07/answers/preseed.cfg")
  }

  @Test func aFolderIsReadAsOneFile() throws {
    let loaded = try load(
      [
        "10-net.yaml": """
        interfaces: [{name: eth1, dhcp: authoritative}]
        subnets: [{network: 10.77.0.0/16, interface: eth1}]
        default-profile: local
        """,
        "20-profiles.yml": "profiles: {local: {boot: local}}",
        "30-a.yaml": "machines: [{name: a, mac: '52:54:00:00:00:01', profile: local}]",
        "40-b.yaml": "site: x\nmachines: [{name: b, mac: 52-54-00-00-00-02, address: 10.77.0.9}]",
        "notes.txt": "{{{",
      ], "/")
    #expect(loaded.mistakes == [])
    #expect(loaded.configuration?.machines.map(\.name) == ["a", "b"])
    #expect(loaded.configuration?.site == "x")
  }

  @Test func theRoutersAndOurOwnAddressAreLeftOutOfAPool() throws {
    let loaded = try load([
      "bootwire.yaml": """
      interfaces: [{name: eth1, dhcp: authoritative}]
      subnets:
        - {network: 10.77.0.0/24, interface: eth1, pools: [10.77.0.1-10.77.0.9], router: 10.77.0.5}
      """
    ])
    #expect(
      loaded.warnings == [
        "bootwire.yaml:3:54 10.77.0.1 is our own address and is left out of the pool",
        "bootwire.yaml:3:54 10.77.0.5 is the router's address and is left out of the pool",
      ])
    #expect(
      loaded.configuration?.subnets.first?.pools == [
        Pool(IPv4Address(10, 77, 0, 2), IPv4Address(10, 77, 0, 4)),
        Pool(IPv4Address(10, 77, 0, 6), IPv4Address(10, 77, 0, 9)),
      ])
  }

  @Test func theFixturesAreGood() throws {
    for name in ["smallest", "lab", "two-networks"] {
      do throws(ConfigurationMistakes) {
        _ = try Configuration.load("\(fixtures)/\(name).yaml", in: surroundings)
      } catch {
        Issue.record("\(error)")
      }
    }
  }
}

/// `Fixtures/configurations`.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appending(path: "../../../Fixtures/configurations").standardized.path
