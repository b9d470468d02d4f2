import Boot
import EventLoop
import Foundation
import Network
import Replay
import Testing
import YAML

@testable import Appliance

@Suite("A reload that is held against recorded boots") struct ReloadDemandTests {
  /// The interface is no box's: what is played has all that the configuration names.
  private static func configuration(
    kernel: String = "linux", lease: String = "1h", reload: String = "reload: {against: recorded}"
  ) -> String {
    """
    # A comment changes nothing.
    site: lab
    state: state
    files: files
    loaders: loaders
    control: control.sock
    \(reload)
    interfaces: [{name: absent0, dhcp: authoritative, dns: false}]
    subnets:
      - {network: 10.77.0.0/24, interface: absent0, pools: [10.77.0.100-10.77.0.199], lease: \(lease)}
    profiles:
      install: {kernel: \(kernel), initrd: [initrd.gz], arguments: quiet}
      broken: {kernel: nowhere, arguments: quiet}
    default-profile: install
    """
  }

  /// A folder as serve has one, and what is read of it.
  private final class Bench {
    let folder: String
    private(set) var warnings: [Mistake] = []

    init(_ recordings: [String] = ["bios"]) throws {
      folder = NSTemporaryDirectory() + "demand-" + String(UUID().uuidString.prefix(8))
      try FileManager.default.createDirectory(
        atPath: folder + "/files", withIntermediateDirectories: true)
      for name in ["linux", "initrd.gz"] {
        try "a file".write(toFile: folder + "/files/" + name, atomically: true, encoding: .utf8)
      }
      try FleetFolder.fill(folder + "/recorded", recordings)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func load(_ text: String, _ stored: [StoredObject] = []) throws -> LoadedConfiguration {
      let path = folder + "/bootwire.yaml"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return try LoadedConfiguration.load(
        path, stored: stored, try InterfaceTable.read(), generation: 1)
    }

    func mistakes(
      from old: String = configuration(), to new: LoadedConfiguration,
      for site: String? = nil
    ) throws -> [Mistake] {
      let running = try load(old)
      return ReloadDemand(
        running: ReloadDemand.Side(
          catalog: running.catalog, settings: running.settings, sources: running.sources,
          objects: running.objects)
      ).mistakes(in: new, for: site, warnings: &warnings)
    }
  }

  @Test func aConfigurationThatBreaksARecordedBootIsRefused() throws {
    let bench = try Bench()
    let mistakes = try bench.mistakes(to: try bench.load(Self.configuration(kernel: "linuz")))
    let text = mistakes.map(\.description).joined(separator: "\n")
    #expect(
      text.hasPrefix("bios.pcap: error: 52:54:00:77:00:01 x86-bios ipxe would not boot any more: "))
    #expect(mistakes.count == 1 && text.contains("linuz: 404"), "\(text)")
  }

  // Nobody is armed in a recording: an installing profile would give both sides their own disk.
  @Test func aKernelOfAnInstallationIsPlayedAsWell() throws {
    let bench = try Bench()
    func configuration(_ kernel: String, _ arguments: String = "quiet") -> String {
      Self.configuration(kernel: kernel).replacingOccurrences(
        of: "arguments: quiet}\n  broken",
        with: "arguments: \(arguments), install: {arm: operator}}\n  broken")
    }
    let texts = try bench.mistakes(
      from: configuration("linux"), to: try bench.load(configuration("linuz"))
    ).map(\.text)
    #expect(texts.count == 1 && texts[0].contains("linuz: 404"), "\(texts)")
    let harmless = try bench.load(configuration("linux", "\"{{server.http}}{{machine.answers}}\""))
    #expect(try bench.mistakes(from: configuration("linux"), to: harmless).isEmpty)
  }

  @Test func aHarmlessOneIsTaken() throws {
    let bench = try Bench()
    for text in [
      Self.configuration(lease: "2h"), Self.configuration(),
      Self.configuration() + "\nmachines: [{name: other, mac: 52:54:00:00:99:99}]\n",
    ] {
      #expect(try bench.mistakes(to: try bench.load(text)).isEmpty)
    }
  }

