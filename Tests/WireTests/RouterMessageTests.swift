import Bytes
import Network
import Testing
import Wire

@Suite struct RouterMessageTests {
  static let machine = MACAddress(0x52, 0x54, 0, 0x77, 0, 1)
  static let own = MACAddress(0x02, 0, 0, 0, 0, 1)

  /// What iPXE 1.0.0+git-20190125 (SeaBIOS, virtio-net) sends once its card is open: made by hand
  /// after RFC 4861 §4.1 with its fields.
  static func solicitation(hopLimit: UInt8 = 255) -> [UInt8] {
    var frame: [UInt8] = [0x33, 0x33, 0, 0, 0, 2, 0x52, 0x54, 0, 0x77, 0, 1, 0x86, 0xdd]
    frame += [0x60, 0, 0, 0, 0, 16, 58, hopLimit]
    frame += [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0, 0xff, 0xfe, 0x77, 0, 1]
    frame += [0xff, 2] + [UInt8](repeating: 0, count: 13) + [2]
    let body: [UInt8] = [133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0x52, 0x54, 0, 0x77, 0, 1]
    var sum = InternetChecksum()
    let addresses = Array(frame[22..<54])
    sum.add(addresses.rawSpan)
    sum.add(UInt32(16))
    sum.add(UInt32(58))
    sum.add(body.rawSpan)
    frame += body
    frame[56] = UInt8(sum.value >> 8)
    frame[57] = UInt8(sum.value & 0xff)
    return frame
  }

  static func read(_ frame: [UInt8]) throws(Malformed) -> RouterMessage? {
    try RouterMessage(checking: frame.rawSpan)
  }

  @Test func aSolicitationNamesWhoAsks() throws {
    let message = try Self.read(Self.solicitation())
    #expect(
      message
        == .solicitation(from: IPv6Address(linkLocal: Self.machine), hardware: Self.machine))
  }

  @Test func ourAdvertisementIsReadBackWithLifetimeZero() throws {
    var writer = ByteWriter()
    RouterMessage.encodeAdvertisement(
      to: Self.machine, IPv6Address(linkLocal: Self.machine), from: Self.own, into: &writer)
    #expect(writer.bytes.count == 14 + 40 + 24)
    #expect(
      try Self.read(writer.bytes) == .advertisement(hardware: Self.own, lifetime: 0))
  }

  @Test func whatARouterPassedOnIsRefused() {
    #expect(throws: Malformed.self) { try Self.read(Self.solicitation(hopLimit: 64)) }
  }

  @Test func everyPrefixAndEveryReplacedOctetIsReadOrThrows() {
    let whole = Self.solicitation()
    for count in 0..<whole.count {
      #expect(throws: Malformed.self) { try Self.read(Array(whole[..<count])) }
    }
    for index in whole.indices {
      for octet in [0, 1, 255] as [UInt8] {
        var changed = whole
        changed[index] = octet
        do { _ = try Self.read(changed) } catch { #expect(error.offset <= whole.count) }
      }
    }
  }
}
