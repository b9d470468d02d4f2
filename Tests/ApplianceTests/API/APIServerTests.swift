import Boot
import Foundation
import Network
import Testing

@testable import Appliance

@Suite("API", .serialized) struct APIServerTests {
  @Test func withoutATokenNothingIsTold() throws {
    let bench = try APIBench()
    try bench.add("reader", .reader)
    try bench.run { asker in
      for path in ["status", "openapi.json", "tokens", "nothing", "events"] {
        let answer = try asker.ask("nobody", "GET", path)
        #expect(answer.status == 401)
        #expect(answer.fields["www-authenticate"]?.hasPrefix("Bearer ") == true)
        #expect(answer.problem?.status == 401)
      }
      let bare = "GET /api/v1/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      #expect(try asker.raw(Array(bare.utf8)).hasPrefix("HTTP/1.1 401 "))
      let basic =
        "GET /api/v1/status HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\nConnection: close\r\n\r\n"
      #expect(try asker.raw(Array(basic.utf8)).hasPrefix("HTTP/1.1 401 "))
      #expect(try asker.ask("reader", "GET", "status").status == 200)
      #expect(try asker.ask("control", "GET", "status").status == 200)
    }
  }

  /// Hardening case 48: what a machine would get is shown to operators only.
  static let needs: [(method: String, path: String, role: Role)] = [
    ("GET", "status", .reader), ("GET", "machines", .reader), ("GET", "events", .reader),
    ("GET", "machines/a/render", .operator), ("POST", "machines/a/arm", .operator),
    ("POST", "machines/a/disarm", .operator), ("POST", "apply", .operator),
    ("DELETE", "machines/a", .operator), ("DELETE", "nodes/a", .operator),
    ("POST", "nodes/a/trust", .operator), ("POST", "discovered/a/approve", .operator),
    ("POST", "leases/10.0.0.1/release", .operator), ("POST", "reload", .operator),
    ("PUT", "secrets/a", .admin), ("DELETE", "secrets/a", .admin), ("GET", "tokens", .admin),
    ("POST", "tokens", .admin), ("DELETE", "tokens/a", .admin),
  ]

