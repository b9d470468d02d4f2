import Capture
import EventLoop
import Foundation
import Testing
import Wire

@Suite("Case 52: recordings of whoever made them") struct SavefileTests {
  private static let payload: [UInt8] = Array(0..<60)
  private static let frames = [
    frame(1, time: 1_700_000_000_123_456_789, payload),
    frame(2, time: 1_700_000_001_000_000_001, original: 1514, [1, 2, 3]),
    frame(3, time: 0, []),
  ]

  private static func frame(
    _ number: Int, time: Int64, original: Int = 0, _ octets: [UInt8]
  ) -> Frame {
    Frame(
      number: number, time: time, link: .ethernet, originalCount: max(original, octets.count),
      octets: octets)
  }

  @Test(
    arguments: [
      .ethernet, .linuxCooked, .linuxCooked2, .rawIP, .loopback, .other(105),
    ] as [LinkType])
  func whatIsWrittenIsReadAgain(link: LinkType) throws {
    let frames = Self.frames.map {
      Frame(
        number: $0.number, time: $0.time, link: link, originalCount: $0.originalCount,
        octets: $0.octets)
    }
    let read = try Savefile(SavefileWriter.octets(frames, link), name: "memory")
    #expect(read.failure == nil)
    #expect(read.frames == frames)
  }

