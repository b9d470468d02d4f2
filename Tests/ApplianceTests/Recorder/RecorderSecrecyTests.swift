import Boot
import Bytes
import Network
import Replay
import Testing
import Wire

@testable import Appliance

/// Canaries: what must not be in a recording is looked for in its octets.
@Suite("Case 52: what a recording does not hold") struct RecorderSecrecyTests {
  private static let token = "0123456789abcdef0123456789ABCDEF"
  private static let client = Endpoint(IPv4Address(10, 77, 1, 1), 40_000)
  private static let server = Endpoint(FlightBench.own, 80)

  private func recorded(
    _ body: (inout FlightRecorder, FlightRecorder.Seat) -> Void
  ) throws -> (octets: [UInt8], frames: [Frame]) {
    var recorder = FlightRecorder(stall: .seconds(60))
    let arrival = Arrival(
      source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
      local: FlightBench.own, interface: 2)
    recorder.hear(dhcp: FlightRecorderTests.discover().rawSpan, from: arrival, at: .start)
    let seat = try #require(recorder.seat(of: FlightBench.hardware))
    body(&recorder, seat)
    let finished = recorder.finish(seat, "test")
    let flight = try #require(finished)
    let (frames, list) = FlightBench.recording(flight)
    return (frames.flatMap(\.octets) + Array(list.utf8), frames)
  }

  private func expectNone(_ text: String, in octets: [UInt8]) {
    #expect(octets.firstRange(of: Array(text.utf8)) == nil)
    #expect(octets.firstRange(of: Array(text.lowercased().utf8)) == nil)
  }

  @Test func noTokenOfARequestOrScript() throws {
    let token = Self.token
    let (octets, frames) = try recorded { recorder, seat in
      var flow = StreamFlow(seat: seat, client: Self.client, server: Self.server, number: 1)
      let request = "GET /machines/\(token)/scripts/a HTTP/1.1\r\nHost: a\r\n\r\n"
      flow.heardHead(Array(request.utf8).rawSpan, into: &recorder, at: .start)
      let text = "#!ipxe\nchain http://a/machines/\(token)/answers/x\n"
      flow.keepsBody = true
      let response = "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
      flow.said(Array(response.utf8).rawSpan, into: &recorder, at: .start)
      let escaped = token.replacing("0", with: "%30")
      let name: [UInt8] =
        [0, 1] + Array("machines/\(escaped)/x".utf8) + [0] + Array("octet".utf8) + [0]
      recorder.take(
        .heard, of: seat, Self.client, Endpoint(FlightBench.own, 69), at: .start, name.rawSpan)
      var transfer = TransferFlow(
        seat, client: Self.client, server: Endpoint(FlightBench.own, 50_000),
        text: TokenMask.masked(Array("kernel \(token) x".utf8)))
      // So short blocks that the token lies in several.
      for block in 1...3 as ClosedRange<UInt64> {
        transfer.said(first: block, count: 1, size: 16, last: 16, into: &recorder, at: .start)
      }
    }
    expectNone(token, in: octets)
    expectNone(String(token.prefix(16)), in: octets)
    expectNone("%30123456789", in: octets)
    let exchange = try #require(Recording(frames).connections.first?.exchanges.first)
    #expect(exchange.target == "/machines/\(String(repeating: "~", count: 32))/scripts/a")
    #expect(exchange.response?.content.isWhole == true, "as long as it was")
  }

  @Test(arguments: [1, 7, 20, 40, 64])
  func noTokenOfARequestInPieces(_ size: Int) throws {
    let (octets, frames) = try recorded { recorder, seat in
      var flow = StreamFlow(seat: seat, client: Self.client, server: Self.server, number: 1)
      let head = Array(
        "GET /machines/\(Self.token)/a HTTP/1.1\r\nHost: a\r\nAuthorization: SECRETS\r\n\r\n".utf8)
      for start in stride(from: 0, to: head.count, by: size) {
        flow.heardHead(
          Array(head[start..<min(start + size, head.count)]).rawSpan, into: &recorder, at: .start)
      }
      flow.said(
        Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8).rawSpan,
        into: &recorder, at: .start)
    }
    expectNone(String(Self.token.prefix(8)), in: octets)
    expectNone("SECRETS", in: octets)
    #expect(Recording(frames).connections.first?.exchanges.first?.response?.status == 404)
  }

  @Test func noAnswerNoReportAndNoCredentials() throws {
    let (octets, frames) = try recorded { recorder, seat in
      var flow = StreamFlow(seat: seat, client: Self.client, server: Self.server, number: 1)
      let get =
        "GET /machines/a/answers/ks.cfg HTTP/1.1\r\nHost: a\r\nAuthorization: Basic SECRETS\r\n\r\n"
      flow.heardHead(Array(get.utf8).rawSpan, into: &recorder, at: .start)
      let answer = "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\nrootpw --plain CANARY"
      flow.said(Array(answer.utf8).rawSpan, into: &recorder, at: .start)
      let post = "POST /machines/a/report HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n"
      flow.heardHead(Array(post.utf8).rawSpan, into: &recorder, at: .start)
      flow.heardBody(6, into: &recorder, at: .start)
      var transfer = TransferFlow(
        seat, client: Self.client, server: Endpoint(FlightBench.own, 50_000), text: nil)
      transfer.said(first: 1, count: 1, size: 512, last: 21, into: &recorder, at: .start)
    }
    expectNone("CANARY", in: octets)
    expectNone("SECRETS", in: octets)
    let exchanges = try #require(Recording(frames).connections.first?.exchanges)
    #expect(exchanges.count == 2)
    #expect(exchanges.first?.response?.content.byteCount == 21)
    #expect(exchanges.first?.response?.content.isElided == true)
    #expect(exchanges.last?.body == [0, 0, 0, 0, 0, 0])
  }

  /// What a refused request had behind its head comes in one piece with it.
  @Test(arguments: [
    "POST /machines/a/report HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nCANARY\r\n",
    "POST /machines/a/report HTTP/1.1\nHost: a\n\nCANARY",
    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic\r\n CANARY\r\n\tCANARY\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nCookie : CANARY\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nSet-Cookie:\r\n CANARY",
    "\r\n\r\nGET / HTTP/1.1\r\nAuthorization: CANARY\r\n\r\nCANARY",
  ])
  func nothingOfARefusedRequest(_ text: String) throws {
    let (octets, _) = try recorded { recorder, seat in
      let flow = StreamFlow(seat: seat, client: Self.client, server: Self.server, number: 1)
      flow.heardHead(Array(text.utf8).rawSpan, into: &recorder, at: .start)
    }
    expectNone("CANARY", in: octets)
  }

  @Test(arguments: [
    ("a0123456789abcdef0123456789abcdef.", "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~."),
    ("0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcde"),
    ("", ""), ("x", "x"),
  ])
  func theMaskKeepsTheLength(_ text: String, _ masked: String) {
    #expect(String(decoding: TokenMask.masked(Array(text.utf8)), as: UTF8.self) == masked)
  }
}
