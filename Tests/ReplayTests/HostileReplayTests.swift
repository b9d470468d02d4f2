import Bytes
import Capture
import Network
import Replay
import Testing
import Wire

/// Recordings that no boot ever was, made of some that were: a replay ends, says what it finds, and
/// says the same each time.
@Suite("Case 52: hostile replays") struct HostileReplayTests {
  private static let names = ["bios", "uefi", "uefi-http", "bios-pxelinux", "proxy-uefi", "uboot"]

  private static func frames(_ name: String) throws -> [Frame] {
    try Savefile(reading: FixtureReplayTests.folder + "/\(name).pcap").frames
  }

  /// The frames in a new order, a millisecond apart.
  private static func numbered(_ frames: [Frame]) -> [Frame] {
    let start = frames.first?.time ?? 0
    return frames.enumerated().map { index, frame in
      Frame(
        number: index + 1, time: start + Int64(index) * 1_000_000, link: frame.link,
        originalCount: frame.originalCount, octets: frame.octets)
    }
  }

  private static func report(_ frames: [Frame]) -> PlaybackReport {
    var playback = Playback(Recording(frames), in: .recorded)
    return playback.run()
  }

  /// All of them as another machine's: its hardware address, and its addresses, in every octet that
  /// looks like them.
  private static func disguised(_ frames: [Frame], as last: UInt8) throws -> [Frame] {
    let machine = try #require(Recording(frames).machines().machines.first)
    let old = MACAddress.octets(machine.macAddress)
    var new = old
    new[5] = last
    return frames.map { frame in
      var octets = frame.octets
      replace(old, new, &octets)
      for address in machine.addresses where address.isUnicast {
        let octet = UInt8(truncatingIfNeeded: address.number)
        let head = (1...3).map { UInt8(truncatingIfNeeded: address.number >> (32 - 8 * $0)) }
        replace(head + [octet], head + [octet ^ 0x80], &octets)
      }
      return Frame(
        number: frame.number, time: frame.time, link: frame.link,
        originalCount: frame.originalCount, octets: octets)
    }
  }

  private static func replace(_ old: [UInt8], _ new: [UInt8], _ octets: inout [UInt8]) {
    guard octets.count >= old.count else { return }
    for start in 0...octets.count - old.count
    where octets[start..<start + old.count].elementsEqual(old) {
      octets.replaceSubrange(start..<start + old.count, with: new)
    }
  }

  @Test(arguments: names) func framesThatComeTwiceMakeNoSecondBoot(_ name: String) throws {
    let frames = try Self.frames(name)
    let report = Self.report(Self.numbered(frames.flatMap { [$0, $0] }))
    #expect(report.machines.map(\.verdict) == [.boots])
  }

  @Test(arguments: names) func twoMachinesAtOnceAreToldApart(_ name: String) throws {
    let frames = try Self.frames(name)
    let other = try Self.disguised(frames, as: 0xee)
    let report = Self.report(Self.numbered(zip(frames, other).flatMap { [$0, $1] }))
    #expect(report.machines.count == 2)
    #expect(Set(report.machines.map(\.macAddress)).count == 2)
    #expect(report.machines.map(\.verdict) == [.boots, .boots])
  }

  /// Whoever sends a server's frames from a machine's place, and a machine's from the server's.
  @Test(arguments: names) func swappedRolesAreNoBootAndEnd(_ name: String) throws {
    let frames = try Self.frames(name).map { frame in
      var octets = frame.octets
      guard octets.count > 42 else { return frame }
      octets.replaceSubrange(0..<12, with: octets[6..<12] + octets[0..<6])
      octets.replaceSubrange(26..<34, with: octets[30..<34] + octets[26..<30])
      octets.replaceSubrange(34..<38, with: octets[36..<38] + octets[34..<36])
      return Frame(
        number: frame.number, time: frame.time, link: frame.link,
        originalCount: frame.originalCount, octets: octets)
    }
    let report = Self.report(frames)
    #expect(!report.machines.contains { $0.verdict == .boots })
    let text = ReplayText("a", report).transcript
    #expect(text == ReplayText("a", Self.report(frames)).transcript)
  }

  @Test(arguments: names) func backToFrontIsNoBootAndEnds(_ name: String) throws {
    let report = Self.report(Self.numbered(try Self.frames(name).reversed()))
    #expect(!report.machines.contains { $0.verdict == .boots })
  }

  /// One frame in ten has one octet changed, by a fixed seed.
  @Test(arguments: names) func octetsThatChangedOnTheWayStopNothing(_ name: String) throws {
    var state: UInt64 = 77
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    let frames = try Self.frames(name)
    for _ in 0..<5 {
      let mutants = frames.map { frame in
        var octets = frame.octets
        if next() % 10 == 0, !octets.isEmpty {
          octets[next() % octets.count] = UInt8(truncatingIfNeeded: next())
        }
        return Frame(
          number: frame.number, time: frame.time, link: frame.link,
          originalCount: frame.originalCount, octets: octets)
      }
      #expect(Self.report(mutants).machines.count <= frames.count)
    }
  }
}

extension MACAddress {
  fileprivate static func octets(_ address: MACAddress) -> [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: address.number >> (40 - 8 * UInt64($0))) }
  }
}
