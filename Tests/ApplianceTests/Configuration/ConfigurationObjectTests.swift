import Boot
import Foundation
import Network
import Testing
import YAML

@testable import Appliance

/// A public key whose octets hold what its type says.
let publicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ops@nbg1"

@Suite("Objects of configurations") struct ConfigurationObjectTests {
  static let whole = [
    "bootwire.yaml": """
    site: nbg1
    files: /
    interfaces: [{name: eth1, dhcp: authoritative}]
    subnets:
      - {network: 10.77.0.0/16, interface: eth1}
      - {network: 10.78.0.0/16, relays: [10.78.0.1], site: fra1}
    snippets:
      net: {text: "address {{machine.address}}\\n"}
      fra: {text: "only fra1", site: fra1}
    scripts:
      main:
        labels: {team: base}
        text: |
          #!ipxe
          chain {{server.http}}{{machine.scripts}}/sub
        variants:
          - match: {architecture: arm64-efi, site: nbg1}
            text: "#!ipxe\\n# arm"
      file: {file: own.ipxe}
    answers:
      debian:
        kind: preseed
        text: |
          d-i passwd/root-password-crypted password {{secrets.root | preseed}}
          {{> net}}
    hooks:
      ntp: {when: post-install, text: "echo {{values.ntp | shell}} {{values.disk}} {{values.tier}}"}
      first: {when: first-boot, file: first.sh}
    keys:
      ops: {public: "\(publicKey)"}
      other: {public: "\(publicKey)", site: fra1, labels: {a: b}}
    secrets:
      root: {value: "$6$x"}
      root-fra1: {as: root, site: fra1, file: root.secret}
      root-a: {as: root, machine: a, value: own}
    values: {ntp: pool.ntp.org, disk: /dev/sda, tier: "1"}
    profiles:
      debian:
        match: {labels: {role: web}, mac: "52:54:00:00:00:09", uuid: 4c4c4544-0042-4c10-8056-b4c04f4c4142,
          serial: [A1], relay-port: Eth1/7, site: nbg1}
        script: main
        answers: {preseed.cfg: debian, ks.cfg: {text: "{{#keys.authorized}}{{.}}{{/keys.authorized}}", kind: kickstart},
          other: other.txt}
        hooks: [ntp, first]
        install: {arm: first-contact, report: first-boot, expires: 30m}
        values: {disk: /dev/vda}
        labels: {os: debian}
      choose: {menu: {title: Choose, timeout: 30s, default: local, entries: [debian, local]}}
      local: {boot: local}
      fra: {script: file, site: fra1, match: {architecture: x86-bios}}
    default-profile: discover
    machines:
      - {name: a, mac: 525400000001, profile: debian, values: {tier: "2"}, labels: {rack: "3"}}
      - {name: b, mac: 525400000002, site: fra1, profile: fra}
      - {name: c, mac: 525400000003, address: 10.78.0.7}
    """,
    "own.ipxe": "#!ipxe\nshell\n", "first.sh": "hostname\n", "other.txt": "x",
    "root.secret": "of fra1\n",
  ]

