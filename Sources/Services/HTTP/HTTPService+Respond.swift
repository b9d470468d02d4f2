import Boot
import Bytes
import Network
import Wire

/// What the driver found behind a resource.
package enum HTTPContent: Sendable {
  case file(byteCount: Int, modified: UnixTime)
  /// Text rendered for who asked, which nobody may keep.
  case rendered([UInt8])
}

extension HTTPService {
  /// Takes the driver's word on what the resource of `openResource` holds.
  package func opened(
    _ content: HTTPContent, on connection: inout HTTPConnection, at now: Instant,
    into actions: inout Actions
  ) {
    guard connection.phase == .opening, let exchange = connection.exchange else { return }
    switch content {
    case .file(let byteCount, let modified):
      let tag = HTTPEntityTag(modified: modified, size: UInt64(byteCount))
      respondFile(tag, exchange, &connection, into: &actions)
    case .rendered(let text):
      var head = HTTPResponseHead(
        .ok, contentLength: UInt64(text.count), keepsAlive: exchange.keepsAlive)
      head.contentType = .plainText
      let start = actions.writer.count
      head.encode(date: date, into: &actions.writer)
      if exchange.method != .head { actions.writer.write(text) }
      actions.append(.respond(connection.id, actions.written(since: start)))
      end(exchange.keepsAlive, &connection, into: &actions)
    }
  }

  /// Takes the driver's word that there is no such resource. Firmware asks for what is not there
  /// all the time, so the connection stays.
  package func missing(
    on connection: inout HTTPConnection, at now: Instant, into actions: inout Actions
  ) {
    guard connection.phase == .opening, let exchange = connection.exchange else { return }
    refuse(
      .notFound, exchange.name, method: exchange.method, keepsAlive: exchange.keepsAlive,
      &connection, into: &actions)
  }

  /// Takes the driver's word that the resource cannot be opened now, as without free descriptors.
  package func unavailable(
    on connection: inout HTTPConnection, at now: Instant, into actions: inout Actions
  ) {
    guard connection.phase == .opening, let exchange = connection.exchange else { return }
    refuse(
      .unavailable, exchange.name, method: exchange.method, keepsAlive: exchange.keepsAlive,
      &connection, into: &actions)
  }

  /// Takes the driver's word on what became of the report of `takeReport`.
  package func reported(
    _ answer: ReportAnswer, on connection: inout HTTPConnection, at now: Instant,
    into actions: inout Actions
  ) {
    guard connection.phase == .opening, let exchange = connection.exchange else { return }
    switch answer {
    case .taken: respond(.ok, "", exchange.keepsAlive, exchange.method, &connection, into: &actions)
    case .unknown:
      refuse(.notFound, exchange.name, keepsAlive: exchange.keepsAlive, &connection, into: &actions)
    case .malformed:
      refuse(
        .badRequest, exchange.name, keepsAlive: exchange.keepsAlive, &connection, into: &actions)
    }
  }

  /// Takes the driver's word that the file of `respondFile` has left whole.
  package func sent(
    on connection: inout HTTPConnection, at now: Instant, into actions: inout Actions
  ) {
    guard connection.phase == .sending, let exchange = connection.exchange else { return }
    let fact = Fact.fileServed(
      name: exchange.name, byteCount: exchange.byteCount, now - exchange.started)
    actions.record(Event(fact, address: connection.client))
    connection.exchange = nil
    connection.phase = exchange.keepsAlive ? .head : .closing
  }

  /// Takes the driver's word that the connection is gone, and how many bytes of a file that was
  /// being sent had not left.
  package func closed(
    _ connection: inout HTTPConnection, unsentByteCount: Int, into actions: inout Actions
  ) {
    if connection.phase == .sending, let exchange = connection.exchange {
      let fact = Fact.fileCut(
        name: exchange.name, byteCount: max(0, exchange.byteCount - unsentByteCount),
        of: exchange.byteCount)
      actions.record(Event(fact, address: connection.client))
    }
    connection.exchange = nil
    connection.phase = .closing
  }

  private func respondFile(
    _ tag: HTTPEntityTag, _ exchange: HTTPExchange, _ connection: inout HTTPConnection,
    into actions: inout Actions
  ) {
    var head = HTTPResponseHead(.ok, contentLength: tag.size, keepsAlive: exchange.keepsAlive)
    head.entityTag = tag
    var offset: UInt64 = 0
    if exchange.hasCopy(of: tag) {
      head.status = .notModified
      head.contentLength = 0
    } else {
      head.contentType = HTTPContentType(forName: exchange.name)
      switch exchange.selection(of: tag) {
      case .whole: break
      case .part(let start, let count):
        head.status = .partialContent
        head.contentLength = count
        head.part = (offset: start, count: count)
        offset = start
      case .unsatisfiable:
        head.status = .rangeNotSatisfiable
        head.contentType = nil
        head.contentLength = 0
      }
    }
    let start = actions.writer.count
    head.encode(date: date, into: &actions.writer)
    actions.append(.respond(connection.id, actions.written(since: start)))
    guard exchange.method == .get, head.contentLength > 0 else {
      return end(exchange.keepsAlive, &connection, into: &actions)
    }
    actions.append(
      .respondFile(connection.id, offset: Int(offset), count: Int(head.contentLength)))
    connection.exchange?.byteCount = Int(head.contentLength)
    connection.phase = .sending
    if !exchange.keepsAlive { actions.append(.close(connection.id)) }
  }

  /// Answers with a status and its reason as text.
  func refuse(
    _ status: HTTPStatus, _ name: String, method: HTTPMethod = .get, keepsAlive: Bool,
    allowsPost: Bool = false, _ connection: inout HTTPConnection, into actions: inout Actions
  ) {
    let fact =
      status == .notFound
      ? Fact.fileMissing(.http, name: name)
      : Fact.requestDenied(name: name, status: Int(status.rawValue))
    actions.record(Event(fact, address: connection.client))
    respond(
      status, status.reason, keepsAlive, method, allowsPost: allowsPost, &connection,
      into: &actions)
  }

  func respond(
    _ status: HTTPStatus, _ text: String, _ keepsAlive: Bool, _ method: HTTPMethod,
    allowsPost: Bool = false, _ connection: inout HTTPConnection, into actions: inout Actions
  ) {
    let count = text.isEmpty ? 0 : text.utf8.count + 1
    var head = HTTPResponseHead(status, contentLength: UInt64(count), keepsAlive: keepsAlive)
    head.contentType = count > 0 ? .plainText : nil
    if allowsPost { head.allow = "POST" }
    let start = actions.writer.count
    head.encode(date: date, into: &actions.writer)
    if method != .head, count > 0 {
      actions.writer.write(text)
      actions.writer.write("\n")
    }
    actions.append(.respond(connection.id, actions.written(since: start)))
    end(keepsAlive, &connection, into: &actions)
  }

  /// Awaits the next request, or closes once the output has left.
  private func end(
    _ keepsAlive: Bool, _ connection: inout HTTPConnection, into actions: inout Actions
  ) {
    connection.exchange = nil
    connection.phase = keepsAlive ? .head : .closing
    if !keepsAlive { actions.append(.close(connection.id)) }
  }
}
