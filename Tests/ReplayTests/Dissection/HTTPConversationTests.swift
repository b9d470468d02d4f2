import Network
import Replay
import Testing
import Wire

@Suite struct HTTPConversationTests {
  private func recording(
    _ requests: String, _ responses: String, splittingAt size: Int = 1000, closes: Bool = true
  ) -> Recording {
    var builder = FrameBuilder()
    builder.open()
    func send(_ text: String, fromServer: Bool) -> UInt32 {
      let octets = Array(text.utf8)
      for start in stride(from: 0, to: octets.count, by: size) {
        builder.tcp(
          1 + UInt32(start),
          String(decoding: octets[start..<min(start + size, octets.count)], as: UTF8.self),
          fromServer: fromServer)
      }
      return 1 + UInt32(octets.count)
    }
    let client = send(requests, fromServer: false)
    let server = send(responses, fromServer: true)
    if closes { builder.close(client: client, server: server) }
    return Recording(builder.frames)
  }

  private func text(_ exchange: RecordedExchange) -> String {
    guard let response = exchange.response else { return "\(exchange.method) –" }
    let body = String(decoding: response.content.octets, as: UTF8.self)
    let whole = response.content.isWhole ? "" : " (of \(response.content.byteCount ?? -1))"
    return "\(exchange.method) \(response.status) \(body)\(whole)"
  }

  private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
  private static let ok = "HTTP/1.1 200 OK\r\n"

  @Test func bodiesEndWhereTheirHeadsSay() {
    let rows: [(String, String, [String])] = [
      (Self.get, Self.ok + "Content-Length: 3\r\n\r\nabc", ["GET 200 abc"]),
      (Self.get, Self.ok + "\r\nabc", ["GET 200 abc"]),
      (Self.get, "HTTP/1.0 200 OK\n\nabc", ["GET 200 abc"]),
      (
        "HEAD / HTTP/1.1\r\n\r\n" + Self.get,
        Self.ok + "Content-Length: 3\r\n\r\n" + Self.ok + "content-length:  3 \r\n\r\nabc",
        ["HEAD 200  (of 3)", "GET 200 abc"]
      ),
      (
        Self.get + Self.get + Self.get,
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0"
          + "\r\n\r\n" + Self.ok + "Transfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n"
          + "0123456789\r\n0\r\nA: b\r\n\r\n",
        ["GET 304  (of 9)", "GET 404 ", "GET 200 abc0123456789"]
      ),
      (
        "POST /r HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody" + Self.get,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n" + Self.ok
          + "Content-Length: 1\r\n\r\nx",
        ["POST 204  (of -1)", "GET 200 x"]
      ),
      (
        "PUT /r HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n\r\n" + Self.get,
        Self.ok + "Content-Length: 0\r\n\r\n" + Self.ok + "Content-Length: 5\r\n\r\nab",
        ["PUT 200 ", "GET 200 ab (of 5)"]
      ),
      (Self.get, "", ["GET –"]),
    ]
    for (requests, responses, expected) in rows {
      for size in [1000, 7, 1] {
        let recording = recording(requests, responses, splittingAt: size)
        #expect(recording.connections.first?.exchanges.map(text) == expected)
      }
    }
  }

  @Test func requestsKeepTheirHeadAndBody() {
    let head = "POST /report?a=%20 HTTP/1.1\r\nContent-Length: 4\r\n\r\n"
    let exchange = recording(head + "body", "", splittingAt: 10).connections.first?.exchanges.first
    #expect(exchange?.head == Array(head.utf8))
    #expect(exchange?.method == "POST")
    #expect(exchange?.target == "/report?a=%20")
    #expect(exchange?.body == Array("body".utf8))
    #expect(exchange?.bodyPieces.reduce(0) { $0 + $1.count } == 4)
    // The head ends with its fifth segment, behind two SYNs; the body with the sixth.
    let headFrame = 3 + (head.utf8.count - 1) / 10
    #expect(exchange?.frame == headFrame)
    #expect(exchange?.time.nanoseconds == Int64(2 + (head.utf8.count + 3) / 10) * 1_000_000)
  }

  @Test func aBodyThatOnlyTheEndEndsIsWholeOnlyWithAnEnd() {
    let recording = recording(Self.get, Self.ok + "\r\nabc", closes: false)
    let content = recording.connections.first?.exchanges.first?.response?.content
    #expect(content == RecordedContent(octets: Array("abc".utf8), byteCount: nil))
  }

  @Test func whatIsNoHTTPStopsWithARemark() {
    let rows: [(String, String, String)] = [
      ("GET /\r\n\r\n", "", "packet 3: this is no request of HTTP/1"),
      (Self.get, "<html>\r\n\r\n", "packet 4: this is no response of HTTP/1"),
      (Self.get, "<html>", "packet 4: a response's head has no end"),
      (Self.get + "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "", "a request has no valid"),
      (Self.get, Self.ok + "Content-Length: 99999999999999999999\r\n\r\n", "no valid length"),
      (Self.get, Self.ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "no valid length"),
      (Self.get, Self.ok + "Content-Length: 9223372036854775807\r\n\r\nab", "body is not whole"),
      (
        Self.get, Self.ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\nab",
        "body is not whole"
      ),
      (Self.get, Self.ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\nab", "body is not whole"),
      (Self.get, Self.ok + "Content-Length: 0\r\n\r\n" + Self.ok + "\r\n", "answers no request"),
      ("CONNECT a:1 HTTP/1.1\r\n\r\nxyz", "", "a tunnel follows"),
    ]
    for (requests, responses, remark) in rows {
      let recording = recording(requests, responses)
      #expect(recording.remarks.contains { $0.contains(remark) }, "\(recording.remarks)")
    }
  }
}
