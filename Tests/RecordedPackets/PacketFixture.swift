import Bytes
import Foundation

/// One DHCP message out of `Fixtures/packets`: hexadecimal digits after lines of comment.
package struct PacketFixture: Sendable, CustomStringConvertible {
  package let name: String
  /// The firmware that sent it.
  package let firmware: String
  /// The UDP payload.
  package let octets: [UInt8]

  package var description: String { name }

  /// - Throws: When there is no such file.
  package init(_ name: String) throws {
    let text = try String(contentsOf: Self.file(name), encoding: .utf8)
    let lines = text.split(separator: "\n")
    firmware = String(lines.first?.dropFirst(2) ?? "")
    self.octets =
      Hexadecimal.octets(lines.filter { !$0.hasPrefix("#") }.joined()) ?? []
    self.name = name
  }

  /// All of them, by name.
  package static var all: [PacketFixture] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".hex") }.sorted()
      .compactMap { try? PacketFixture(String($0.dropLast(4))) }
  }

  /// The file of the fixture, whether it is there or not.
  package static func file(_ name: String) -> URL {
    folder.appendingPathComponent(name + ".hex")
  }

  private static var folder: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/packets")
  }
}
