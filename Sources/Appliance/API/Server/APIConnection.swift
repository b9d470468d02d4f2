import Boot
import Bytes
import EventLoop
import Network
import Services
import Wire

/// One client's connection: takes its requests one after another, and writes the answers.
final class APIConnection {
  private unowned let stream: StreamConnection
  private unowned let server: APIServer
  private let isControl: Bool
  private let limits = HTTPLimits()
  private var isClosed = false
  /// A request whose body is being received.
  private var pending: Pending?
  private var events: EventStream?

  private struct Pending {
    var route: APIRoute
    var request: APIRequest
    var exchange: Exchange
    var missing: Int
    var hasTime = false
  }

  /// What the answer must know of its request.
  private struct Exchange {
    var isHead = false
    var keepsAlive = false
    /// Whether a body follows that nobody reads.
    var leavesBody = false
  }

  init(_ stream: StreamConnection, _ server: APIServer, isControl: Bool) {
    self.stream = stream
    self.server = server
    self.isControl = isControl
  }

  var address: IPv4Address? { isClosed ? nil : stream.arrival?.source.address }

  /// Takes a head, or what comes of a body; 0 when more of the head must come.
  func receive(_ bytes: RawSpan) -> Int {
    if pending != nil { return takeBody(bytes) }
    do throws(HTTPRefusal) {
      var scanner = HTTPHeadScanner()
      guard let count = try scanner.scan(bytes, limits: limits) else { return 0 }
      begin(try HTTPRequestHead(checking: bytes.extracting(0..<count), limits: limits))
      return count
    } catch {
      // Nobody knows where the next request would begin.
      respond(
        APIResponse(APIRefusal(error.status, error.malformed.description)),
        Exchange(leavesBody: true))
      return bytes.byteCount
    }
  }

  func drained() { events?.pump() }

  func closed() {
    isClosed = true
    if let pending { server.bodyByteCount -= pending.request.body.count }
    pending = nil
    if let events { server.remove(events) }
    events = nil
  }

  // MARK: Requests

  private func begin(_ head: borrowing HTTPRequestHead) {
    var exchange = Exchange(isHead: head.method == .head, keepsAlive: head.keepsAlive)
    do throws(APIRefusal) {
      let (route, request) = try server.admit(head, from: address, isControl: isControl)
      guard head.contentLength > 0 else { return try answer(route, request, exchange) }
      let missing = Int(clamping: head.contentLength)
      pending = Pending(route: route, request: request, exchange: exchange, missing: missing)
      if head.expectsContinue {
        stream.send(Array(HTTPResponseHead.continuation.utf8).rawSpan)
      } else {
        giveTime()
      }
    } catch {
      exchange.leavesBody = head.contentLength > 0
      respond(APIResponse(error), exchange)
    }
  }

  /// A body has a minute, however slowly its bytes trickle in.
  private func giveTime() {
    guard pending?.hasTime == false else { return }
    pending?.hasTime = true
    stream.allow(.seconds(60))
  }

  private func takeBody(_ bytes: RawSpan) -> Int {
    giveTime()
    guard let missing = pending?.missing else { return 0 }
    let count = min(missing, bytes.byteCount)
    guard server.bodyByteCount + count <= APIServer.bodyByteCountMax else {
      return refuseBody(bytes.byteCount)
    }
    pending?.request.body += bytes.extracting(0..<count).octets()
    pending?.missing -= count
    server.bodyByteCount += count
    guard missing == count, let whole = pending else { return count }
    pending = nil
    server.bodyByteCount -= whole.request.body.count
    do throws(APIRefusal) { try answer(whole.route, whole.request, whole.exchange) } catch {
      respond(APIResponse(error), whole.exchange)
    }
    return count
  }

  private func refuseBody(_ count: Int) -> Int {
    guard let refused = pending else { return count }
    server.bodyByteCount -= refused.request.body.count
    pending = nil
    respond(
      APIResponse(.later(.unavailable, 5, "too many large requests come at once")),
      Exchange(leavesBody: true))
    return count
  }

  private func answer(
    _ route: APIRoute, _ request: APIRequest, _ exchange: Exchange
  ) throws(APIRefusal) {
    switch route.answer {
    case .now(let answer): respond(try answer(request), exchange, to: request)
    case .later(let answer):
      stream.hold()
      do throws(APIRefusal) {
        try answer(request) { [self] response in
          respond(response, exchange, to: request)
          guard !isClosed else { return }
          stream.release()
        }
      } catch {
        stream.release()
        throw error
      }
    case .events(let select):
      let selection = try select(request)
      guard request.wantsEventStream else {
        return respond(try server.list(selection), exchange, to: request)
      }
      try follow(selection, request, exchange)
    }
  }

  private func follow(
    _ selection: EventSelection, _ request: APIRequest, _ exchange: Exchange
  ) throws(APIRefusal) {
    let stream = stream
    let followed = EventStream(stream, server, selection, request.principal)
    if !exchange.isHead {
      try server.add(followed)
      events = followed
      stream.hold()
    }
    var head = HTTPResponseHead(.ok, contentLength: 0, keepsAlive: false)
    head.contentType = .eventStream
    head.isEndless = true
    var writer = ByteWriter(reserving: 256)
    head.encode(date: server.appliance.http.date, into: &writer)
    stream.send(writer.bytes.rawSpan)
    if exchange.isHead { stream.closeAfterOutput() } else { followed.pump() }
  }

  // MARK: Answers

  private func respond(
    _ response: APIResponse, _ exchange: Exchange, to request: APIRequest? = nil
  ) {
    if let request { server.noteWrite(request, response.status) }
    guard !isClosed else { return }
    // Kept until we are through: a client that is gone is noticed while we send.
    let stream = stream
    let keepsAlive = exchange.keepsAlive && !exchange.leavesBody
    var head = HTTPResponseHead(
      response.status, contentLength: UInt64(response.body.count), keepsAlive: keepsAlive)
    head.contentType = response.type
    head.allow = response.allow
    head.fields = response.fields
    // What is not answered with 200 says so already.
    if response.status != .ok { head.fields.append(.init("Cache-Control", "no-store")) }
    head.fields.append(.init("X-Content-Type-Options", "nosniff"))
    var writer = ByteWriter(reserving: response.body.count + 512)
    head.encode(date: server.appliance.http.date, into: &writer)
    if !exchange.isHead { writer.write(response.body) }
    stream.send(writer.bytes.rawSpan)
    if !keepsAlive { stream.closeAfterOutput(lingering: exchange.leavesBody) }
  }
}
