import Bytes
import Foundation
import Testing
import Wire

@Suite struct LegacyImageTests {
  @Test func theChecksumIsThatOfThePublishedCheckValue() {
    // The check value of CRC-32/ISO-HDLC.
    #expect(CRC32(of: Array("123456789".utf8)).value == 0xcbf4_3926)
    #expect(CRC32(of: []).value == 0)
  }

  private static func image(_ text: String, name: String = "bootwire") -> [UInt8] {
    var writer = ByteWriter()
    LegacyImage.script(Array(text.utf8), name: name, into: &writer)
    return writer.bytes
  }

  @Test func aScriptHasItsHeaderItsLengthsAndItsText() throws {
    let octets = Self.image("echo hello\n", name: String(repeating: "n", count: 40))
    #expect(octets.count == 64 + 8 + 11)
    var reader = ByteReader(octets.rawSpan)
    let magic = try reader.read(UInt32.self)
    #expect(magic == 0x2705_1956)
    let headerChecksum = try reader.read(UInt32.self)
    var header = Array(octets[..<64])
    header.replaceSubrange(4..<8, with: [0, 0, 0, 0])
    #expect(headerChecksum == CRC32(of: header).value)
    #expect(Array(octets[8..<24]) == [0, 0, 0, 0, 0, 0, 0, 19] + [UInt8](repeating: 0, count: 8))
    #expect(
      Array(octets[24..<28])
        == (0..<4).map {
          UInt8(truncatingIfNeeded: CRC32(of: octets[64...]).value >> (24 - 8 * $0))
        }
    )
    #expect(Array(octets[28..<32]) == [5, 22, 6, 0])
    #expect(Array(octets[32..<64]) == [UInt8](repeating: 0x6e, count: 32))
    #expect(Array(octets[64..<72]) == [0, 0, 0, 11, 0, 0, 0, 0])
    #expect(Array(octets[72...]) == Array("echo hello\n".utf8))
  }

  private static let tool = "/usr/bin/dumpimage"

  @Test(.enabled(if: FileManager.default.fileExists(atPath: tool), "u-boot-tools is not installed"))
  func ubootsOwnToolTakesIt() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("uimage-" + Foundation.UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = "echo hello\nsetenv bootargs 'a b'\n"
    let image = folder.appendingPathComponent("boot.scr.uimg")
    try Data(Self.image(text)).write(to: image)
    let listing = try run(["-l", image.path])
    #expect(listing.contains("Image Name:   bootwire"), "\(listing)")
    #expect(listing.contains("AArch64 Linux Script (uncompressed)"), "\(listing)")
    let out = folder.appendingPathComponent("text")
    _ = try run(["-T", "script", "-p", "0", "-o", out.path, image.path])
    #expect(try String(contentsOf: out, encoding: .utf8).hasSuffix(text))
    // A changed octet is seen by one of the two checksums.
    for index in [33, 80] {
      var changed = Self.image(text)
      changed[index] ^= 1
      try Data(changed).write(to: image)
      #expect(!(try run(["-l", image.path])).contains("Linux Script"))
    }
  }

  private func run(_ words: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.tool)
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }
}
