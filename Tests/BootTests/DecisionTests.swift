import Boot
import Network
import Testing

/// Sighting and catalog in, instruction and reasons out.
@Suite struct DecisionTests {
  static let mac = MACAddress(0x52, 0x54, 0, 0, 0, 1)
  static let undionly = Loader(
    set: .ipxe, architecture: .x86BIOS, path: "ipxe/undionly.kpxe", byteCount: 1)
  static let snponly = Loader(
    set: .snponly, architecture: .x8664EFI, path: "snponly/snponly.efi", byteCount: 1)
  static let wire = Subnet(network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16))

  static func profile(_ name: String, _ match: Match = Match(), set: Loader.Set = .ipxe) -> Profile
  {
    Profile(name: name, match: match, boot: .script(Template(verbatim: "#!ipxe\n")), loader: set)
  }

  static let profiles = [
    profile("any-bios", Match(architectures: [.x86BIOS])),
    profile("lab-bios", Match(architectures: [.x86BIOS], subnets: [wire.network])),
    profile("also-bios", Match(architectures: [.x86BIOS, .x8664EFI], vendors: ["PXEClient"])),
    profile("rack", Match(labels: ["rack": "3", "row": "1", "room": "b"])),
    profile("efi", Match(architectures: [.x8664EFI]), set: .snponly),
    Profile(name: "disk", match: Match(macPrefixes: [[2, 0]]), boot: .local),
    profile("unmatched"),
  ]

  static let machines = [
    Machine(name: "named", macAddress: mac, profile: "unmatched"),
    Machine(name: "gone", macAddress: MACAddress(0x52, 0x54, 0, 0, 0, 2), profile: "no-such"),
    Machine(name: "silent", macAddress: MACAddress(0x52, 0x54, 0, 0, 0, 3), profile: "ignore"),
    Machine(
      name: "labelled", uuid: UUID(high: 1, low: 2),
      labels: ["rack": "3", "row": "1", "room": "b"]),
    Machine(name: "by-client", clientIdentifier: [0, 7]),
    Machine(name: "by-port", relayPort: [0x70, 0x30]),
  ]

  static func catalog(_ fallback: Catalog.DefaultProfile) -> Catalog {
    Catalog(
      profiles: profiles, machines: machines, defaultProfile: fallback,
      loaders: [undionly, snponly])
  }

  struct Row: CustomTestStringConvertible, Sendable {
    let name: String
    var sighting: Sighting
    var onWire = false
    var fallback = Catalog.DefaultProfile.none
    let instruction: BootInstruction
    let machine: String?
    let profile: String?
    /// The reasons that must be among those given, in this order.
    let reasons: [Reason]
    var testDescription: String { name }
  }

  static func sighting(
    _ last: UInt8 = 9, _ kind: Firmware.Kind? = .pxe, _ architecture: Architecture? = .x86BIOS
  ) -> Sighting {
    Sighting(
      macAddress: MACAddress(0x52, 0x54, 0, 0, 0, last),
      firmware: kind.map { Firmware(kind: $0, architecture: architecture, code: 77) })
  }

  static let rows: [Row] = [
    Row(
      name: "the machine's own profile comes before matches", sighting: sighting(1),
      instruction: .loader(undionly), machine: "named", profile: "unmatched",
      reasons: [
        .machineNamed("named", by: .macAddress), .profileNamed("unmatched"),
        .loaderChosen(undionly),
      ]),
    Row(
      name: "a profile that is gone counts as none", sighting: sighting(2),
      instruction: .loader(undionly), machine: "gone", profile: "any-bios",
      reasons: [.profileMatched("any-bios", criteria: 1), .loaderChosen(undionly)]),
    Row(
      name: "ignored by its profile", sighting: sighting(3), instruction: .ignore,
      machine: "silent", profile: nil, reasons: [.ignoredByPolicy]),
    Row(
      name: "ignored by default", sighting: sighting(9, .pxe, .arm64EFI), fallback: .ignore,
      instruction: .ignore, machine: nil, profile: nil,
      reasons: [.machineUnlisted, .profileMissed("any-bios", by: .architecture), .ignoredByPolicy]),
    Row(
      name: "the more specific match wins", sighting: sighting(), onWire: true,
      instruction: .loader(undionly), machine: nil, profile: "lab-bios",
      reasons: [
        .profileMatched("any-bios", criteria: 1), .profileMatched("lab-bios", criteria: 2),
      ]),
    Row(
      name: "every label counts",
      sighting: {
        var sighting = DecisionTests.sighting()
        sighting.uuid = UUID(high: 1, low: 2)
        return sighting
      }(), onWire: true, instruction: .loader(undionly), machine: "labelled", profile: "rack",
      reasons: [.machineNamed("labelled", by: .uuid), .profileMatched("rack", criteria: 3)]),
    Row(
      name: "known by its client identifier",
      sighting: {
        var sighting = DecisionTests.sighting()
        sighting.clientIdentifier = [0, 7]
        return sighting
      }(), instruction: .loader(undionly), machine: "by-client", profile: "any-bios",
      reasons: [.machineNamed("by-client", by: .clientIdentifier)]),
    Row(
      name: "known by its relay's port",
      sighting: {
        var sighting = DecisionTests.sighting()
        sighting.relayPort = [0x70, 0x30]
        return sighting
      }(), instruction: .loader(undionly), machine: "by-port", profile: "any-bios",
      reasons: [.machineNamed("by-port", by: .relayPort)]),
    Row(
      name: "the profile's loader set", sighting: sighting(9, .pxe, .x8664EFI),
      instruction: .loader(snponly), machine: nil, profile: "efi",
      reasons: [.profileMatched("efi", criteria: 1), .loaderChosen(snponly)]),
    Row(
      name: "no loader of that set for it", sighting: sighting(9, .pxe, .arm64EFI),
      instruction: .unsupported, machine: nil, profile: nil,
      reasons: [.profileAbsent, .loaderAbsent(.ipxe, .arm64EFI)]),
    Row(
      name: "an architecture of no row", sighting: sighting(9, .pxe, nil),
      fallback: .profile("unmatched"), instruction: .unsupported, machine: nil,
      profile: "unmatched",
      reasons: [.profileDefault("unmatched"), .architectureUnknown(77)]),
    Row(
      name: "iPXE gets its script", sighting: sighting(9, .ipxe, nil), instruction: .script,
      machine: nil, profile: nil, reasons: [.profileAbsent, .scriptForIPXE]),
    Row(
      name: "an installed system boots nothing", sighting: sighting(9, nil),
      fallback: .profile("unmatched"), instruction: .nothing, machine: nil, profile: "unmatched",
      reasons: [.notBooting]),
    Row(
      name: "from its disk",
      sighting: {
        var sighting = DecisionTests.sighting()
        sighting.macAddress = MACAddress(2, 0, 0, 0, 0, 1)
        sighting.firmware?.architecture = .arm64EFI
        sighting.architecture = .arm64EFI
        return sighting
      }(), instruction: .local, machine: nil, profile: "disk", reasons: [.localBoot]),
  ]

  @Test(arguments: rows) func aMachineIsTold(_ row: Row) {
    var reasons: [Reason] = [.notBooting, .localBoot]
    let decision = Self.catalog(row.fallback).decide(
      for: row.sighting, on: row.onWire ? Self.wire : nil, provisions: ProvisionTable(),
      reasons: &reasons)
    #expect(decision.instruction == row.instruction)
    #expect(decision.machine?.name == row.machine)
    #expect(decision.profile?.name == row.profile)
    var expected = row.reasons[...]
    for reason in reasons where reason == expected.first { expected = expected.dropFirst() }
    #expect(expected.isEmpty, "\(reasons)")
  }

  @Test func theSystemThatAProfileBootedKeepsIt() {
    var sighting = Self.sighting(9, .pxe, .x86BIOS)
    sighting.firmware = nil
    var reasons: [Reason] = []
    let decision = Self.catalog(.none).decide(
      for: sighting, on: nil, provisions: ProvisionTable(), reasons: &reasons)
    #expect(decision.profile?.name == "any-bios")
    #expect(decision.instruction == .nothing)
  }
}
