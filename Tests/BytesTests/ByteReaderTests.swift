import Bytes
import Testing

@Suite("Byte reader") struct ByteReaderTests {
  @Test func readsFieldsInNetworkOrderAndThrowsPastTheEnd() throws {
    let octets: [UInt8] = [1, 2, 3, 4, 5, 6, 7]
    var reader = ByteReader(octets.span.bytes, base: 10)
    let first: UInt16 = try reader.read()
    let second: UInt32 = try reader.read()
    #expect(first == 0x0102)
    #expect(second == 0x0304_0506)
    #expect(reader.position == 16)
    var thrown: Malformed?
    do { _ = try reader.read(UInt16.self) } catch { thrown = error }
    #expect(thrown == Malformed(.truncated, at: 16))
    #expect(reader.remaining == 1)
  }

  @Test func aNegativeOrHugeCountThrows() {
    let octets: [UInt8] = [1, 2]
    for count in [-1, 3, Int.max, Int.min] {
      var reader = ByteReader(octets.span.bytes)
      #expect(throws: Malformed(.truncated, at: 0)) { try reader.skip(count) }
    }
  }

  @Test func octetsAreCopiedAndCompared() {
    let octets = Array("iPXE".utf8)
    let span = octets.span.bytes
    let copy = span.octets()
    let same = span.equals("iPXE")
    let prefix = span.hasPrefix("iP")
    let other = span.hasPrefix("iPXE2")
    #expect(copy == octets)
    #expect(same && prefix && !other)
  }
}

@Suite("Byte writer") struct ByteWriterTests {
  @Test func writesFieldsInNetworkOrderAndKeepsItsMemory() {
    var writer = ByteWriter(reserving: 16)
    writer.write(UInt16(0x0102))
    writer.write(UInt32(0x0304_0506))
    writer.write("ab")
    writer.replace(UInt16(0xffee), at: 0)
    #expect(writer.bytes == [0xff, 0xee, 3, 4, 5, 6, 0x61, 0x62])
    writer.clear()
    #expect(writer.bytes.isEmpty)
    #expect(writer.bytes.capacity >= 8)
  }

  @Test func hexadecimalRoundTrips() {
    #expect(Hexadecimal.text([0, 0xab, 0x10]) == "00ab10")
    #expect(Hexadecimal.octets("00AB10") == [0, 0xab, 0x10])
    #expect(Hexadecimal.octets("0") == nil)
    #expect(Hexadecimal.octets("0g") == nil)
  }
}
