import Boot
import Foundation
import Network
import Testing

@testable import Appliance

@Suite("Mistakes in configurations") struct ConfigurationMistakeTests {
  /// Before each row's text: what the rest of a configuration needs.
  private static let head = """
    interfaces: [{name: eth1, dhcp: authoritative}]
    profiles: {local: {boot: local}}

    """
  private static let subnet = head + "subnets: [{network: 10.77.0.0/16, interface: eth1}]\n"

  struct Row: CustomTestStringConvertible {
    var text: String
    var mistake: String
    var testDescription: String { text }

    init(_ text: String, _ mistake: String) {
      self.text = text
      self.mistake = mistake
    }
  }

  static let network = [
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth2}]",
      "3:46 interface \"eth2\" is not listed under interfaces; did you mean \"eth1\"?"),
    Row(
      "subnets: [{network: 10.77.0.1/16, interface: eth1}]",
      "3:21 10.77.0.1/16 has bits set after its prefix; did you mean \"10.77.0.0/16\"?"),
    Row(
      "subnets: [{network: 10.77.0.0/16, relays: [10.77.0.256]}]",
      "3:44 \"10.77.0.256\" is not an IPv4 address as 10.77.0.1"),
    Row(
      "subnets: [{network: 10.77.0.0/16}]", "3:11 a subnet has neither \"interface\" nor \"relays\""
    ),
    Row("subnets: [{interface: eth1}]", "3:11 a subnet has no \"network\""),
    Row("subnets: {network: 10.77.0.0/16}", "3:10 a mapping, expected a list of subnets"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, router: 10.78.0.1}]",
      "3:60 10.78.0.1 is no address of 10.77.0.0/16"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, pools: [10.78.0.1-10.78.0.9]}]",
      "3:60 10.78.0.1 lies outside of 10.77.0.0/16"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, pools: [10.77.0.0-10.77.0.9]}]",
      "3:60 10.77.0.0 is the network's own address of 10.77.0.0/16"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, pools: [10.77.1.0-10.77.1.9, "
        + "10.77.1.9-10.77.2.0]}]",
      "3:81 the pool overlaps 10.77.1.0-10.77.1.9"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, lease: 29s}]",
      "3:59 \"29s\" is not a lease time as 12h, from 30s to 30d, with s, m, h or d"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, lease: 31d}]",
      "3:59 \"31d\" is not a lease time as 12h, from 30s to 30d, with s, m, h or d"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1}, {network: 10.77.9.0/24, relays: []}]",
      "3:63 10.77.9.0/24 overlaps 10.77.0.0/16 in line 3"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, options: {ntp-server: 10.77.0.1}}]",
      "3:62 unknown option \"ntp-server\", expected a name of RFC 2132 or a code, 1 to 254; "
        + "did you mean \"ntp-servers\"?"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, options: {routers: 10.77.0.1}}]",
      "3:62 option \"routers\" has a key of its own: set \"router\" of the subnet"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, options: {53: 01}}]",
      "3:62 option 53 is the protocol's own and cannot be set"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, options: {150: xyz}}]",
      "3:67 \"xyz\" is not hexadecimal digits, an even number of them, as 0a4d0001"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, options: {interface-mtu: 70000}}]",
      "3:77 \"70000\" is not a number, 0 to 65535"),
    Row(
      "subnets: [{network: 10.77.0.0/16, interface: eth1, options: {42: 0a4d0001, ntp-servers: "
        + "[10.77.0.1]}}]", "3:76 option 42 is set twice, by its name and by its code"),
  ]
  static let boot = [
    Row(
      "default-profile: lokal",
      "4:18 profile \"lokal\" is not defined; did you mean \"local\"?"),
    Row(
      "machines: [{name: a}]",
      "4:12 a machine has none of mac, uuid, serial, client-id, "
        + "relay-port to tell it by"),
    Row(
      "machines: [{name: a b, mac: 525400000001}]",
      "4:19 \"a b\" is not a name of letters, digits, \".\", \"-\" and \"_\", at most 64 of them"),
    Row(
      "machines: [{name: a, mac: 525400000001}, {name: a, mac: 525400000002}]",
      "4:49 name a is that of machine a in line 4 already"),
    Row(
      "machines: [{name: a, mac: 525400000001}, {name: b, mac: 52-54-00-00-00-01}]",
      "4:57 mac 52:54:00:00:00:01 is that of machine a in line 4 already"),
    Row(
      "machines: [{name: a, mac: 525400000001, address: 10.77.0.7}, "
        + "{name: b, mac: 525400000002, address: 10.77.0.7}]",
      "4:100 address 10.77.0.7 is that of machine a in line 4 already"),
    Row(
      "machines: [{name: a, mac: 525400000001, address: 10.79.0.7}]",
      "4:50 10.79.0.7 lies in none of the subnets"),
    Row(
      "machines: [{name: a, mac: 525400000001, address: 10.77.0.1}]",
      "4:50 10.77.0.1 is our own address"),
    Row(
      "machines: [{name: a, mac: ff5400000001}]",
      "4:27 ff:54:00:00:00:01 is no address that a machine can have"),
    Row(
      "machines: [{name: a, mac: 525400000001, values: {a.b: 1}}]",
      "4:50 \"a.b\" is no name of a value, expected letters, digits, - and _"),
    Row(
      "machines: [{name: a, mac: 525400000001, values: {ab: [1]}}]",
      "4:54 a list, expected a text"),
  ]
  static let profiles = [
    Row("p: {}", "4:6 a profile has none of \"kernel\", \"script\", \"menu\" and \"boot\""),
    Row("p: {kernel: ../x}", "4:15 \"../x\" is not a path below \"files\", or a URL"),
    Row(
      "p: {kernel: x, arguments: \"a={{site.nmae}}\"}",
      "4:34 unknown variable \"site.nmae\", expected site.name; did you mean \"site.name\"?"),
    Row(
      "p: {kernel: x, arguments: \"a={{values.a | shel}}\"}",
      "4:45 unknown filter \"shel\", expected ipxe, shell, yaml, kickstart, preseed or url; "
        + "did you mean \"shell\"?"),
    Row(
      "p: {kernel: x, loader: ipx}",
      "4:26 unknown loader \"ipx\", expected one of ipxe, snponly, signed; did you mean \"ipxe\"?"),
    Row("p: {boot: disk}", "4:13 unknown boot \"disk\", expected one of local, discover"),
    Row(
      "p: {boot: local, kernel: x}", "4:20 \"kernel\" has no place beside \"boot: local\""),
    Row(
      "p: {script: absent.ipxe}",
      "4:15 the template FOLDER/absent.ipxe cannot be read: open FOLDER/absent.ipxe: "
        + "No such file or directory"),
    Row(
      "p: {kernel: x, match: {firmware: [ipxi]}}",
      "4:37 unknown firmware \"ipxi\", expected one of pxe, http, ipxe, uboot, grub, pi; "
        + "did you mean \"ipxe\"?"),
    Row(
      "p: {kernel: x, match: {mac-prefix: 525}}",
      "4:38 \"525\" is not hexadecimal digits, "
        + "an even number of them, as 0a4d0001"),
  ]
  static let interfaces = [
    Row("[]", "1:13 no interface: there is nothing to answer on"),
    Row(
      "[{name: eth1, dhcp: off, tftp: 1}]", "1:44 \"1\" is not true or false"),
    Row(
      "[{name: eth1, dhcp: off, http: 0}]", "1:44 \"0\" is not a port, 1 to 65535, or false"),
    Row(
      "[{name: eth1, dhcp: off, http: 0100}]", "1:44 \"0100\" is not a port, 1 to 65535, or false"),
    Row("[{name: eth1, dhcp: off, https: 443}]", "1:45 https needs \"tls\", which is not set"),
    Row(
      "[{name: eth1, dhcp: off}, {name: eth1, dhcp: off}]", "1:46 interface eth1 is listed twice"),
    Row("[{dhcp: off}]", "1:14 an interface has no \"name\""),
    Row("eth1", "1:13 a single value, expected a list of interfaces"),
  ]

  private func check(_ text: String, _ mistake: String) throws {
    let mistakes = try load(["bootwire.yaml": text]).mistakes
    let shown = mistakes.map {
      $0.replacing("bootwire.yaml:", with: "").replacing(/\/\S*bootwire-[^\/]*\//, with: "FOLDER/")
    }
    #expect(shown == [mistake.replacing("FOLDER/", with: "")] || shown == [mistake])
  }

  @Test(arguments: network) func aWrongSubnetIsTold(_ row: Row) throws {
    try check(Self.head + row.text, row.mistake)
  }

  @Test(arguments: boot) func aWrongMachineIsTold(_ row: Row) throws {
    try check(Self.subnet + row.text, row.mistake)
  }

  @Test(arguments: profiles) func aWrongProfileIsTold(_ row: Row) throws {
    let head = "interfaces: [{name: eth1, dhcp: authoritative}]\nfiles: /\nprofiles:\n  "
    try check(head + row.text, row.mistake)
  }

  @Test(arguments: interfaces) func aWrongInterfaceIsTold(_ row: Row) throws {
    try check("interfaces: " + row.text, row.mistake)
  }

  @Test func tenPlantedMistakesGiveTenMessages() throws {
    let expected = [
      "2:1 unknown key \"sitee\" of the configuration, expected one of site, state, files, loaders, "
        + "control, reload, interfaces, tls, admin, recorder, subnets, dns, snippets, scripts, answers, "
        + "hooks, keys, secrets, values, profiles, default-profile, machines; did you mean \"site\"?",
      "7:11 unknown mode \"authoritive\", expected one of authoritative, proxy, off; "
        + "did you mean \"authoritative\"?",
      "8:11 \"eighty\" is not a port, 1 to 65535, or false",
      "12:14 \"10.77.0.0/33\" is not a prefix as 10.77.0.0/16",
      "16:13 the pool runs backwards; did you mean \"10.78.0.100-10.78.0.200\"?",
      "17:12 \"12x\" is not a lease time as 12h, from 30s to 30d, with s, m, h or d",
      "21:28 unknown architecture \"x86-boos\", expected one of x86-bios, x86-efi, x86-64-efi, "
        + "arm32-efi, arm64-efi, riscv64-efi, arm32-uboot, arm64-uboot, raspberry-pi-3, raspberry-pi; "
        + "did you mean \"x86-bios\"?",
      "23:5 \"kernel\" stands here a second time; it is set in line 22 already",
      "28:10 \"52:54:00:12:34\" is not a MAC address as 52:54:00:12:34:56",
      "29:14 profile \"debain\" is not defined; did you mean \"debian\"?",
    ]
    do throws(ConfigurationMistakes) {
      _ = try Configuration.load("\(fixtures)/ten-mistakes.yaml", in: surroundings)
      Issue.record("ten mistakes were taken")
    } catch {
      #expect(error.mistakes.map { "\($0.line):\($0.column) \($0.text)" } == expected)
    }
  }

  @Test func aTemplatesMistakesHaveItsOwnPlace() throws {
    let loaded = try load([
      "bootwire.yaml": """
      interfaces: [{name: eth1, dhcp: authoritative}]
      profiles: {p: {script: p.ipxe, answers: {ks.cfg: ks.mustache}}}
      """,
      "p.ipxe": "#!ipxe\necho {{machine.nam}}\n", "ks.mustache": "{{> nett}}", "net.mustache": "x",
    ])
    #expect(
      loaded.mistakes.map { $0.prefix { $0 != "," } } == [
        "ks.mustache:1:5 unknown snippet \"nett\"; did you mean \"net\"?",
        "p.ipxe:2:8 unknown variable \"machine.nam\"",
      ])
  }

  @Test func aMachineWithoutAValueThatItsProfileUsesIsTold() throws {
    let loaded = try load([
      "bootwire.yaml": """
      interfaces: [{name: eth1, dhcp: authoritative}]
      files: /
      profiles: {p: {kernel: x, answers: {ks.cfg: ks.mustache}}}
      machines:
        - {name: a, mac: 525400000001, profile: p, values: {raid: 1}}
        - {name: b, mac: 525400000002, profile: p, values: {disk: sda}}
      """,
      "ks.mustache": "{{values.disk}}{{#values.raid}}{{values.level}}{{/values.raid}}",
    ])
    #expect(
      loaded.mistakes == [
        "bootwire.yaml:5:12 machine a has no values.disk, which its profile p uses in "
          + "ks.mustache:1:3",
        "bootwire.yaml:5:12 machine a has no values.level, which its profile p uses in "
          + "ks.mustache:1:34",
      ])
  }

  @Test func aSecondFileCannotSetWhatTheFirstSet() throws {
    let loaded = try load(
      [
        "a.yaml": "site: a\ninterfaces: [{name: eth1, dhcp: off}]\nprofiles: {p: {boot: local}}",
        "b.yaml": "site: b\nprofiles: {p: {boot: local}}",
      ], "/")
    #expect(
      loaded.mistakes == [
        "b.yaml:1:1 \"site\" is set in a.yaml:1 already",
        "b.yaml:2:12 profile \"p\" is defined in a.yaml:3 already",
      ])
  }

  @Test func whatIsNoConfigurationIsRefused() throws {
    #expect(try load([:], "/absent.yaml").mistakes.count == 1)
    #expect(try load(["a.txt": ""], "/").mistakes.count == 1)
    for text in ["", "- 1", "x", "{", "\u{0}", "a: *b", "[[[[", "interfaces:"] {
      #expect(try !load(["bootwire.yaml": text]).mistakes.isEmpty, "\(text)")
    }
  }

  /// Each scalar of a whole configuration replaced by what it is not: told or taken, never a trap.
  @Test func noReplacedOctetTraps() throws {
    let text = Array((GoodConfigurationTests.whole["bootwire.yaml"] ?? "").utf8)
    #expect(text.count > 1000)
    for index in stride(from: 0, to: text.count, by: 3) {
      for octet: UInt8 in [0x2d, 0x30, 0x5b, 0x7b, 0x27] {
        var changed = text
        changed[index] = octet
        let file = SourceFile(name: "x", bytes: changed)
        _ = try? Configuration.read([file], from: "/absent", in: surroundings)
      }
    }
  }
}
