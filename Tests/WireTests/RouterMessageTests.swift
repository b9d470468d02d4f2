import Bytes
import Network
import RecordedPackets
import Testing
import Wire

@Suite struct RouterMessageTests {
  static let machine = RouterSolicitation.machine
  static let own = MACAddress(0x02, 0, 0, 0, 0, 1)

  static func read(_ frame: [UInt8]) throws(Malformed) -> RouterMessage? {
    try RouterMessage(checking: frame.rawSpan)
  }

  @Test func aSolicitationNamesWhoAsks() throws {
    let message = try Self.read(RouterSolicitation().frame)
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
    #expect(throws: Malformed.self) { try Self.read(RouterSolicitation(hopLimit: 64).frame) }
  }

  @Test func everyPrefixAndEveryReplacedOctetIsReadOrThrows() {
    let whole = RouterSolicitation().frame
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
