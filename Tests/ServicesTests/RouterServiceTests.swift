import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Testing
import Wire

@Suite struct RouterServiceTests {
  static let own = MACAddress(0x02, 0, 0, 0, 0, 1)
  static let router = MACAddress(0x02, 0, 0, 0, 0, 9)

  /// An advertisement with this lifetime, made out of ours, whose lifetime is 0.
  static func advertisement(lifetime: UInt16, from hardware: MACAddress) -> [UInt8] {
    var writer = ByteWriter()
    RouterMessage.encodeAdvertisement(
      to: own, .unspecified, from: hardware, into: &writer)
    var frame = writer.bytes
    // Replacing a zero word by a number lowers the one's complement checksum by it.
    let checksum = UInt32(frame[56]) << 8 | UInt32(frame[57])
    let lowered =
      checksum >= lifetime ? checksum - UInt32(lifetime) : checksum + 0xffff - UInt32(lifetime)
    frame[60] = UInt8(lifetime >> 8)
    frame[61] = UInt8(lifetime & 0xff)
    frame[56] = UInt8(truncatingIfNeeded: lowered >> 8)
    frame[57] = UInt8(truncatingIfNeeded: lowered)
    return frame
  }

  static func answer(
    _ service: inout RouterService, _ frame: [UInt8], at now: Instant = .start
  ) -> [Action] {
    var actions = Actions()
    service.receive(frame.rawSpan, on: 2, own: own, at: now, into: &actions)
    return actions.list
  }

  @Test func aSolicitationIsAnsweredToItsSender() {
    var service = RouterService()
    let actions = Self.answer(&service, RouterSolicitation().frame)
    #expect(actions.count == 1)
    guard case .sendFrame(let bytes, interface: 2)? = actions.first else {
      Issue.record("no frame was sent")
      return
    }
    #expect(bytes.count == 78)
  }

  @Test func whereARouterAdvertisesWeAreSilentUntilItIsForgotten() {
    var service = RouterService()
    let seen = Self.answer(&service, Self.advertisement(lifetime: 1800, from: Self.router))
    #expect(seen == [.record(Event(.routerSeen, macAddress: Self.router))])
    #expect(Self.answer(&service, Self.advertisement(lifetime: 1800, from: Self.router)).isEmpty)
    #expect(Self.answer(&service, RouterSolicitation().frame).isEmpty)
    let later = Instant.start + RouterService.memory + .seconds(1)
    #expect(Self.answer(&service, RouterSolicitation().frame, at: later).count == 1)
  }

  @Test func ourOwnAndLifelessAdvertisementsSilenceNobody() {
    var service = RouterService()
    #expect(Self.answer(&service, Self.advertisement(lifetime: 1800, from: Self.own)).isEmpty)
    #expect(Self.answer(&service, Self.advertisement(lifetime: 0, from: Self.router)).isEmpty)
    #expect(Self.answer(&service, RouterSolicitation().frame).count == 1)
  }
}
