import Boot
import EventLoop
import Foundation
import Network
import TLS
import Testing

@testable import Appliance

@Suite("API client", .serialized) struct APIClientTests {
  @Test func onlyTheServerThatIsMeantIsBelieved() throws {
    let bench = try APIBench()
    try bench.add("reader", .reader)
    let text = bench.text("reader")
    let stranger = try CertificateAuthority(name: "stranger").certificate
    try bench.run { (asker: APIBench.Asker) throws -> Void in
      func ask(_ host: String, _ authority: [UInt8]?) throws -> Int {
        try APIClient(
          server: "https://\(host):\(asker.port)/", token: text, authority: authority
        ).ask(APIQuestion("GET", ["status"])).status
      }
      #expect(try ask("127.0.0.1", asker.authority) == 200)
      for (host, authority) in [
        ("127.0.0.1", stranger), ("127.0.0.1", nil), ("localhost", asker.authority),
      ] {
        do {
          let status = try ask(host, authority)
          Issue.record("\(host) was believed: \(status)")
        } catch let failure as APIFailure {
          #expect(failure.description.contains("not believed"))
        }
      }
    }
  }

  @Test(arguments: [
    "http://a", "https://", "https:///", "https://a:0", "https://a:70000", "https://a:b",
    "https://a:1:2", "https://u@a", "https://a b", "a",
  ])
  func whatIsNoServerIsRefused(_ server: String) {
    #expect(throws: APIFailure.self) {
      try APIClient(server: server, token: "bw_1", authority: nil)
    }
  }

  @Test(arguments: ["", "a b", "a\r\nX: y", "ä"])
  func whatIsNoTokenIsNotSent(_ token: String) {
    #expect(throws: APIFailure.self) {
      try APIClient(server: "https://a", token: token, authority: nil)
    }
  }

  /// Each cut into every two pieces.
  static let answers: [(text: String, status: Int?, body: String)] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", nil, ""),
    ("HTTP/1.1 200 OK\r\n\r\nabc", 200, "abc"),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 1\r\n\r\nx", 404, "x"),
    ("nonsense\r\n\r\n", 0, ""), ("HTTP/1.1 200 OK\r\n", nil, ""), ("", nil, ""),
  ]

  @Test(arguments: answers)
  func anAnswerIsReadHoweverItComes(_ text: String, _ status: Int?, _ body: String) {
    let octets = Array(text.utf8)
    for cut in 0...octets.count {
      var reading = APIAnswerReading(isHead: false)
      for piece in [octets[..<cut], octets[cut...]] where !piece.isEmpty {
        reading.take(Array(piece))
      }
      #expect(reading.answer?.status == status)
      #expect(reading.answer.map(\.text) ?? "" == body)
    }
  }
}