  @Test func everyRouteNeedsItsRole() throws {
    let bench = try APIBench()
    for role in Role.allCases { try bench.add(role.rawValue, role) }
    try bench.run { asker in
      for (method, path, needed) in Self.needs {
        for role in Role.allCases {
          let body = method == "PUT" || method == "POST" ? "{}" : nil
          let answer = try asker.ask(role.rawValue, method, path, body: body)
          #expect(
            (answer.status == 403) == !role.covers(needed),
            "\(method) \(path) as \(role.rawValue): \(answer.status)")
          #expect(answer.status < 500)
        }
      }
    }
  }

  @Test func aTokenIsShownOnceAndRevokedAtOnce() throws {
    let bench = try APIBench()
    try bench.run { asker in
      let made = try asker.ask(
        "control", "POST", "tokens", body: #"{"name":"ci","role":"reader","expires":"1h"}"#)
      #expect(made.status == 201)
      let token = try #require(made.json["token"] as? String)
      let about = try #require(made.json["about"] as? [String: Any])
      let id = try #require(about["id"] as? String)
      #expect(about["expires"] != nil)
      let client = try APIClient(
        server: "https://127.0.0.1:\(asker.port)", token: token, authority: asker.authority)
      #expect(try client.ask(APIQuestion("GET", ["status"])).status == 200)
      let list = try asker.ask("control", "GET", "tokens")
      #expect(list.status == 200 && list.text.contains(id) && !list.text.contains(token))
      #expect(
        try asker.ask("control", "POST", "tokens", body: #"{"name":"ci","role":"reader"}"#).status
          == 409)
      #expect(try asker.ask("control", "DELETE", "tokens/\(id)").status == 204)
      #expect(try client.ask(APIQuestion("GET", ["status"])).status == 401)
      let events = try asker.ask("control", "GET", "events", query: [("since", "0")])
      #expect(events.text.contains("\"request\":\"POST tokens\""))
      #expect(!events.text.contains(token))
    }
  }

  /// Hardening case 50.
  @Test func hostileBodiesAreRefusedAndTheNextIsAnswered() throws {
    let bench = try APIBench()
    try bench.add("admin", .admin)
    let digits = String(repeating: "9", count: 100_000)
    let bodies: [(String, Int)] = [
      (String(repeating: "[", count: 1_000_000), 400),
      (String(repeating: #"{"a":"#, count: 100_000), 400),
      ("[" + String(repeating: "1,", count: 500_000) + "1]", 400),
      (#"{"name":"a","role":"reader","role":"admin"}"#, 400),
      (#"{"name":"a","role":"reader","expires":\#(digits)}"#, 400),
      (#"{"name":"a","role":"reader","expires":1e999999}"#, 422),
      (#"{"name":"a","role":"root"}"#, 422), (#"{"name":"a","role":"reader","x":1}"#, 422),
      (#"{"name":"../a","role":"reader"}"#, 422), (#"{"name":"a\u0000","role":"reader"}"#, 422),
      ("{\"name\":\"a\u{1}\",\"role\":\"reader\"}", 400), ("[]", 422), ("null", 422), ("", 411),
      ("{", 400), (#"{"name":"a","role":"reader"} x"#, 400), ("\u{feff}{}", 400),
    ]
    try bench.run { asker in
      for (body, status) in bodies {
        let answer = try asker.ask("admin", "POST", "tokens", body: body)
        #expect(
          [status, status == 411 ? 422 : status].contains(answer.status), "\(body.prefix(60))")
        #expect(answer.problem?.title.isEmpty == false)
        #expect(answer.fields["content-type"] == "application/problem+json")
      }
      let place = try asker.ask(
        "admin", "POST", "tokens", body: "{\"name\": \"a\",\n \"role\": \"reader\", \"nmae\": 1}")
      #expect(place.problem?.errors?.first?.line == 2)
      #expect(place.problem?.errors?.first?.text.contains("name") == true)
      #expect(try asker.ask("admin", "GET", "tokens").status == 200)
    }
  }

  @Test func aBodyThatIsTooLongIsRefusedBeforeItComes() throws {
    let bench = try APIBench()
    try bench.add("admin", .admin)
    let text = bench.text("admin")
    try bench.run { asker in
      func head(_ path: String, _ lines: String) -> [UInt8] {
        Array(
          "POST /api/v1/\(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(text)\r\n\(lines)\r\n\r\n"
            .utf8)
      }
      let json = "Content-Type: application/json\r\n"
      let gigabyte = try asker.raw(head("apply", json + "Content-Length: 1073741824"))
      #expect(gigabyte.hasPrefix("HTTP/1.1 413 ") && gigabyte.contains("Connection: close"))
      #expect(
        try asker.raw(head("tokens", json + "Expect: 100-continue\r\nContent-Length: 1073741824"))
          .hasPrefix("HTTP/1.1 413 "))
      #expect(
        try asker.raw(head("tokens", json + "Transfer-Encoding: chunked"))
          .hasPrefix("HTTP/1.1 501 "))
      #expect(
        try asker.raw(head("tokens", json + "Content-Length: 3\r\nContent-Length: 4"))
          .hasPrefix("HTTP/1.1 400 "))
      let continued = try asker.raw(
        head("tokens", json + "Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2")
          + Array("{}".utf8))
      #expect(continued.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 422 "))
      #expect(try asker.ask("admin", "POST", "tokens", body: "{}").status == 422)
    }
  }

  @Test func aConnectionIsUsedAgainAndHeadIsGetWithoutItsBody() throws {
    let bench = try APIBench()
    try bench.add("reader", .reader)
    let text = bench.text("reader")
    try bench.run { asker in
      func line(_ method: String, _ path: String, _ end: String = "") -> String {
        "\(method) /api/v1/\(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(text)\r\n\(end)\r\n"
      }
      let answer = try asker.raw(
        Array(
          (line("GET", "leases") + line("HEAD", "leases") + line("DELETE", "leases")
            + line("GET", "leases", "Accept: text/html\r\n")
            + line("GET", "leases", "Connection: close\r\n")).utf8))
      let statuses = answer.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) }
      #expect(statuses == ["200", "200", "405", "406", "200"])
      #expect(answer.contains("Allow: GET, HEAD\r\n"))
      #expect(answer.components(separatedBy: "\r\n\r\n[]").count == 3)
      #expect(!answer.contains("Access-Control"))
    }
  }

  @Test func wrongTokensRunOutAndARightOneDoesNot() throws {
    let bench = try APIBench()
    try bench.add("reader", .reader)
    try bench.run { asker in
      var statuses: [Int] = []
      for _ in 0..<14 { statuses.append(try asker.ask("nobody", "GET", "status").status) }
      #expect(statuses.prefix(10).allSatisfy { $0 == 401 })
      let last = try asker.ask("nobody", "GET", "status")
      #expect(statuses.last == 429 && last.status == 429)
      #expect(last.fields["retry-after"].flatMap { Int($0) } ?? 0 > 0)
      #expect(try asker.ask("reader", "GET", "status").status == 200)
    }
  }

  @Test func eventsGoOnWhereTheyWereLeft() throws {
    let bench = try APIBench()
    try bench.run { asker in
      let list = try asker.ask("control", "GET", "events")
      #expect(list.json["gap"] as? Bool == false)
      let items = try #require(list.json["items"] as? [[String: Any]])
      #expect(items.first?["event"] as? String == "appliance.started")
      let next = try #require(list.json["next"] as? Int)
      _ = try asker.ask("control", "POST", "reload")
      func follow(_ id: UInt64) throws -> [String] {
        var lines: [String] = []
        try asker.client("control").follow(
          APIQuestion(
            "GET", ["events"],
            fields: [("Accept", "text/event-stream"), ("Last-Event-ID", "\(id)")])
        ) { line in
          lines.append(line)
          return lines.count(where: { $0.isEmpty }) < 2
        }
        return lines
      }
      let lines = try follow(UInt64(next))
      #expect(lines.first == "id: \(next + 1)")
      #expect(lines.contains("event: configuration.loaded"))
      #expect(lines.contains("event: api.used"))
      // What is kept no longer, and what never was.
      #expect(try follow(5).first == "event: gap")
      for id in [1 << 60, UInt64.max >> 1, 1 << 63, .max - 1, .max] {
        #expect(try follow(id).first == "event: gap")
      }
      let gap = try asker.ask("control", "GET", "events", query: [("since", "5")])
      #expect(gap.json["gap"] as? Bool == true)
    }
  }
}
