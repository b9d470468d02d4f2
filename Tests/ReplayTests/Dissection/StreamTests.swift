import Network
import Replay
import Testing
import Wire

@Suite struct StreamTests {
  private static let request = "GET /a HTTP/1.1\r\n\r\n"
  private static let response = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"
  private static let requestEnd = UInt32(1 + request.utf8.count)

  /// A connection whose response comes in the parts named by their ranges.
  private func recording(
    _ parts: [Range<Int>], server: UInt32 = 0, text: String = response, closes: Bool = true
  ) -> Recording {
    var builder = FrameBuilder()
    builder.open(client: 0, server: server)
    builder.tcp(1, Self.request)
    let response = Array(text.utf8)
    for part in parts {
      builder.tcp(
        server &+ 1 &+ UInt32(part.lowerBound), String(decoding: response[part], as: UTF8.self),
        fromServer: true)
    }
    if closes {
      builder.close(client: Self.requestEnd, server: server &+ 1 &+ UInt32(response.count))
    }
    return Recording(builder.frames)
  }

  private static let count = response.utf8.count

  @Test func segmentsAreOneStreamInEveryOrder() {
    let orders: [[Range<Int>]] = [
      [0..<Self.count], [0..<20, 20..<Self.count], [20..<Self.count, 0..<20],
      [0..<20, 0..<20, 20..<Self.count, 20..<Self.count],
      [40..<Self.count, 20..<40, 0..<20], [0..<25, 10..<Self.count],
      [30..<45, 10..<20, 0..<Self.count], [10..<12, 14..<16, 18..<20, 5..<Self.count, 0..<6],
    ]
    for server in [0, 0xffff_fff0, 0x7fff_fff8] as [UInt32] {
      for order in orders {
        let recording = recording(order, server: server)
        let exchange = recording.connections.first?.exchanges.first
        #expect(exchange?.target == "/a")
        #expect(exchange?.response?.status == 200)
        #expect(
          exchange?.response?.content
            == RecordedContent(octets: Array("0123456789".utf8), byteCount: 10), "\(order)")
        #expect(recording.connections.first?.gaps == [])
        #expect(recording.remarks == [], "\(order)")
        #expect(recording.usedFrameCount == order.count + 5)
      }
    }
  }

  @Test func theFirstOfOverlappingBytesCount() {
    var builder = FrameBuilder()
    builder.open()
    builder.tcp(1, "HEAD /a HTTP/1.1\r\n")
    builder.tcp(7, "b HTTP/1.1\r\n\r\n")
    #expect(Recording(builder.frames).connections.first?.exchanges.map(\.target) == ["/a"])
  }

  @Test func everyByteLeadsBackToItsFrames() {
    let recording = recording([0..<45, 42..<Self.count, 40..<Self.count, 0..<4])
    let body = Self.count - 10
    let pieces = recording.connections.first?.exchanges.first?.response?.pieces
    // Ethernet, IPv4 and TCP have 14 + 20 + 20 bytes before the payload.
    let expected = [
      FramePiece(frame: 4, offset: 54 + body, count: 45 - body, contentOffset: 0),
      FramePiece(frame: 5, offset: 57, count: Self.count - 45, contentOffset: 45 - body),
      FramePiece(frame: 6, offset: 54, count: Self.count - 40, contentOffset: 40 - body),
      FramePiece(frame: 5, offset: 54, count: 3, contentOffset: 42 - body),
    ]
    #expect(pieces == expected)
  }

  @Test func aGapInABodyEndsItsContentAndIsNamed() {
    let first = Self.count - 7
    let recording = recording([0..<first, first + 4..<Self.count])
    let connection = recording.connections.first
    #expect(connection?.gaps == ["4 bytes from the server before packet 5 are missing"])
    let content = connection?.exchanges.first?.response?.content
    #expect(content == RecordedContent(octets: Array("012".utf8), byteCount: 10))
    // Of the bytes behind the gap too it is known where they are.
    #expect(connection?.exchanges.first?.response?.pieces.map(\.contentOffset) == [0, 7])
    #expect(recording.remarks.count == 2)
  }

  @Test func whatFollowsABodyWithAGapIsRead() {
    let text = Self.response + "HTTP/1.1 204 No Content\r\n\r\n"
    var builder = FrameBuilder()
    builder.open()
    builder.tcp(1, Self.request + Self.request)
    let octets = Array(text.utf8)
    let gap = Self.count - 5
    builder.tcp(1, String(decoding: octets[..<gap], as: UTF8.self), fromServer: true)
    builder.tcp(
      UInt32(gap + 3), String(decoding: octets[(gap + 2)...], as: UTF8.self), fromServer: true)
    let exchanges = Recording(builder.frames).connections.first?.exchanges
    #expect(exchanges?.map(\.response?.status) == [200, 204])
  }

  @Test func bytesThatOnlyAnAcknowledgementShowsAreNamed() {
    var builder = FrameBuilder()
    builder.open()
    builder.tcp(1, Self.request)
    builder.tcp(Self.requestEnd, acknowledging: 101)
    let recording = Recording(builder.frames)
    #expect(
      recording.connections.first?.gaps == ["100 bytes from the server at its end are missing"])
  }

  @Test func aConnectionThatBeganBeforeTheCaptureIsRead() {
    var builder = FrameBuilder()
    builder.tcp(5000, Self.request)
    builder.tcp(9000, Self.response, fromServer: true)
    let recording = Recording(builder.frames)
    #expect(recording.connections.first?.client.port == 2000)
    #expect(recording.connections.first?.exchanges.first?.response?.content.isWhole == true)
    #expect(
      recording.remarks == [
        "10.0.0.9:2000 to 10.0.0.1:80: begins in the midst, with packet 1"
      ])
  }

  @Test func aPortThatIsUsedAgainMakesAnotherConnection() {
    var builder = FrameBuilder()
    for start in [0, 70_000] as [UInt32] {
      builder.open(client: start, server: start)
      builder.tcp(start + 1, Self.request)
      builder.tcp(start + 1, Self.response, fromServer: true)
    }
    // The first SYN again is no third one.
    builder.tcp(70_000, flags: 0x02)
    let recording = Recording(builder.frames)
    #expect(recording.connections.map { $0.exchanges.count } == [1, 1])
    #expect(recording.connections.map(\.frame) == [1, 5])
    #expect(
      recording.connections.allSatisfy { $0.clientHardware == FrameBuilder.clientHardware })
  }

  @Test func otherProtocolsAreCounted() {
    var builder = FrameBuilder()
    for (port, text) in [(1, "SSH-2.0-x\r\n"), (2, "EHLO a\r\n"), (3, "\u{16}\u{3}\u{1}")] {
      builder.tcp(0, flags: 0x02, ports: (UInt16(port), 443))
      builder.tcp(1, text, ports: (UInt16(port), 443))
    }
    let recording = Recording(builder.frames)
    #expect(recording.connections.isEmpty)
    #expect(
      recording.remarks == [
        "HTTPS to 10.0.0.1:443: not readable", "3 TCP connections are not HTTP",
      ])
  }

  @Test func manySmallSegmentsInReverseAreBounded() {
    var builder = FrameBuilder()
    builder.open()
    builder.tcp(1, Self.request)
    for index in stride(from: 20_000, to: 1, by: -2) {
      builder.tcp(UInt32(index), "x", fromServer: true)
    }
    var limits = DissectionLimits()
    limits.waitingSegments = 100
    let recording = Recording(builder.frames, limits: limits)
    #expect(recording.connections.first?.exchanges.count == 1)
    #expect(recording.connections.first?.gaps.isEmpty == false)
  }
}
