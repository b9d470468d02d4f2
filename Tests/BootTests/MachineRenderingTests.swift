import Network
import Testing

@testable import Boot

@Suite("What a machine would get") struct MachineRenderingTests {
  private static let mac = MACAddress(0x52, 0x54, 0, 0, 0, 1)

  private static func template(_ text: String, as target: Template.Target = .text) throws
    -> Template
  {
    try Template(parsing: text, named: "t.mustache", as: target)
  }

  private static func catalog(_ machine: Machine) throws -> Catalog {
    let kernel = KernelBoot(
      kernel: try template("{{machine.architecture}}/linux", as: .script),
      initrd: [try template("initrd.gz", as: .script)],
      arguments: try template("url={{server.http}}{{machine.answers}}/ks.cfg", as: .script))
    let installer = Profile(
      name: "debian", match: Match(labels: ["role": "web"]), boot: .kernel(kernel),
      answers: [
        "ks.cfg": try template("rootpw {{secrets.root | kickstart}} {{values.disk}}\n"),
        "keys": try template("{{keys.authorized_keys}}"),
      ],
      hooks: [
        Hook(name: "join", when: .firstBoot, template: try template("join {{secrets.token}}"))
      ], install: InstallPolicy())
    let here = Subnet(
      network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth1",
      pools: [Pool(IPv4Address(10, 77, 1, 0), IPv4Address(10, 77, 1, 9))],
      ownAddress: IPv4Address(10, 77, 0, 1))
    return Catalog(
      site: "nbg1", interfaces: [Interface(name: "eth1")], subnets: [here], profiles: [installer],
      machines: [machine],
      scripts: [
        Script(name: "sub", template: try template("#!ipxe\n# {{machine.name}}\n", as: .script)),
        Script(
          name: "theirs", site: "fra1", template: try template("#!ipxe\n# of fra1\n", as: .script)),
      ],
      keys: [
        SSHKey(name: "k", site: "nbg1", publicKey: "ssh-ed25519 A k"),
        SSHKey(name: "l", site: "fra1", publicKey: "ssh-ed25519 B l"),
      ],
      secrets: [Secret(name: "root", site: "nbg1", value: Secret.Text("swordfish"))])
  }

  private static let machine = Machine(
    name: "rack3-07", macAddress: mac, address: IPv4Address(10, 77, 0, 7),
    labels: ["role": "web"], values: ["disk": "/dev/sda"])

  @Test func itIsEverythingUnderItsPathsWithoutSecretsAndTokens() throws {
    let rendering = try Self.catalog(Self.machine).rendering(
      of: Self.machine, architecture: .x8664EFI)
    #expect(rendering.profile == "debian")
    #expect(
      rendering.files.map(\.path) == [
        "/machines/rack3-07/boot.ipxe", "/pxelinux.cfg/01-52-54-00-00-00-01",
        "/grub/grub.cfg-01-52-54-00-00-00-01", "/boot.scr.uimg", "/autoexec.ipxe",
        "/machines/rack3-07/scripts/sub", "/machines/~/answers/keys", "/machines/~/answers/ks.cfg",
        "/machines/~/hooks/first-boot",
      ])
    let texts = Dictionary(uniqueKeysWithValues: rendering.files.map { ($0.path, $0.text) })
    #expect(texts["/machines/~/answers/ks.cfg"] == "rootpw \"********\" /dev/sda\n")
    #expect(texts["/machines/~/answers/keys"] == "ssh-ed25519 A k\n")
    let script = texts["/machines/rack3-07/boot.ipxe"] ?? ""
    #expect(script.contains("url=http://10.77.0.1/machines/~/answers/ks.cfg"))
    #expect(script.contains("http://10.77.0.1/files/x86-64-efi/linux"))
    #expect(texts["/pxelinux.cfg/01-52-54-00-00-00-01"]?.contains("/machines/~/") == true)
    #expect(!"\(rendering)".contains("swordfish") && !"\(rendering)".contains("fra1"))
    #expect(
      rendering.remarks == [
        "There is no secrets.token at the site nbg1, which debian uses in t.mustache:1: the answer "
          + "is not given."
      ])
  }

  @Test func whatIsSupposedAndWhatIsMissingIsSaid() throws {
    var machine = Self.machine
    machine.address = nil
    machine.values = [:]
    let rendering = try Self.catalog(machine).rendering(of: machine, architecture: nil)
    #expect(
      rendering.remarks.prefix(3) == [
        "It has no reservation and no lease: supposed to be at 10.77.1.0.",
        "Its architecture is not known: what asks for it is left empty.",
        "It has no values.disk, which debian uses in t.mustache:1: debian is not booted.",
      ])
    #expect(rendering.files.first?.text.contains("needs values.disk") == true)
  }

  @Test func withoutAProfileItSaysWhy() throws {
    var machine = Self.machine
    machine.labels = [:]
    let rendering = try Self.catalog(machine).rendering(of: machine, architecture: .x86BIOS)
    #expect(rendering.profile == nil && rendering.files.isEmpty)
    #expect(
      rendering.remarks == [
        "The profile debian does not match: its labels is another.",
        "No profile matches, and there is no default-profile.",
      ])
  }
}
