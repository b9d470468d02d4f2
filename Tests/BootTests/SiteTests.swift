import Network
import Testing

@testable import Boot

/// Two sites in one catalog: what is of one does not reach the machines of the other.
@Suite("Sites of one catalog") struct SiteTests {
  static let here = Subnet(network: IPv4Prefix(IPv4Address(10, 1, 0, 0), length: 16))
  static let there = Subnet(
    network: IPv4Prefix(IPv4Address(10, 2, 0, 0), length: 16), site: "there")

  private static func template(_ text: String) throws -> Template {
    try Template(parsing: text, named: "t")
  }

  private static func catalog() throws -> Catalog {
    var hereOnly = Profile(
      name: "here-only", match: Match(architectures: [.x86BIOS], firmware: [.ipxe]), boot: .local)
    hereOnly.site = "here"
    var moved = Match(architectures: [.x86BIOS])
    moved.sites = ["there"]
    return Catalog(
      site: "here", subnets: [here, there],
      profiles: [
        hereOnly, Profile(name: "any", match: Match(architectures: [.x86BIOS]), boot: .local),
        Profile(
          name: "there-only", match: moved, boot: .scriptNamed("main"), site: "there",
          install: InstallPolicy()),
      ],
      machines: [
        Machine(name: "a", macAddress: mac(1)),
        Machine(name: "b", macAddress: mac(2), site: "there"),
        Machine(name: "c", macAddress: mac(3), profile: "here-only", site: "there"),
      ],
      scripts: [
        Script(
          name: "main", site: "there", template: try template("#!ipxe\n"),
          variants: [
            Script.Variant(
              match: Match(architectures: [.x86BIOS]), template: try template("#!ipxe\n# bios\n"))
          ])
      ],
      keys: [
        SSHKey(name: "k1", site: "here", publicKey: "ssh-ed25519 A k1"),
        SSHKey(name: "k2", site: "there", publicKey: "ssh-ed25519 B k2"),
      ],
      secrets: [
        Secret(name: "p", site: "here", value: Secret.Text("of here")),
        Secret(name: "q", variable: "p", site: "there", value: Secret.Text("of there")),
        Secret(name: "r", variable: "p", site: "there", machine: "b", value: Secret.Text("of b")),
      ])
  }

  private static func mac(_ last: UInt8) -> MACAddress { MACAddress(0x52, 0x54, 0, 0, 0, last) }

  private static func decide(
    _ last: UInt8, on subnet: Subnet, reasons: inout [Reason]
  ) throws -> (Decision, Variables) {
    let sighting = Sighting(
      macAddress: mac(last), firmware: Firmware(kind: .ipxe, architecture: .x86BIOS))
    let catalog = try catalog()
    let decision = catalog.decide(
      for: sighting, on: subnet, provisions: ProvisionTable(), reasons: &reasons)
    let address = IPv4Address(subnet.network.network.number + 7)
    let server = Variables.Server(address: IPv4Address(subnet.network.network.number + 1))
    return (decision, catalog.variables(for: sighting, decision, at: address, server: server))
  }

  @Test func aMachineOfOurSiteGetsWhatIsOfItsSite() throws {
    var reasons: [Reason] = []
    let (decision, variables) = try Self.decide(1, on: Self.here, reasons: &reasons)
    #expect(decision.profile?.name == "here-only")
    #expect(variables.site == "here" && variables.keys == ["ssh-ed25519 A k1"])
    #expect(variables.secrets.isEmpty)
    #expect(reasons.contains(.profileElsewhere("there-only", site: "there")))
  }

  @Test(arguments: [UInt8(2), 9]) func aMachineOfAnotherSiteGetsThatSites(_ last: UInt8) throws {
    var reasons: [Reason] = []
    let (decision, variables) = try Self.decide(last, on: Self.there, reasons: &reasons)
    #expect(decision.profile?.name == "there-only")
    guard case .script(let script) = decision.profile?.boot else {
      Issue.record("the script was not found")
      return
    }
    #expect(script.rendered(variables) == "#!ipxe\n# bios\n")
    #expect(variables.site == "there" && variables.keys == ["ssh-ed25519 B k2"])
    #expect(variables.secrets["p"]?.revealed == (last == 2 ? "of b" : "of there"))
    #expect(reasons.contains(.profileElsewhere("here-only", site: "here")))
  }

  @Test func aNamedProfileOfAnotherSiteIsNotTheMachines() throws {
    var reasons: [Reason] = []
    let (decision, _) = try Self.decide(3, on: Self.here, reasons: &reasons)
    #expect(decision.profile?.name == "there-only")
    #expect(reasons.contains(.profileElsewhere("here-only", site: "here")))
  }

  @Test func aMachinesOwnSiteOutweighsItsSubnets() throws {
    var reasons: [Reason] = []
    let (_, variables) = try Self.decide(2, on: Self.here, reasons: &reasons)
    #expect(variables.site == "there" && variables.keys == ["ssh-ed25519 B k2"])
  }
}
