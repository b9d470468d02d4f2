import Network
import Replay
import Testing
import Wire

@Suite("Case 52: fragments") struct FragmentTests {
  /// A datagram of 8 + 32 bytes in fragments of 16, 16 and 8 bytes.
  private static let whole = Array(FrameBuilder.udp(4000, 53, Array(0..<32)).dropFirst(20))

  private static func fragment(
    _ range: Range<Int>, last: Bool = false, payload: [UInt8] = whole
  ) -> [UInt8] {
    FrameBuilder.ethernet(
      FrameBuilder.packet(
        17, Array(payload[range]), identification: 77,
        fragment: UInt16(range.lowerBound / 8) | (last ? 0 : 0x2000)))
  }

  private func recording(_ frames: [[UInt8]]) -> Recording {
    var builder = FrameBuilder()
    for frame in frames { builder.add(frame) }
    return Recording(builder.frames)
  }

  @Test func fragmentsAreOneDatagramInEveryOrder() {
    let parts = [Self.fragment(0..<16), Self.fragment(16..<32), Self.fragment(32..<40, last: true)]
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 0, 2, 2, 1]] {
      let recording = recording(order.map { parts[$0] })
      #expect(recording.names.map(\.payload) == [Array(0..<32)])
      #expect(recording.names.first?.frame == order.count)
      #expect(recording.usedFrameCount == 3)
      #expect(recording.remarks.isEmpty)
    }
  }

  @Test func ofBytesThatComeTwiceTheFirstCount() {
    var other = Self.whole
    for index in 8..<40 { other[index] = 0xff }
    let recording = recording([
      Self.fragment(0..<16), Self.fragment(8..<32, payload: other),
      Self.fragment(32..<40, last: true),
    ])
    let expected = Array(0..<8) + [UInt8](repeating: 0xff, count: 16) + Array(24..<32)
    #expect(recording.names.map(\.payload) == [expected])
  }

  @Test func fragmentsWithoutTheirOthersAreNamed() {
    let recording = recording([Self.fragment(0..<16), Self.fragment(32..<40, last: true)])
    #expect(recording.names.isEmpty)
    #expect(
      recording.remarks
        == ["fragments from 10.0.0.9 to 10.0.0.1 (packets 1 to 2) are not a whole datagram"])
  }

  @Test func datagramsThatWaitAreBounded() {
    var builder = FrameBuilder()
    for number in 0..<100 {
      builder.add(
        FrameBuilder.ethernet(
          FrameBuilder.packet(
            17, Array(Self.whole[0..<16]), identification: UInt16(number), fragment: 0x2000)))
    }
    var limits = DissectionLimits()
    limits.fragmentedDatagrams = 2
    let recording = Recording(builder.frames, limits: limits)
    #expect(recording.remarks.last == "92 more fragments without their others")
  }
}