  @Test func aFileIsWrittenOnceAndNeverLargerThanItsLimit() throws {
    let folder = try Folder()
    let path = folder.path + "/a.pcap"
    let limit = 24 + 16 + 60 + 16 + 3
    let writer = try SavefileWriter(path, .ethernet, limit: limit)
    #expect(try writer.write(Self.frames[0]))
    #expect(try writer.write(Self.frames[1]))
    #expect(try !writer.write(Self.frames[2]))
    try writer.flush()
    #expect(writer.size == limit && writer.frames == 2)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == limit)
    #expect(try Savefile(reading: path).frames == Array(Self.frames[..<2]))
    let error = #expect(throws: SystemError.self) {
      try SavefileWriter(path, .ethernet, limit: limit)
    }
    #expect(error?.errno == EEXIST)
  }

  @Test(arguments: [false, true], [UInt32(0xa1b2_c3d4), 0xa1b2_3c4d])
  func bothByteOrdersAndBothFractionsAreRead(isBig: Bool, magic: UInt32) throws {
    var bytes = SavefileBytes(isBig: isBig, magic: magic)
    bytes.frame(seconds: 7, fraction: 123_456, original: 100, Self.payload)
    let frame = try #require(try Savefile(bytes.octets, name: "x").frames.first)
    let scale: Int64 = magic == 0xa1b2_3c4d ? 1 : 1000
    #expect(frame.time == 7_000_000_000 + 123_456 * scale)
    #expect(frame.octets == Self.payload && frame.originalCount == 100 && frame.isCut)
  }

  @Test func timesLastUntil2106AndNeverTrap() throws {
    var bytes = SavefileBytes(isBig: false, magic: 0xa1b2_3c4d)
    bytes.frame(seconds: .max, fraction: 5, [])
    bytes.frame(seconds: 1 << 31, fraction: .max, [])
    let frames = try Savefile(bytes.octets, name: "x").frames
    #expect(frames.map(\.time).first == 4_294_967_295_000_000_005 as Int64)
    #expect(frames.count == 2)
  }

  @Test(arguments: [false, true]) func pcapngIsRead(isBig: Bool) throws {
    var bytes = SavefileBytes(sectionIsBig: isBig)
    bytes.interface(linkType: 1, resolution: 9)
    bytes.interface(linkType: 1, resolution: 6)
    bytes.packet(interface: 0, time: 1_700_000_000_000_000_007, Self.payload)
    bytes.packet(interface: 1, time: 1_700_000_000_000_008, [1, 2, 3])
    bytes.packet(interface: 0, time: .max, [])
    let file = try Savefile(bytes.octets, name: "x")
    #expect(file.failure == nil)
    #expect(file.frames.map(\.octets) == [Self.payload, [1, 2, 3], []])
    #expect(file.frames.first?.time == 1_700_000_000_000_000_007)
    #expect(file.frames.dropFirst().first?.time == 1_700_000_000_000_008_000)
  }

  @Test func aSecondLinkTypeEndsInAFailureThatNamesThePacket() throws {
    var bytes = SavefileBytes(sectionIsBig: false)
    bytes.interface(linkType: 1, resolution: 9)
    bytes.packet(interface: 0, time: 0, Self.payload)
    bytes.interface(linkType: 113, resolution: 9)
    bytes.packet(interface: 1, time: 0, Self.payload)
    let file = try Savefile(bytes.octets, name: "two.pcapng")
    #expect(file.frames.count == 1)
    let failure = try #require(file.failure)
    #expect(failure.description.hasPrefix("two.pcapng: packet 2: "), "\(failure)")
    #expect(failure.reason.contains("type"), "\(failure)")
  }

  @Test func whatIsNoRecordingIsRefusedInWords() throws {
    let cases: [(octets: [UInt8], reason: String)] = [
      ([], "it is empty"), (Array("#!ipxe\nboot\n and so on".utf8), "unknown file format"),
    ]
    for (octets, reason) in cases {
      let error = #expect(throws: CaptureFailure.self) { try Savefile(octets, name: "a file") }
      #expect(error?.description == "a file: \(reason)")
    }
    let error = #expect(throws: CaptureFailure.self) { try Savefile(reading: "/nowhere/a.pcap") }
    #expect(error?.description == "/nowhere/a.pcap: No such file or directory")
  }

  @Test func lengthsThatLieEndInAFailureThatNamesThePacket() throws {
    for captured: UInt32 in [61, 262_145, 0x7fff_ffff, 0x8000_0000, .max] {
      var bytes = SavefileBytes(isBig: false)
      bytes.frame(Self.payload)
      bytes.frame(captured: captured, Self.payload)
      let file = try Savefile(bytes.octets, name: "x")
      #expect(file.frames.count == 1)
      #expect(file.failure?.frame == 2, "\(captured): \(String(describing: file.failure))")
    }
  }

  /// The length that a file's head promises is a promise only.
  @Test func aSnapLengthMayBeAnything() throws {
    for longest: UInt32 in [0, 1, 59, 60, 262_145, 0x7fff_ffff, 0x8000_0000, .max] {
      var bytes = SavefileBytes(isBig: false, longest: longest)
      bytes.frame(Self.payload)
      bytes.frame(captured: .max, original: .max, Self.payload)
      // Either it is refused in words, or what is there is read and the rest named.
      guard let file = try? Savefile(bytes.octets, name: "x") else { continue }
      #expect(file.frames.allSatisfy { Self.payload.starts(with: $0.octets) }, "\(longest)")
      #expect(file.frames.count < 2 && file.failure != nil, "\(longest)")
    }
  }

  @Test(arguments: [false, true], [0, 1, 11, 12, 13, 0x7fff_fffc, .max] as [UInt32])
  func aBlockOfAnyLengthIsReadOrNamed(isBig: Bool, length: UInt32) throws {
    for type: UInt32 in [1, 2, 3, 5, 6, 0x0a0d_0d0a, 0xffff_ffff] {
      var bytes = SavefileBytes(sectionIsBig: isBig)
      bytes.interface(linkType: 1, resolution: 9)
      bytes.packet(interface: 0, time: 7, Self.payload)
      bytes.append(type)
      bytes.append(length)
      bytes.octets += [UInt8](repeating: 0, count: 40)
      let file = try Savefile(bytes.octets, name: "x")
      #expect(file.frames.map(\.octets) == [Self.payload], "\(type)")
      #expect(file.failure?.frame == 2, "\(type) of \(length): \(String(describing: file.failure))")
    }
  }

  @Test func aPacketOfAnInterfaceThatIsNotThereIsNamed() throws {
    var bytes = SavefileBytes(sectionIsBig: false)
    bytes.interface(linkType: 1, resolution: 9)
    bytes.packet(interface: 7, time: 0, Self.payload)
    let file = try Savefile(bytes.octets, name: "x")
    #expect(file.frames.isEmpty && file.failure?.frame == 1)
  }

  @Test func limitsHold() throws {
    let octets = SavefileWriter.octets(Self.frames)
    for (change, count) in [
      ({ $0.frames = 1 }, 1), ({ $0.octets = 62 }, 1), ({ $0.frameOctets = 59 }, 0),
    ] as [((inout CaptureLimits) -> Void, Int)] {
      var limits = CaptureLimits()
      change(&limits)
      let file = try Savefile(octets, name: "x", limits: limits)
      #expect(file.frames.count == count && file.failure?.frame == count + 1)
    }
  }

  /// A classic and a pcapng file with two frames.
  private static let small: [[UInt8]] = {
    var bytes = SavefileBytes(sectionIsBig: false)
    bytes.interface(linkType: 1, resolution: 9)
    bytes.packet(interface: 0, time: 1 << 60, payload)
    bytes.packet(interface: 0, time: 1 << 61, [1, 2, 3])
    return [SavefileWriter.octets(frames), bytes.octets]
  }()

  @Test(arguments: small) func everyPrefixGivesItsWholeFrames(octets: [UInt8]) throws {
    let whole = try Savefile(octets, name: "x").frames
    var failures = 0
    for count in 0..<octets.count {
      do throws(CaptureFailure) {
        let file = try Savefile(Array(octets[..<count]), name: "x")
        #expect(whole.starts(with: file.frames) && file.frames.count < whole.count)
        if file.failure != nil { failures += 1 }
      } catch {
        #expect(error.frame == nil)
        failures += 1
      }
    }
    // Only where one frame ends and the next begins is a part a whole file.
    #expect(failures > octets.count - 6)
  }

  @Test(arguments: small) func everyOctetReplacedGivesFramesOrAFailure(octets: [UInt8]) throws {
    var sound = 0
    for index in octets.indices {
      for value in [0, 1, 127, 128, 255] as [UInt8] {
        var mutant = octets
        mutant[index] = value
        guard let file = try? Savefile(mutant, name: "x") else { continue }
        #expect(file.frames.allSatisfy { $0.originalCount >= $0.octets.count })
        sound += 1
      }
    }
    #expect(sound > 0)
  }
}
