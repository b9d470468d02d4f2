import Foundation

/// The frames of a classic pcap file of Ethernet frames, little-endian as our lab writes it.
struct CaptureFile {
  let name: String
  let frames: [[UInt8]]

  /// Beside the package; they are no part of it.
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/captures")

  /// Whether the captures of real firmware are at hand.
  static var arePresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

  static func all() throws -> [CaptureFile] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return try names.filter { $0.hasSuffix(".pcap") }.sorted().compactMap {
      CaptureFile($0, [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))))
    }
  }

  private init?(_ name: String, _ bytes: [UInt8]) {
    guard bytes.count >= 24, Array(bytes[0..<4]) == [0xd4, 0xc3, 0xb2, 0xa1], bytes[20] == 1
    else { return nil }
    var frames: [[UInt8]] = []
    var offset = 24
    while offset + 16 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 8 + $1]) << (8 * $1) }
      guard offset + 16 + length <= bytes.count else { break }
      frames.append(Array(bytes[offset + 16..<offset + 16 + length]))
      offset += 16 + length
    }
    self.name = name
    self.frames = frames
  }
}
