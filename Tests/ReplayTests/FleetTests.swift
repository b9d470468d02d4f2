import Boot
import Capture
import Network
import Replay
import Testing
import Wire

/// Changes of a configuration, played against the recordings of Fixtures/replays.
@Suite("A changed configuration against recorded boots") struct FleetTests {
  static let own = IPv4Address(10, 77, 0, 1)

  /// What a configuration says, as far as these tests change it.
  struct Setup {
    var kernel = "linux"
    var loader = Loader.Set.ipxe
    var loaders = LoaderRow.all
    var lease = Duration.seconds(3600)
    var router = IPv4Address(10, 77, 0, 1)
    var machines: [Machine] = []
    var profiles: [Profile] = []
    var defaultProfile = Catalog.DefaultProfile.profile("install")
    var arguments = "quiet"
    var install: InstallPolicy?
    var interface = Interface(name: "s0", number: 1, dhcp: .authoritative)
    /// A second interface with a network of its own serves in any case.
    var network = IPv4Prefix(own, length: 24)
    var name: String?

    private static var second: Subnet {
      let network = IPv4Prefix(IPv4Address(10, 78, 0, 0), length: 24)
      return Subnet(
        network: network, interface: "s1", pools: [pool(network)],
        ownAddress: IPv4Address(10, 78, 0, 1))
    }

    private static func pool(_ network: IPv4Prefix) -> Pool {
      let first = network.network.number
      return Pool(IPv4Address(first + 100), IPv4Address(first + 199))
    }

    /// `name` in the zone `lab.test`, at our own address.
    private var zones: Zones {
      var draft = ZoneDraft(
        forward: DomainName("lab.test"), host: "bootwire", networks: [network], serial: 1)
      if let name = name.flatMap({ DomainName($0) }) { draft.add(name, own) }
      return draft.zones()
    }

    var world: World {
      let boot = KernelBoot(
        kernel: Template(verbatim: kernel), initrd: [Template(verbatim: "initrd.gz")],
        arguments: Template(verbatim: arguments))
      var subnet = Subnet(
        network: network, interface: "s0",
        pools: [Self.pool(network)], ownAddress: IPv4Address(network.network.number + 1))
      subnet.lease = lease
      subnet.router = router
      let catalog = Catalog(
        generation: 1,
        interfaces: [interface, Interface(name: "s1", number: 2, dhcp: .authoritative)],
        subnets: [subnet, Self.second],
        profiles: [Profile(name: "install", boot: .kernel(boot), loader: loader, install: install)]
          + profiles,
        machines: machines, defaultProfile: defaultProfile,
        loaders: loaders.map {
          Loader(
            set: $0.set, architecture: $0.architecture, path: "\($0.set.rawValue)/\($0.file)",
            byteCount: 4096)
        }, zones: zones)
      return World(catalog: catalog) { tree, path in
        let isThere = tree == .loaders || ["linux", "initrd.gz"].contains(path.name)
        return isThere ? WorldFile(byteCount: 4096) : nil
      }
    }
  }

  static let names = ["arm64-http", "bios", "bios-pxelinux", "uboot", "uefi-http"]

  func report(
    _ names: [String] = names, to change: (inout Setup) -> Void
  ) throws -> FleetReport {
    var changed = Setup()
    change(&changed)
    return try report(names, from: Setup(), to: changed)
  }

  func report(
    _ names: [String], from old: Setup?, to new: Setup
  ) throws -> FleetReport {
    let (before, after) = (old?.world, new.world)
    var report = FleetReport(isCompared: old != nil)
    for name in names {
      let path = FixtureReplayTests.folder + "/\(name).pcap"
      let (_, recording) = try ElidedSavefile.read(path)
      report.add(name, MachineChange.all(of: recording, from: before, to: after))
    }
    return report
  }

  func report(_ recording: Recording, from old: Setup, to new: Setup) -> FleetReport {
    var report = FleetReport(isCompared: true)
    report.add("made", MachineChange.all(of: recording, from: old.world, to: new.world))
    return report
  }

  func recording(_ name: String) throws -> Recording {
    try ElidedSavefile.read(FixtureReplayTests.folder + "/\(name).pcap").1
  }

