import Capture
import Foundation
import Network
import Testing
import Wire

@testable import Appliance

@Suite("The folder of recordings") struct FlightFolderTests {
  private static let machine = MACAddress(0x52, 0x54, 0, 0x77, 0, 1)

  private func frames(_ count: Int) -> [Frame] {
    [
      Frame(
        number: 1, time: 0, link: .ethernet, originalCount: count,
        octets: [UInt8](repeating: 7, count: count))
    ]
  }

  private func permissions(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
  }

  @Test func aRecordingIsItsOwnersAlone() throws {
    let folder = try TemporaryFolder([:])
    let recordings = FlightFolder(path: folder.path + "/a/recordings", limit: 1 << 20)
    let path = try recordings.write(
      frames(100), files: "# none\n", of: Self.machine, at: UnixTime(seconds: 1_700_000_000))
    #expect(path.hasSuffix("/52-54-00-77-00-01_20231114T221320000Z.pcap"))
    #expect(try permissions(path) == 0o600)
    #expect(try permissions(path + ".elided") == 0o600)
    #expect(try permissions(recordings.path) == 0o700)
    #expect(try ElidedSavefile.read(path).file.frames.count == 1)
  }

  @Test func theOldestMakeRoom() throws {
    let folder = try TemporaryFolder([:])
    let recordings = FlightFolder(path: folder.path + "/r", limit: 4000)
    var paths: [String] = []
    for second in 0..<6 as Range<Int64> {
      paths.append(
        try recordings.write(
          frames(900), files: "# none\n", of: MACAddress(number: 0x0200_0000_0000 + UInt64(second)),
          at: UnixTime(seconds: 1_700_000_000 + second)))
    }
    let left = paths.filter { FileManager.default.fileExists(atPath: $0) }
    #expect(left == Array(paths.suffix(4)))
    #expect(!FileManager.default.fileExists(atPath: paths[0] + ".elided"))
  }

  @Test func whatACrashLeftGoesWithTheNext() throws {
    let folder = try TemporaryFolder([:])
    let recordings = FlightFolder(path: folder.path + "/r", limit: 1 << 20)
    let time = UnixTime(seconds: 1_700_000_000)
    _ = try recordings.write(frames(10), files: "", of: Self.machine, at: time)
    let left = recordings.path + "/52-54-00-77-00-01_20231114T221319000Z.pcap.part"
    try Data([1]).write(to: URL(fileURLWithPath: left))
    _ = try recordings.write(
      frames(10), files: "", of: Self.machine, at: UnixTime(seconds: 1_700_000_001))
    #expect(!FileManager.default.fileExists(atPath: left))
  }

  @Test func filesOfOthersAreLeftAlone() throws {
    let folder = try TemporaryFolder(["golden.pcap": "1", "a.iso.part": "2", "b.elided": "3"])
    let recordings = FlightFolder(path: folder.path, limit: 100)
    for second in 0..<3 as Range<Int64> {
      _ = try? recordings.write(
        frames(10), files: "", of: Self.machine, at: UnixTime(seconds: 1_700_000_000 + second))
    }
    let left = Set(try FileManager.default.contentsOfDirectory(atPath: recordings.path))
    #expect(left.isSuperset(of: ["golden.pcap", "a.iso.part", "b.elided"]))
  }

  @Test func whatCannotBeWrittenLeavesNothingUnderItsName() throws {
    let folder = try TemporaryFolder(["r": "a file"])
    let recordings = FlightFolder(path: folder.path + "/r", limit: 1 << 20)
    #expect(throws: (any Error).self) {
      try recordings.write(
        frames(10), files: "", of: Self.machine, at: UnixTime(seconds: 1_700_000_000))
    }
    let blocked = FlightFolder(path: folder.path + "/s", limit: 1 << 20)
    let name = "\(blocked.path)/52-54-00-77-00-01_20231114T221320000Z.pcap"
    // Something else has its name.
    try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
    #expect(throws: (any Error).self) {
      try blocked.write(
        frames(10), files: "", of: Self.machine, at: UnixTime(seconds: 1_700_000_000))
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: blocked.path)
    #expect(left == ["52-54-00-77-00-01_20231114T221320000Z.pcap"])
  }
}