  private static func load() throws -> Configuration {
    let folder = try TemporaryFolder(whole)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: "\(folder.path)/root.secret")
    do throws(ConfigurationMistakes) {
      return try Configuration.load("\(folder.path)/bootwire.yaml", in: surroundings)
    } catch {
      Issue.record("\(error)")
      throw error
    }
  }

  @Test func everyKeyIsTaken() throws {
    let configuration = try Self.load()
    #expect(configuration.defaultProfile == .profile("discover"))
    let profile = try #require(configuration.profiles.first)
    #expect(profile.match.criteriaCount == 6 && profile.match.specificity == 4 << 32 + 6)
    let policy = InstallPolicy(arm: .firstContact, report: .firstBoot, expiry: .seconds(1800))
    #expect(profile.install == policy)
    #expect(profile.hooks.map(\.name) == ["ntp", "first"])
    #expect(profile.answerKinds == ["preseed.cfg": .preseed, "ks.cfg": .kickstart])
    #expect(profile.answers["preseed.cfg"]?.holdsSecrets == true)
    guard case .menu(let menu) = configuration.profiles[1].boot else {
      Issue.record("no menu")
      return
    }
    #expect(
      menu
        == BootMenu(
          title: "Choose", entries: ["debian", "local"], chosen: "local", timeout: .seconds(30)))
    #expect(configuration.keys.map(\.site) == ["nbg1", "fra1"])
    #expect(configuration.secrets.map(\.variable) == ["root", "root", "root"])
    #expect(configuration.secrets[1].value.revealed == "of fra1")
    #expect(configuration.scripts.map(\.name) == ["main", "file"])
    #expect(configuration.subnets[1].site == "fra1")
  }

  @Test func aMachineGetsItsScriptAnswersAndHooks() throws {
    let catalog = try Self.load().catalog(generation: 1, loaders: [])
    let mac = try #require(MACAddress("52:54:00:00:00:01"))
    var reasons: [Reason] = []
    for (architecture, script) in [
      (Architecture.x86BIOS, "chain http://10.77.0.1/machines/a/scripts/sub\n"),
      (.arm64EFI, "# arm"),
    ] {
      let sighting = Sighting(
        macAddress: mac, firmware: Firmware(kind: .ipxe, architecture: architecture))
      let address = IPv4Address(10, 77, 0, 9)
      let decision = catalog.decide(
        for: sighting, on: catalog.subnet(holding: address), provisions: ProvisionTable(),
        reasons: &reasons)
      let variables = catalog.variables(
        for: sighting, decision, at: address,
        server: Variables.Server(address: IPv4Address(10, 77, 0, 1)))
      let profile = try #require(decision.profile)
      guard case .script(let template) = profile.boot else {
        Issue.record("no script")
        continue
      }
      #expect(template.rendered(variables) == "#!ipxe\n" + script)
      #expect(
        profile.answers["preseed.cfg"]?.rendered(variables)
          == "d-i passwd/root-password-crypted password own\naddress 10.77.0.9\n")
      #expect(profile.answers["ks.cfg"]?.rendered(variables) == publicKey)
      #expect(
        profile.hooks.first?.template.rendered(variables) == "echo 'pool.ntp.org' /dev/vda 2")
    }
  }

  @Test func everyObjectIsListedWithoutASecret() throws {
    let index = try Self.load().objects
    #expect(index.count == 19)
    #expect(index[.machines].map(\.site) == ["nbg1", "fra1", "fra1"])
    let machine = try #require(index[.machines, "a"])
    #expect(machine.labels == ["rack": "3"] && !machine.spec.contains("\"name\""))
    guard case .file(let file, let line) = machine.origin else {
      Issue.record("no file")
      return
    }
    #expect(file.hasSuffix("/bootwire.yaml"))
    let lines = (Self.whole["bootwire.yaml"] ?? "").split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[line - 1].hasPrefix("  - {name: a"))
    let secrets = index[.secrets].map(\.spec)
    #expect(
      secrets == [
        "{}", "{\"as\":\"root\",\"machine\":\"a\"}",
        "{\"as\":\"root\",\"site\":\"fra1\",\"file\":\"root.secret\"}",
      ])
    #expect(index[.keys, "ops"]?.spec.contains("AAAAC3") == true)
    #expect(index[.profiles, "local"]?.site == nil && index[.secrets, "root"]?.site == "nbg1")
    #expect(ObjectKind.allCases.allSatisfy { !"\(index[$0])".contains("$6$") })
  }

  @Test func anAppliedObjectIsReadAsOneOfAFile() throws {
    func node(_ text: String) throws -> YAML.Node {
      try #require(Document(parsing: Array(text.utf8)).root)
    }
    let folder = try TemporaryFolder([
      "bootwire.yaml": """
      interfaces: [{name: eth1, dhcp: authoritative}]
      profiles: {local: {boot: local}}
      machines: [{name: a, mac: 525400000001}]
      """
    ])
    func read(_ stored: [StoredObject]) -> (Configuration?, [String]) {
      do throws(ConfigurationMistakes) {
        return (
          try Configuration.load("\(folder.path)/bootwire.yaml", stored: stored, in: surroundings),
          []
        )
      } catch {
        return (
          nil,
          error.mistakes.map { "\($0)".replacingOccurrences(of: "\(folder.path)/", with: "") }
        )
      }
    }
    let good = try [
      StoredObject(
        kind: .machines, name: "b", spec: node("{mac: 525400000002, profile: p}"),
        generation: 7),
      StoredObject(
        kind: .profiles, name: "p",
        spec: node(
          "{script: s, answers: {x: {text: '{{values.a}}', file: x.txt}}, values: {a: 1}}"),
        generation: 8),
      StoredObject(
        kind: .scripts, name: "s", spec: node("{text: '#!ipxe', file: s.ipxe}"), generation: 8),
    ]
    let (configuration, mistakes) = read(good)
    #expect(mistakes == [])
    #expect(configuration?.machines.map(\.name) == ["a", "b"])
    #expect(
      configuration?.objects[.scripts, "s"]?.origin == .generation(8)
        && configuration?.objects[.machines, "b"]?.origin == .generation(7))
    let bad = try [
      StoredObject(kind: .machines, name: "a", spec: node("{mac: 525400000001}"), generation: 1),
      StoredObject(kind: .profiles, name: "local", spec: node("{boot: local}"), generation: 1),
      StoredObject(
        kind: .profiles, name: "q", spec: node("{script: /etc/passwd, hooks: [no]}"), generation: 1),
      StoredObject(kind: .secrets, name: "s", spec: node("{file: /etc/shadow}"), generation: 1),
      StoredObject(
        kind: .answers, name: "t", spec: node("{text: \"a\\n{{x.y}}\", file: t.ks}"), generation: 1),
    ]
    #expect(
      read(bad).1.map {
        $0.replacing(
          ", expected one of server.*, machine.*, profile.*, subnet.*, "
            + "site.*, keys.*, values.*, secrets.*, labels.*", with: "")
      } == [
        "machines/a:1:1: error: name a is that of machine a in bootwire.yaml:3 already",
        "machines/a:1:7: error: mac 52:54:00:00:00:01 is that of machine a in bootwire.yaml:3 already",
        "profiles/local:1:1: error: profile \"local\" is defined in bootwire.yaml:2 already",
        "profiles/q:1:10: error: no script \"/etc/passwd\", and an applied object reads no file of "
          + "this box: give its \"text\"",
        "profiles/q:1:31: error: hook \"no\" is not defined",
        "secrets/s:1:8: error: an applied secret names no file of this box, expected its \"value\"",
        "t.ks:2:3: error: unknown variable \"x.y\"",
      ])
  }

  @Test func tenThousandAppliedMachinesAreRead() throws {
    let stored = (0..<10_000).map { number in
      let spec: [(String, String)] = [
        ("mac", String(format: "5254%08x", number)), ("profile", "p"), ("serial", "S\(number)"),
      ]
      let place = Position(line: 1, column: 1)
      return StoredObject(
        kind: .machines, name: "rack-\(number)",
        spec: YAML.Node(
          .mapping(
            spec.map {
              YAML.Node.Entry(
                key: $0.0, position: place,
                value: YAML.Node(.scalar($0.1, isPlain: false), at: place))
            }), at: place), generation: 1)
    }
    let folder = try TemporaryFolder([
      "bootwire.yaml": """
      interfaces: [{name: eth1, dhcp: authoritative}]
      files: /
      profiles: {p: {kernel: linux, arguments: "a={{machine.name}}"}}
      """
    ])
    let configuration = try Configuration.load(
      "\(folder.path)/bootwire.yaml", stored: stored, in: surroundings)
    #expect(configuration.machines.count == 10_000 && configuration.objects.count == 10_001)
    let catalog = configuration.catalog(generation: 1, loaders: [])
    #expect(catalog.machine(named: "rack-9999")?.serial == "S9999")
  }
}
