import Boot
import Network
import Testing
import Wire

@testable import Appliance

@Suite("Routing and what events are kept") struct RoutingTests {
  private static func route(_ method: HTTPMethod, _ path: String) -> APIRoute {
    APIRoute(
      method: method, path: path, role: .reader, summary: path, response: .json([:]),
      answer: .now { _ in APIResponse() })
  }

  private static var router: APIRouter {
    APIRouter([
      route(.get, "/machines"), route(.get, "/machines/{name}"), route(.put, "/machines/{name}"),
      route(.get, "/machines/all"), route(.post, "/leases/{address}/release"),
    ])
  }

  private static func found(_ method: HTTPMethod, _ path: String) throws -> APIRouter.Match {
    try router.match(method, path.split(separator: "/").map(String.init))
  }

  @Test func aPathLeadsToItsRouteWithItsOpenParts() throws {
    #expect(try Self.found(.get, "machines").route.path == "/machines")
    let one = try Self.found(.put, "machines/rack3")
    #expect(one.route.method == .put && one.parameters == ["name": "rack3"])
    #expect(try Self.found(.get, "machines/all").route.path == "/machines/all")
    let release = try Self.found(.post, "leases/10.0.0.1/release")
    #expect(release.parameters == ["address": "10.0.0.1"])
    // HEAD is GET without its body.
    #expect(try Self.found(.head, "machines").route.method == .get)
  }

  static let refused: [(HTTPMethod, String, HTTPStatus, String)] = [
    (.get, "", .notFound, ""), (.get, "machine", .notFound, ""),
    (.get, "machines/a/b", .notFound, ""), (.post, "machines", .methodNotAllowed, "GET, HEAD"),
    (.delete, "machines/a", .methodNotAllowed, "GET, HEAD, PUT"),
    (.other, "machines/a", .methodNotAllowed, "GET, HEAD, PUT"),
    (.get, "leases/10.0.0.1/release", .methodNotAllowed, "POST"),
  ]

  @Test(arguments: refused)
  func whatIsNotThereIs404AndAnotherMethod405(
    _ method: HTTPMethod, _ path: String, _ status: HTTPStatus, _ allow: String
  ) throws {
    let error = #expect(throws: APIRefusal.self) { try Self.found(method, path) }
    #expect(error?.status == status && error?.allow == allow)
  }

  static let accepts: [(String, json: Bool, stream: Bool)] = [
    ("", true, false), ("*/*", true, false), ("application/json", true, false),
    ("application/*;q=0.5", true, false), ("text/html", false, false),
    ("text/html, */*;q=0.1", true, false), ("application/json;q=0", false, false),
    ("*/*, application/json;q=0.0", false, false), ("text/event-stream", false, true),
    ("APPLICATION/JSON", true, false), ("text/event-stream, application/json", true, true),
    (";;,,", true, false),
  ]

  @Test(arguments: accepts)
  func whatIsAcceptedDecidesTheForm(_ field: String, _ json: Bool, _ stream: Bool) {
    let ranges = MediaRanges(field.isEmpty ? [] : [Array(field.utf8)])
    #expect(ranges.takes(.json) == json)
    #expect(ranges.namesEventStream == stream)
  }

  @Test func percentSignsAreReadAndWritten() {
    for text in ["", "rack3-07", "a/b c%", "Ä", "\u{0}", "52:54:00:00:00:01"] {
      let escaped = PercentText.escaped(text)
      #expect(escaped.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f })
      #expect(PercentText.octets(Array(escaped.utf8)) == Array(text.utf8))
    }
    for odd in ["%", "%1", "%zz", "a%2", "%%%"] {
      #expect(PercentText.octets(Array(odd.utf8)) == nil)
    }
  }

  @Test func theRingKeepsTheLastEventsByTheirNumbers() throws {
    for (limit, count) in [(4, 0), (4, 3), (4, 4), (4, 5), (4, 11), (7, 30)] {
      var ring = EventRing(start: UnixTime(seconds: 1_000), limit: limit)
      let first = ring.next
      #expect(first == 1_000_000_000)
      for number in 0..<count {
        ring.append(
          Event(.configurationLoaded(generation: UInt64(number))), at: UnixTime(seconds: 0))
      }
      #expect(ring.next == first + UInt64(count))
      #expect(ring.next - ring.oldest == UInt64(min(count, limit)))
      for number in 0..<count {
        let found = ring[first + UInt64(number)]?.event.fact
        #expect(
          found
            == (number >= count - limit ? .configurationLoaded(generation: UInt64(number)) : nil)
        )
      }
      #expect(ring[ring.next] == nil)
    }
  }

  @Test func aRestartGivesNoNumberTwice() {
    var before = EventRing(start: UnixTime(seconds: 1_000))
    for _ in 0..<50_000 {
      before.append(Event(.applianceStopped), at: UnixTime(seconds: 1_000))
    }
    let after = EventRing(start: UnixTime(seconds: 1_001))
    #expect(after.next > before.next)
  }
}
