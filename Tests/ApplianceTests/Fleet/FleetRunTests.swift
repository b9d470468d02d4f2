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

  private func run(_ folder: String) throws -> (report: FleetReport, done: Int) {
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
    let (report, done) = try run(folder)
    #expect(done == 9 && report.recordingCount == 2, "what was cut holds what it holds")
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
    let (report, done) = try run(folder)
    #expect(done == 0 && report.machineCount == 0 && report.groups.isEmpty)
    #expect(throws: (any Error).self) { try RecordingFolder.recordings(in: [folder + "/none"]) }
  }

  @Test func aConfigurationWithMistakesIsToldForEachRecording() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FleetFolder.fill(folder, ["bios"])
    let refusal = ConfigurationMistakes(
      mistakes: [Mistake(file: "new.yaml", "it is wrong")], warnings: [])
    let run = FleetRun(from: nil) { _ throws(ConfigurationMistakes) in throw refusal }
    let (report, _) = run.run([folder + "/bios.pcap"])
    #expect(report.unreadable.map(\.reason) == ["new.yaml: error: it is wrong"])
  }

  @Test func itSaysHowFarItHasComeAndIsTheSameInAnyOrder() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FleetFolder.fill(folder, ["bios", "uefi-http", "arm64-http"])
    let paths = try RecordingFolder.recordings(in: [folder])
    let steps = Mutex<[Int]>([])
    let fleet = FleetRun(from: nil) { _ in Self.world }
    let (report, _) = fleet.run(paths) { progress in
      #expect(progress.total == 3)
      steps.withLock { $0.append(progress.done) }
    }
    #expect(steps.withLock { $0 } == [1, 2, 3])
    let (other, _) = fleet.run(paths.reversed(), isParallel: false)
    #expect(FleetText(report).text == FleetText(other).text)
    let (late, done) = fleet.run(paths, until: .now - .seconds(1))
    #expect(done == 0 && late.recordingCount == 0)
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
    bench.appliance.runningConfiguration { answers.append($0) }
    #expect(answers == [nil])
  }
}
