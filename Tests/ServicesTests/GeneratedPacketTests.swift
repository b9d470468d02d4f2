import Foundation
import RecordedPackets
import Testing

/// The fixtures that nobody recorded are what their generator makes.
@Suite struct GeneratedPacketTests {
  @Test(arguments: GeneratedPacket.all.map(\.name))
  func aFixtureIsWhatTheGeneratorMakes(_ name: String) throws {
    let packet = try #require(GeneratedPacket.all.first { $0.name == name })
    if ProcessInfo.processInfo.environment["WRITE_FIXTURES"] == "1" {
      try packet.text.write(to: PacketFixture.file(name), atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: PacketFixture.file(name), encoding: .utf8) == packet.text)
  }

  /// The lengths that were seen on the wire, of messages without padding.
  @Test(arguments: [
    ("pi3-rom-discover", 320), ("pi3-bootcode-discover", 322), ("pi4-2021-discover", 322),
    ("pi4-2021-request", 309), ("hp-bios-discover", 548),
  ]) func aMessageHasItsDocumentedLength(_ row: (name: String, count: Int)) throws {
    #expect(try PacketFixture(row.name).octets.count == row.count)
  }
}
