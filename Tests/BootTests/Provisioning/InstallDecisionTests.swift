import Boot
import Network
import Testing

@Suite("Install once: what each firmware is told in each state") struct InstallDecisionTests {
  static let mac = MACAddress(0x52, 0x54, 0, 0x12, 0x34, 0x56)
  static let undionly = Loader(
    set: .ipxe, architecture: .x86BIOS, path: "ipxe/undionly.kpxe", byteCount: 1)
  static let now = Instant.start

  static func catalog(_ arm: InstallPolicy.Arm, isListed: Bool = true) -> Catalog {
    let profile = Profile(
      name: "debian", match: Match(macPrefixes: [[0x52, 0x54]]),
      boot: .script(Template(verbatim: "#!ipxe\n")), install: InstallPolicy(arm: arm))
    return Catalog(
      profiles: [profile],
      machines: isListed ? [Machine(name: "web", macAddress: mac)] : [], loaders: [undionly])
  }

  /// Brings a machine to a state; nil: it has no row.
  static func table(_ name: String, _ state: ProvisionState?) -> ProvisionTable {
    var table = ProvisionTable()
    guard let state else { return table }
    var row = Provision(
      machine: name, site: "", macAddress: mac, state: state, since: now, cause: "")
    if state == .armed || state == .installing {
      row.arming = Arming(token: BootToken(dice: { 7 }), profile: "debian", expiry: .never)
    }
    table.restore(row)
    return table
  }

  static func decision(
    _ kind: Firmware.Kind, _ catalog: Catalog, _ table: ProvisionTable, _ reasons: inout [Reason]
  ) -> Decision {
    let sighting = Sighting(
      macAddress: mac, firmware: Firmware(kind: kind, architecture: .x86BIOS))
    return catalog.decide(for: sighting, on: nil, provisions: table, reasons: &reasons)
  }

  static let rows: [(ProvisionState?, InstallPolicy.Arm, Bool)] = [
    (nil, .byOperator, false), (.approved, .byOperator, false), (.armed, .byOperator, true),
    (.installing, .byOperator, true), (.installed, .byOperator, false),
    (.failed, .byOperator, false), (nil, .firstContact, true), (.approved, .firstContact, false),
    (.armed, .firstContact, true), (.installing, .firstContact, true),
    (.installed, .firstContact, false), (.failed, .firstContact, false),
  ]

  @Test(arguments: rows) func onlyAnArmedMachineIsLedToItsInstaller(
    _ state: ProvisionState?, _ arm: InstallPolicy.Arm, _ installs: Bool
  ) {
    var reasons: [Reason] = []
    let catalog = Self.catalog(arm)
    let table = Self.table("web", state)
    let rom = Self.decision(.pxe, catalog, table, &reasons)
    #expect(rom.instruction == (installs ? .loader(Self.undionly) : .local))
    #expect(rom.permission?.isGiven == installs)
    // iPXE leaves by its script, which knows how this firmware does that.
    let ipxe = Self.decision(.ipxe, catalog, table, &reasons)
    #expect(ipxe.instruction == .script)
    if case .local = ipxe.boot { #expect(!installs) } else { #expect(installs) }
    #expect(ipxe.profile?.name == "debian")
    #expect(reasons.contains(.notArmed(state ?? .approved)) == !installs)
    // For what installs nothing the state counts for nothing.
    var system: [Reason] = []
    let quiet = catalog.decide(
      for: Sighting(macAddress: Self.mac), on: nil, provisions: table, reasons: &system)
    #expect(quiet.instruction == .nothing)
  }

  /// The operator names what was installed without a name, or gives it another name.
  @Test(arguments: [ProvisionState.approved, .installed, .failed], ["old", mac.dashed])
  func aNewNameMakesNoNewMachine(_ state: ProvisionState, _ formerName: String) {
    var reasons: [Reason] = []
    var table = Self.table(formerName, state)
    let catalog = Self.catalog(.firstContact)
    #expect(Self.decision(.pxe, catalog, table, &reasons).instruction == .local)
    _ = table.forget(formerName)
    #expect(Self.decision(.pxe, catalog, table, &reasons).instruction == .loader(Self.undionly))
  }

  @Test func whoWasOnlyDiscoveredIsNewToItsProfile() {
    var reasons: [Reason] = []
    let table = Self.table(Self.mac.dashed, .discovered)
    let first = Self.decision(
      .pxe, Self.catalog(.firstContact, isListed: false), table, &reasons)
    #expect(first.permission == .firstContact)
    let operators = Self.decision(
      .pxe, Self.catalog(.byOperator, isListed: false), table, &reasons)
    #expect(operators.permission == .refused(.discovered))
  }

  @Test func aFullTableTakesNoFirstContactOfAStranger() {
    var table = ProvisionTable(limit: 1)
    table.restore(
      Provision(
        machine: "02-00-00-00-00-01", site: "", state: .installed, since: Self.now, cause: ""))
    var reasons: [Reason] = []
    let stranger = Self.decision(
      .pxe, Self.catalog(.firstContact, isListed: false), table, &reasons)
    #expect(stranger.instruction == .local)
    let named = Self.decision(.pxe, Self.catalog(.firstContact), table, &reasons)
    #expect(named.permission == .firstContact)
  }

  @Test func everyReasonIsASentence() {
    for state in ProvisionState.allCases {
      #expect(Reason.notArmed(state).description.contains(state.rawValue))
      #expect(!Reason.notArmed(state).isMatch)
    }
    #expect(Reason.menuLacks("a\nb").description.contains("\n") == false)
    #expect(Reason.armed(for: "x").isMatch && Reason.firstContact.isMatch)
    #expect(!Reason.armedElsewhere(profile: "x").isMatch)
  }
}
