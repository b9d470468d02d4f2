import Boot
import Bytes
import Network
import Wire

/// Serves files and rendered texts by HTTP/1.1, and takes machines' reports (RFC 9110, 9112).
///
/// A value: it knows neither sockets nor files. For a request it emits `openResource`, and the
/// driver answers with ``opened(_:on:at:into:)`` or ``missing(on:at:into:)`` at once.
package struct HTTPService: Sendable {
  package let limits: HTTPServiceLimits
  /// The time as ``HTTPDate`` writes it, for the heads of responses; the driver renews it each
  /// second, or leaves it empty on a box whose clock is wrong.
  package var date: [UInt8] = []
  private var routes = HTTPRoutes()

  package init(limits: HTTPServiceLimits = HTTPServiceLimits()) { self.limits = limits }

  /// Takes bytes of a connection, and returns how many: the rest is to be handed again with what
  /// follows. One request is taken at a time, so pipelined ones wait for their turn; 0 means that
  /// more bytes are needed, or that the response must leave first.
  package mutating func receive(
    _ bytes: RawSpan, on connection: inout HTTPConnection, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) -> Int {
    // A driver hands bytes only when the output has left.
    if connection.phase == .sending { sent(on: &connection, at: now, into: &actions) }
    switch connection.phase {
    case .opening: return 0
    case .sending, .closing: return bytes.byteCount
    case .body(let remaining):
      let count = min(remaining, bytes.byteCount)
      if connection.exchange?.isReport == true {
        for index in 0..<count { connection.body.append(bytes.octet(at: index)) }
      }
      connection.phase = .body(remaining: remaining - count)
      if count == remaining { proceed(&connection, into: &actions) }
      return count
    case .head: return receiveHead(bytes, &connection, catalog, at: now, into: &actions)
    }
  }

  private mutating func receiveHead(
    _ bytes: RawSpan, _ connection: inout HTTPConnection, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) -> Int {
    do throws(HTTPRefusal) {
      guard let count = try connection.scanner.scan(bytes, limits: limits.head) else { return 0 }
      connection.scanner = HTTPHeadScanner()
      let head = try HTTPRequestHead(
        checking: bytes.extracting(0..<count), limits: limits.head)
      take(head, &connection, catalog, at: now, into: &actions)
      return count
    } catch {
      let fact = Fact.packetMalformed(.http, reason: error.malformed.description)
      actions.record(Event(fact, address: connection.client))
      refuse(error.status, "", keepsAlive: false, &connection, into: &actions)
      return bytes.byteCount
    }
  }

  private mutating func take(
    _ head: borrowing HTTPRequestHead, _ connection: inout HTTPConnection, _ catalog: Catalog,
    at now: Instant, into actions: inout Actions
  ) {
    // What follows an answer that came before the body cannot be told from the next request.
    let keepsAlive = head.keepsAlive && head.contentLength == 0
    guard head.contentLength <= UInt64(limits.bodyByteCount) else {
      return refuse(.contentTooLarge, "", keepsAlive: false, &connection, into: &actions)
    }
    guard let route = routes.route(path: head.path, query: head.query) else {
      // Cut behind the mask: half a token would be taken for none.
      let name = String(
        BootToken.masked(String(decoding: head.path.octets(), as: UTF8.self))
          .unicodeScalars.prefix(128))
      return refuse(
        .notFound, name, method: head.method, keepsAlive: keepsAlive, &connection, into: &actions)
    }
    let exchange = HTTPExchange(head, route, at: now)
    guard exchange.isMethodAllowed else {
      return refuse(
        .methodNotAllowed, route.name, method: head.method, keepsAlive: keepsAlive,
        allowsPost: exchange.isOfReport, &connection, into: &actions)
    }
    guard head.method != .post || head.hasContentLength else {
      return refuse(.lengthRequired, route.name, keepsAlive: false, &connection, into: &actions)
    }
    connection.exchange = exchange
    guard head.contentLength > 0 else {
      return proceed(&connection, into: &actions)
    }
    connection.phase = .body(remaining: Int(head.contentLength))
    guard head.expectsContinue else { return }
    let start = actions.writer.count
    actions.writer.write(HTTPResponseHead.continuation)
    actions.append(.respond(connection.id, actions.written(since: start)))
  }

  /// Answers a request that is whole.
  private func proceed(
    _ connection: inout HTTPConnection, into actions: inout Actions
  ) {
    guard let exchange = connection.exchange else { return }
    connection.phase = .opening
    guard case .report(let bearer) = exchange.resource else {
      return actions.append(.openResource(connection.id, exchange.resource))
    }
    let start = actions.writer.count
    actions.writer.write(connection.body)
    connection.body = []
    actions.append(.takeReport(connection.id, bearer, actions.written(since: start)))
  }
}

extension HTTPExchange {
  var isOfReport: Bool {
    if case .report = resource { return true }
    return false
  }

  /// Whether the body is kept.
  var isReport: Bool { method == .post && isOfReport }

  var isMethodAllowed: Bool {
    switch method {
    case .get, .head: !isOfReport
    case .post: isOfReport
    case .put, .delete, .other: false
    }
  }
}
