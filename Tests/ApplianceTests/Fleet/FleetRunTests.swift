import Boot
import Foundation
import Network
import Replay
import Synchronization
import Testing

@testable import Appliance

@Suite("A run over a folder of recordings") struct FleetRunTests {
  private static func folder() throws -> String {
    let path = NSTemporaryDirectory() + "fleet-" + String(UUID().uuidString.prefix(8))
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  private func write(_ bytes: Data, _ path: String) throws {
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  private static let world = World(catalog: Catalog(generation: 1)) { _, _ in nil }

  private func run(_ folder: String) throws -> FleetRun.Outcome {
    let paths = try RecordingFolder.recordings(in: [folder])
    return FleetRun(from: { _ in Self.world }, to: { _ in Self.world }).run(paths)
  }

  @Test func whatIsNoRecordingIsToldAndStopsNothing() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FleetFolder.fill(folder, ["bios"])
    let files = FileManager.default
    let bytes = try #require(files.contents(atPath: folder + "/bios.pcap"))
    try write(bytes.prefix(3000), folder + "/cut.pcap")
    try write(Data(), folder + "/empty.pcap")
    try write(Data("no recording".utf8), folder + "/text.pcap")
    try write(bytes, folder + "/list.pcap")
    try write(Data("nor a list\n".utf8), folder + "/list.pcap.elided")
    try files.createDirectory(atPath: folder + "/folder.pcap", withIntermediateDirectories: true)
    #expect(mkfifo(folder + "/fifo.pcap", 0o600) == 0)
    try files.createSymbolicLink(atPath: folder + "/zero.pcap", withDestinationPath: "/dev/zero")
    try files.createSymbolicLink(atPath: folder + "/gone.pcap", withDestinationPath: "nowhere")
    try write(Data("not ours".utf8), folder + "/notes.txt")
    let outcome = try run(folder)
    let report = outcome.report
    #expect(outcome.done == 9 && report.recordingCount == 2, "what was cut holds what it holds")
    #expect(
      report.unreadable.map(\.recording).sorted() == [
        "cut.pcap", "empty.pcap", "fifo.pcap", "folder.pcap", "gone.pcap", "list.pcap",
        "text.pcap", "zero.pcap",
      ])
    #expect(FleetText(report).text.contains("\ncannot be read: 8 recordings\n"))
  }

  @Test func anEmptyFolderHasNoRecordings() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let outcome = try run(folder)
    let report = outcome.report
    #expect(outcome.done == 0 && report.machineCount == 0 && report.groups.isEmpty)
    #expect(throws: (any Error).self) { try RecordingFolder.recordings(in: [folder + "/none"]) }
  }

  @Test func aConfigurationWithMistakesIsNoUnreadableRecording() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FleetFolder.fill(folder, ["bios"])
    let refusal = ConfigurationMistakes(
      mistakes: [Mistake(file: "new.yaml", "it is wrong")], warnings: [])
    let run = FleetRun(from: nil) { _ throws(ConfigurationMistakes) in throw refusal }
    let outcome = run.run([folder + "/bios.pcap"])
    #expect(outcome.mistakes == refusal && outcome.report.unreadable.isEmpty)
  }

  @Test func aRecordingThatIsTooLongIsNotPlayed() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FleetFolder.fill(folder, ["bios"])
    let run = FleetRun(from: nil, to: { _ in Self.world }, recordingMax: 1000)
    let outcome = run.run([folder + "/bios.pcap"])
    #expect(outcome.done == 1 && outcome.report.unreadable.map(\.reason) == ["longer than 0 MiB"])
  }

  @Test func aSecretThatChangesIsNamedAndItsValueIsNot() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func worlds(_ values: String) throws -> Worlds {
      let path = folder + "/bootwire.yaml"
      try write(
        Data(
          """
          state: state
          files: files
          loaders: loaders
          control: control.sock
          interfaces: [{name: s0, dns: false}]
          secrets: {\(values)}
          """.utf8), path)
      return try Worlds(reading: path, hidesSecrets: true)
    }
    let old = try worlds("a: {value: one}, b: {value: two}")
    let new = try worlds("a: {value: one}, b: {value: three}, c: {value: four}")
    #expect(new.changedSecrets(from: old) == ["b"])
  }

  @Test func theHostsFileIsAsItWasRead() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try write(Data("10.77.0.9 www\n".utf8), folder + "/hosts")
    try write(
      Data(
        """
        state: state
        files: files
        loaders: loaders
        control: control.sock
        interfaces: [{name: s0}]
        dns: {zone: lab.test, hosts: hosts}
        """.utf8), folder + "/bootwire.yaml")
    let worlds = try Worlds(reading: folder + "/bootwire.yaml")
    try FileManager.default.removeItem(atPath: folder + "/hosts")
    _ = try worlds.world(for: [])
  }

  @Test func itSaysHowFarItHasComeAndIsTheSameInAnyOrder() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FleetFolder.fill(folder, ["bios", "uefi-http", "arm64-http"])
    let paths = try RecordingFolder.recordings(in: [folder])
    let steps = Mutex<[Int]>([])
    let fleet = FleetRun(from: nil) { _ in Self.world }
    let report = fleet.run(paths) { progress in
      #expect(progress.total == 3)
      steps.withLock { $0.append(progress.done) }
    }.report
    #expect(steps.withLock { $0 } == [1, 2, 3])
    let other = fleet.run(paths.reversed(), isParallel: false).report
    #expect(FleetText(report).text == FleetText(other).text)
    let late = fleet.run(paths, until: .now - .seconds(1))
    #expect(late.done == 0 && late.report.recordingCount == 0)
  }
}