  @Test func anAppliedObjectThatBreaksARecordedBootIsRefused() throws {
    let bench = try Bench()
    let spec = try #require(
      Document(parsingJSON: Array(#"{"mac":"52:54:00:77:00:01","profile":"broken"}"#.utf8)).root)
    let new = try bench.load(
      Self.configuration(), [StoredObject(kind: .machines, name: "m", spec: spec, generation: 1)])
    let text = try bench.mistakes(to: new).map(\.text).joined(separator: "\n")
    #expect(text.hasPrefix("52:54:00:77:00:01 x86-bios ipxe m would not boot any more: "))
    #expect(text.contains("profile \"broken\" (named by its machine) instead of"), "\(text)")
  }

  @Test func whatDidNotBootBeforeStopsNothing() throws {
    let bench = try Bench()
    let new = try bench.load(Self.configuration(kernel: "linuy"))
    #expect(try bench.mistakes(from: Self.configuration(kernel: "linuz"), to: new).isEmpty)
  }

  @Test func ofOtherSitesMachinesAnAuthorLearnsTheNumber() throws {
    let bench = try Bench()
    let machine = "\nmachines: [{name: hers, mac: 52:54:00:77:00:01, site: other}]\n"
    let old = Self.configuration() + machine
    let new = try bench.load(Self.configuration(kernel: "linuz") + machine)
    let all = try bench.mistakes(from: old, to: new).map(\.text)
    #expect(all.count == 1 && all[0].contains("hers"))
    #expect(try bench.mistakes(from: old, to: new, for: "other").map(\.text) == all)
    let texts = try bench.mistakes(from: old, to: new, for: "lab").map(\.description)
    #expect(texts == ["configuration: error: 1 machine of other sites would not boot any more"])
  }

  // The subnet's first addresses are somebody's, so they cannot be taken for the appliance's own.
  @Test func addressesThatTheConfigurationNamesAreNotTakenForOurs() throws {
    let bench = try Bench()
    func configuration(_ kernel: String) -> String {
      Self.configuration(kernel: kernel)
        .replacingOccurrences(of: "dns: false", with: "dns: true") + """

          dns: {zone: lab.test, forward: [10.77.0.1, 10.77.0.3]}
          machines: [{name: second, mac: 52:54:00:00:99:99, address: 10.77.0.2}]
          """
    }
    let new = try bench.load(configuration("linuz"))
    let texts = try bench.mistakes(from: configuration("linux"), to: new).map(\.text)
    #expect(texts.count == 1 && texts[0].contains("linuz: 404"), "\(texts)")
    let worlds = try Worlds(reading: bench.folder + "/bootwire.yaml")
    #expect(
      try worlds.world(for: []).catalog.subnets.map(\.ownAddress) == [IPv4Address(10, 77, 0, 4)])
  }

  @Test func withoutTheSettingNothingIsPlayed() throws {
    let bench = try Bench()
    let new = try bench.load(Self.configuration(kernel: "linuz", reload: ""))
    #expect(new.settings.reload == nil)
    #expect(try bench.mistakes(to: new).isEmpty)
  }

  @Test func recordingsOfWhichNoneCanBeReadAreNoEvidence() throws {
    let bench = try Bench([])
    try "no recording".write(
      toFile: bench.folder + "/recorded/text.pcap", atomically: true, encoding: .utf8)
    let new = try bench.load(Self.configuration(lease: "2h"))
    let texts = try bench.mistakes(to: new).map(\.text)
    #expect(texts.count == 1 && texts[0].hasPrefix("none of the recordings can be read"))
    try FleetFolder.fill(bench.folder + "/recorded", ["bios"])
    #expect(bench.warnings.isEmpty)
    #expect(try bench.mistakes(to: new).isEmpty, "another one can")
    #expect(bench.warnings.map(\.text).first?.hasPrefix("of 2 recordings 1 cannot be read") == true)
  }

  @Test func aFolderThatIsGoneStopsNothing() throws {
    let bench = try Bench([])
    let new = try bench.load(Self.configuration(kernel: "linuz"))
    #expect(try bench.mistakes(to: new).isEmpty)
    try FileManager.default.removeItem(atPath: bench.folder + "/recorded")
    #expect(try bench.mistakes(to: new).isEmpty)
    #expect(
      try bench.load(Self.configuration()).warnings.contains { $0.contains("holds no recordings") })
  }

  @Test func whatCannotBePlayedInTimeIsRefused() throws {
    let bench = try Bench(["bios", "uefi-http"])
    var new = try bench.load(Self.configuration())
    #expect(new.settings.reload?.within == .seconds(30))
    new.settings.reload?.within = .zero
    let texts = try bench.mistakes(to: new).map(\.text)
    #expect(texts.count == 1 && texts[0].hasPrefix("only 0 of 2 recordings were played in 0 s"))
  }

  @Test(arguments: [
    ("reload: {against: a, within: 0s}", "\"0s\" is not a time as 30s, from 1s to 90s"),
    ("reload: {within: 5s}", "reload has no \"against\""),
    ("reload: {against: []}", "an empty list"),
    ("reload: {againts: a}", "unknown key \"againts\" of reload"),
    ("reload: true", "expected reload as a mapping"),
  ]) func aMistakeInItIsTold(_ text: String, _ expected: String) throws {
    let bench = try Bench([])
    do {
      _ = try bench.load(Self.configuration(reload: text))
      Issue.record("it is taken")
    } catch let error as ConfigurationMistakes {
      #expect("\(error)".contains(expected), "\(error)")
    }
  }
}

/// A folder with recordings of Fixtures/replays.
enum FleetFolder {
  static let replays = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/replays").path

  static func fill(_ folder: String, _ names: [String]) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in names {
      for ending in [".pcap", ".pcap.elided"] {
        try files.copyItem(
          atPath: replays + "/" + name + ending, toPath: folder + "/" + name + ending)
      }
    }
  }
}