  @Test func theSameConfigurationChangesNothing() throws {
    let report = try report { _ in }
    #expect(report.groups.isEmpty && report.machineCount == Self.names.count)
    #expect(
      FleetText(report).text
        == "none of 5 machines in 5 recordings would be answered differently\n")
  }

  @Test func aMachineElsewhereChangesNothing() throws {
    let report = try report {
      $0.machines = [
        Machine(
          name: "other", macAddress: MACAddress(number: 0x5254_0000_9999),
          address: IPv4Address(10, 77, 0, 9))
      ]
    }
    #expect(report.differentCount == 0)
  }

  @Test func aLoaderThatOneFirmwareHasNoneOfIsReportedWithMachineOptionAndCause() throws {
    let report = try report {
      $0.loaders.removeAll { $0.architecture == .arm64EFI }
    }
    #expect(report.count(.breaks) == 1 && report.differentCount == 1)
    let group = try #require(report.groups.first)
    #expect(group.kind == .breaks && group.members.map(\.recording) == ["arm64-http"])
    #expect(group.cause.hasPrefix("No loader of the set ipxe is installed for arm64-efi"))
    let change = try #require(group.members.first?.change)
    #expect("\(change.macAddress)" == "52:54:00:77:00:22" && change.firmware?.kind == .http)
    #expect(change.was?.isFailure == false && change.willBe.isFailure)
    #expect(
      change.differences.contains { "\($0)".hasPrefix("OFFER option 67 (boot file): http://") })
    let text = FleetText(report).text
    #expect(
      text.hasPrefix(
        "1 of 5 machines in 5 recordings would be answered differently, 1 of them would not boot"
          + " any more\n\nwould not boot any more: No loader of the set ipxe"))
    #expect(text.contains("\n  arm64-http  52:54:00:77:00:22  arm64-efi http\n"))
  }

  @Test func anotherLeaseTimeIsOneCauseAndNoBreak() throws {
    let report = try report { $0.lease = .seconds(7200) }
    #expect(report.count(.breaks) == 0 && report.count(.differs) == Self.names.count)
    let group = try #require(report.groups.first)
    #expect(report.groups.count == 1 && group.cause == "lease time 1h \u{2192} 2h")
    #expect(group.members.allSatisfy { $0.change.differences.allSatisfy(\.isOfLeaseTime) })
  }

  @Test func anotherRouterIsToldByItsOption() throws {
    let report = try report(["bios"]) { $0.router = IPv4Address(10, 77, 0, 254) }
    let group = try #require(report.groups.first)
    #expect(group.kind == .differs)
    #expect(group.cause == "OFFER option 3 (router): 10.77.0.1 \u{2192} 10.77.0.254")
    #expect(group.members.first?.change.differences.count == 1, "the ACK says the same")
  }

  /// iPXE, GRUB's and PXELINUX's likes and U-Boot find their kernels in texts of ours.
  @Test(arguments: names)
  func aKernelThatIsNotThereBreaksEveryKindOfProgram(_ name: String) throws {
    let report = try report([name]) { $0.kernel = "linuz" }
    #expect(report.count(.breaks) == 1, "\(FleetText(report).text)")
    let group = try #require(report.groups.first)
    #expect(group.cause.contains("linuz"), "\(group.cause)")
    #expect(group.members.first?.change.differences.contains { !$0.lines.isEmpty } == true)
  }

  @Test func anotherProfileIsTheCauseWithTheRuleThatChoseIt() throws {
    let report = try report(["bios", "uefi-http"]) {
      $0.profiles = [
        Profile(
          name: "disk", match: Match(architectures: [.x86BIOS]), boot: .local)
      ]
    }
    let group = try #require(report.groups.first)
    #expect(report.groups.count == 1 && group.members.map(\.recording) == ["bios"])
    #expect(
      group.cause
        == "profile \"disk\" (matches by 1 criterion) instead of profile \"install\" (the default)")
  }

  @Test func aMachineThatIsIgnoredIsNotAnswered() throws {
    let report = try report(["bios"]) { $0.defaultProfile = .ignore }
    let group = try #require(report.groups.first)
    #expect(group.kind == .breaks && group.cause.contains("ignore"))
    #expect(
      group.members.first?.change.differences.map(\.description).contains(
        "OFFER: sent \u{2192} not sent") == true)
  }

  @Test func whatFailsByBothIsToldApartAndWhatIsMendedToo() throws {
    var broken = Setup()
    broken.kernel = "linuz"
    let same = try report(["bios"], from: broken, to: broken)
    #expect(same.differentCount == 0 && same.count(.fails) == 1)
    #expect(FleetText(same).text.contains("\nfails as before: fails at kernel because "))
    let mended = try report(["bios"], from: broken, to: Setup())
    #expect(mended.count(.mends) == 1)
    #expect(FleetText(mended).text.contains("\nwould boot now: "))
  }

  @Test func withNothingToCompareOnlyWhoBootsIsTold() throws {
    var broken = Setup()
    broken.loaders.removeAll { $0.architecture == .arm64EFI }
    let report = try report(["arm64-http", "bios"], from: nil, to: broken)
    #expect(report.differentCount == 0 && report.count(.fails) == 1)
    let text = FleetText(report).text
    #expect(
      text.hasPrefix("1 of 2 machines in 2 recordings boot or are answered as needed, 1 does not"))
    #expect(text.contains("\ndoes not boot: fails at "))
  }

  @Test func ofManyMachinesTheFirstAreNamedAndTheRestIsCounted() throws {
    let (_, recording) = try ElidedSavefile.read(FixtureReplayTests.folder + "/bios.pcap")
    var changed = Setup()
    changed.lease = .seconds(7200)
    let changes = MachineChange.all(of: recording, from: Setup().world, to: changed.world)
    var report = FleetReport(isCompared: true)
    for number in (1...50).reversed() { report.add("\(number + 100).pcap", changes) }
    let text = FleetText(report).text
    #expect(text.contains("\n  101.pcap  ") && text.contains("\n  120.pcap  "))
    #expect(!text.contains("121.pcap") && text.contains("\n  and 30 more machines\n"))
    #expect(text.contains("lease time 1h \u{2192} 2h (50 machines)"))
  }
}
