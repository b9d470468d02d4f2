import Bytes
import Network
import RecordedPackets
import Testing
import Wire

@Suite struct DHCPWriterTests {
  static let header = DHCPHeader(hardwareAddress: HardwareAddress(MACAddress(2, 0, 0, 0, 0, 1)))

  static func written(
    limit: Int = 548, reserve: Int = 0, file: String = "",
    _ body: (DHCPWriter, inout ByteWriter) -> Void
  ) -> [UInt8] {
    var output = ByteWriter()
    output.write(0xdead as UInt16)  // What an earlier reply left in the buffer.
    let writer = DHCPWriter(header, file: file, limit: limit, reserve: reserve, into: &output)
    body(writer, &output)
    writer.finish(into: &output)
    return Array(output.bytes[2...])
  }

  @Test func aShortMessageIsPaddedTo300AfterItsEnd() {
    let octets = Self.written { $0.option(53, number: 2 as UInt8, into: &$1) }
    #expect(octets.count == 300)
    #expect(Array(octets[240..<244]) == [53, 1, 2, 255])
    #expect(octets[244...].allSatisfy { $0 == 0 })
  }

  @Test("Option 57's limit holds, with what is reserved", arguments: [300, 548, 1472], [0, 40])
  func noMessageIsLongerThanItsLimit(_ limit: Int, _ reserve: Int) throws {
    let octets = Self.written(limit: limit, reserve: reserve) { writer, output in
      for code: UInt8 in 1...200 where code != 52 && code != 82 {
        writer.option(code, [UInt8](repeating: code, count: 9), into: &output)
      }
      if reserve > 0 {
        let value = [UInt8](repeating: 7, count: reserve - 2)
        writer.reservedOption(82, value.rawSpan, into: &output)
      }
    }
    #expect(octets.count <= limit)
    #expect(octets.count > limit - 11)
    let message = try DHCPMessage(checking: octets.rawSpan)
    let last = try DHCPMeaning(message).options.last?.code
    #expect((last == 82) == (reserve > 0))
  }

  @Test("Long values go in parts", arguments: [0, 1, 254, 255, 256, 510, 511])
  func aLongValueGoesInParts(_ count: Int) throws {
    let value = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let octets = Self.written(limit: 1472) { $0.option(224, value, into: &$1) }
    let message = try DHCPMessage(checking: octets.rawSpan)
    let meaning = try DHCPMeaning(message)
    #expect(meaning[224] == value)
  }

  @Test func aFileNameNeedsRoomForItsNUL() throws {
    for (count, kept) in [(0, 0), (127, 127), (128, 0)] {
      let octets = Self.written(file: String(repeating: "f", count: count)) { _, _ in }
      let message = try DHCPMessage(checking: octets.rawSpan)
      let found = message.file.byteCount
      #expect(found == kept)
    }
  }
}