@Suite("The running configuration", .serialized) struct RunningConfigurationTests {
  private static let configuration = """
    site: lab # the word canary-comment is in no answer
    state: state
    files: files
    loaders: loaders
    control: control.sock
    interfaces: [{name: lo, dhcp: off, tftp: false, http: false, dns: false}]
    secrets:
      inline: {value: canary-inline}
      filed: {file: filed.secret, as: other}
    profiles:
      menu: {script: menu.ipxe.mustache}
      local: {boot: local}
    """

  private func told(_ bench: ObjectBench, after steps: [ObjectBench.Step]) -> RunningConfiguration?
  {
    var found: RunningConfiguration?
    var isTold = false
    _ = bench.play(
      steps + [
        .run { appliance in
          appliance.runningConfiguration {
            $0
          } then: {
            found = $0
            isTold = true
          }
        }, .until { _ in isTold },
      ])
    return found
  }

  @Test func itIsWhatWasReadWithoutSecretsWhateverTheFilesSayNow() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    bench.write("#!ipxe\necho first\n", to: "menu.ipxe.mustache")
    bench.write("canary-filed", to: "filed.secret")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: bench.folder + "/filed.secret")
    let running = told(
      bench,
      after: [
        .run { _ in bench.write(Self.configuration) }, .reload,
        .edit(.put(.secrets, "applied", #"{"value":"canary-applied"}"#)),
        .edit(.put(.machines, "m2", #"{"mac":"52:54:00:00:00:02","profile":"menu"}"#)),
        .run { _ in bench.write("#!ipxe\necho second\n", to: "menu.ipxe.mustache") },
        .run { _ in bench.write("site: other\n") },
      ])
    let found = try #require(running)
    #expect(!"\(found)".contains("canary"), "\(found)")
    #expect(found.templates == [bench.folder + "/menu.ipxe.mustache": "#!ipxe\necho first\n"])
    #expect(found.files.map(\.name) == [bench.folder + "/bootwire.yaml"])
    let again = try JSONDecoder().decode(
      RunningConfiguration.self, from: JSONEncoder().encode(found))
    let worlds = try Worlds(again.sources, stored: again.objects, hidesSecrets: true)
    let catalog = try worlds.world(for: []).catalog
    #expect(catalog.site == "lab" && catalog.machine(named: "m2")?.profile == "menu")
    #expect(catalog.profiles.map(\.name) == ["menu", "local"])
    #expect(catalog.secrets.map(\.name).sorted() == ["applied", "filed", "inline"])
    #expect(catalog.secrets.allSatisfy { $0.value.revealed == Secret.Text.mask })
  }

  @Test func withoutFilesThereIsNone() throws {
    let bench = try APIBench()
    var answers: [RunningConfiguration?] = []
    bench.appliance.runningConfiguration {
      $0
    } then: {
      answers.append($0)
    }
    #expect(answers == [nil])
  }
}
