import Capture
import Foundation
import Replay
import Testing

/// The recordings of Fixtures/replays, each in the world that it shows.
struct FixtureReplayTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/replays").path

  private static var names: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".pcap") }.sorted()
  }

  private func report(_ name: String) throws -> PlaybackReport {
    let (file, recording) = try ElidedSavefile.read(Self.folder + "/" + name)
    #expect(file.failure == nil)
    var playback = Playback(recording, in: .recorded)
    return playback.run()
  }

  @Test func thereAreRecordingsOfEveryFirmware() {
    #expect(Self.names.count >= 20)
  }

  @Test(arguments: names) func aRecordedBootBootsAgain(_ name: String) throws {
    #expect(try report(name).machines.map(\.verdict) == [.boots])
  }

  /// The transcripts were written by another process, with other seeds of its hashes.
  @Test(arguments: names) func itsTranscriptIsTheGoldenOne(_ name: String) throws {
    let golden = try String(contentsOfFile: Self.folder + "/golden/\(name).txt", encoding: .utf8)
    #expect(ReplayText(name, try report(name)).transcript == golden)
  }

  /// What is elided is the end of a frame in nearly all of them, and cut off there.
  @Test func noRecordingIsLarge() throws {
    for name in Self.names {
      let octets = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/" + name))
      #expect(octets.count < 500_000, "\(name)")
    }
  }

  @Test(arguments: names) func itsListIsOfItsFiles(_ name: String) throws {
    let text = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/\(name).elided"))
    let list = try ElidedList(reading: [UInt8](text))
    let elision = Elision(try Savefile(reading: Self.folder + "/" + name).frames)
    #expect(elision.files.map(\.name) == list.rows.map(\.name))
    #expect(elision.files.map(\.isKept) == list.rows.map(\.isKept))
    #expect(elision.files.map(\.octets.count) == list.rows.map(\.recordedCount))
    for file in elision.files where !file.isKept { #expect(file.isBlank) }
  }
}
