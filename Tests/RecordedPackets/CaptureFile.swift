import Foundation
import Network
import Wire

/// The frames of a classic pcap file of Ethernet frames, in either byte order, with microseconds or
/// nanoseconds.
package struct CaptureFile: Sendable {
  package let name: String
  package let frames: [[UInt8]]
  /// The same with their times.
  package let recorded: [Frame]

  /// Beside the package; they are no part of it.
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/captures")

  /// Whether the captures of real firmware are at hand.
  package static var arePresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

  /// Recordings of the firmware that boots in our lab.
  package static func all() throws -> [CaptureFile] { try files(in: folder) }

  /// The package's own recordings.
  package static var fixtures: [CaptureFile] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/replays")
    return (try? files(in: folder)) ?? []
  }

  /// Captures that other people published.
  package static func published() throws -> [CaptureFile] {
    let published = folder.appendingPathComponent("public")
    return try FileManager.default.contentsOfDirectory(atPath: published.path).sorted()
      .map { published.appendingPathComponent($0) }
      .filter { $0.hasDirectoryPath || FileManager.default.fileExists(atPath: $0.path + "/.") }
      .flatMap { try files(in: $0) }
  }

  private static func files(in folder: URL) throws -> [CaptureFile] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return try names.filter { $0.hasSuffix(".pcap") }.sorted().compactMap {
      CaptureFile($0, [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))))
    }
  }

  private init?(_ name: String, _ bytes: [UInt8]) {
    guard bytes.count >= 24 else { return nil }
    let isBig: Bool
    let nanoseconds = bytes[0] == 0x4d || bytes[3] == 0x4d ? 1 : 1000
    switch Array(bytes[0..<4]) {
    case [0xd4, 0xc3, 0xb2, 0xa1], [0x4d, 0x3c, 0xb2, 0xa1]: isBig = false
    case [0xa1, 0xb2, 0xc3, 0xd4], [0xa1, 0xb2, 0x3c, 0x4d]: isBig = true
    default: return nil
    }
    func number(at offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[offset + (isBig ? 3 - $1 : $1)]) << (8 * $1) }
    }
    let ethernet = 1
    guard number(at: 20) == ethernet else { return nil }
    var frames: [[UInt8]] = []
    var recorded: [Frame] = []
    var offset = 24
    while offset + 16 <= bytes.count {
      let length = number(at: offset + 8)
      guard offset + 16 + length <= bytes.count else { break }
      frames.append(Array(bytes[offset + 16..<offset + 16 + length]))
      let time = number(at: offset) * 1_000_000_000 + number(at: offset + 4) * nanoseconds
      recorded.append(
        Frame(
          number: frames.count, time: Int64(time), link: .ethernet,
          originalCount: number(at: offset + 12), octets: frames[frames.count - 1]))
      offset += 16 + length
    }
    self.name = name
    self.frames = frames
    self.recorded = recorded
  }

  /// One capture, by its path in the folder of captures; nil when it cannot be read.
  package static func named(_ path: String) -> CaptureFile? {
    (try? Data(contentsOf: folder.appendingPathComponent(path)))
      .flatMap { CaptureFile(path, [UInt8]($0)) }
  }

  /// The UDP payloads to or from any of the ports.
  package func payloads(ports: Set<Int>) -> [[UInt8]] { datagrams(ports: ports).map(\.payload) }

  package struct Datagram: Sendable {
    package let source: Endpoint
    package let destination: Endpoint
    package let payload: [UInt8]
  }

  /// The UDP datagrams to or from any of the ports.
  package func datagrams(ports: Set<Int>) -> [Datagram] {
    frames.compactMap { frame in
      func number(_ offset: Int) -> Int { Int(frame[offset]) << 8 | Int(frame[offset + 1]) }
      var type = 12
      while type + 6 <= frame.count, [0x8100, 0x88a8].contains(number(type)) { type += 4 }
      let packet = type + 2
      guard packet + 20 <= frame.count, number(type) == 0x0800, frame[packet + 9] == 17 else {
        return nil
      }
      let datagram = packet + Int(frame[packet] & 15) * 4
      guard datagram + 8 <= frame.count,
        ports.contains(number(datagram)) || ports.contains(number(datagram + 2))
      else { return nil }
      let end = min(frame.count, datagram + max(8, number(datagram + 4)))
      func endpoint(_ address: Int, _ port: Int) -> Endpoint {
        Endpoint(
          IPv4Address(frame[address], frame[address + 1], frame[address + 2], frame[address + 3]),
          UInt16(number(port)))
      }
      return Datagram(
        source: endpoint(packet + 12, datagram), destination: endpoint(packet + 16, datagram + 2),
        payload: Array(frame[datagram + 8..<end]))
    }
  }
}
