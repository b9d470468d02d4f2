import Boot
import Bytes
import EventLoop
import Network
import Services
import Wire

// HTTP's side of performing actions: a stream, and a file while it is sent.
extension Appliance {
  func accept(_ stream: StreamConnection) {
    guard let arrival = stream.arrival else { return stream.close() }
    connectionSerial += 1
    let id = ConnectionID(connectionSerial)
    let port = HTTPPort(
      stream: stream, state: HTTPConnection(id: id, client: arrival.source.address))
    connections[id] = port
    stream.onBytes = { [unowned self, unowned port] bytes in receive(bytes, on: port) }
    stream.onDrained = { [unowned self, unowned port] in finishFile(on: port) }
    stream.onClosed = { [unowned self, unowned port] ending in
      if case .insecure(let reason) = ending {
        record(Event(.handshakeFailed(reason: reason), address: arrival.source.address))
      }
      close(port)
    }
  }

  private func receive(_ bytes: RawSpan, on port: HTTPPort) -> Int {
    let isBody = port.state.awaitsBody
    let count = http.receive(bytes, on: &port.state, catalog, at: loop.now, into: &actions)
    note(count, of: bytes, isBody: isBody, on: port)
    performAll()
    if !port.state.awaitsBody {
      port.hasAllowedBody = false
    } else if !port.hasAllowedBody {
      port.hasAllowedBody = true
      port.stream.allow(http.limits.bodyDuration)
    }
    return count
  }

  /// Finds the content; the service hears how it went at once, or when what the content promises is
  /// durable.
  func open(_ id: ConnectionID, _ resource: Resource) {
    guard let port = connections[id], let arrival = port.stream.arrival else { return }
    do throws(SystemError) {
      let found = dhcp.content(
        of: resource, for: arrival, catalog, at: loop.now, isPeek: port.state.isPeek,
        dice: Self.rollDice, reasons: &followUps.reasons)
      try take(found, for: arrival, port)
    } catch {
      record(Event(.actionFailed(reason: "\(error)"), address: arrival.source.address))
      http.unavailable(on: &port.state, at: loop.now, into: &followUps)
    }
    performFollowUps()
    // HEAD, 304 and 416 have a file and send none of it.
    port.flush()
  }

  /// - Throws: When the world has no room for it now.
  private func take(
    _ content: Content, for arrival: Arrival, _ port: HTTPPort
  ) throws(SystemError) {
    switch content {
    case .file(let tree, let path): try serve([(tree, path)], port)
    case .firstFile(let places): try serve(places.map { ($0.tree, $0.path) }, port)
    case .fileOrMenu(let tree, let path, let menu):
      if let file = try open(tree, path) { return serve(file, port) }
      let made = dhcp.content(
        of: menu, for: arrival, catalog, at: loop.now, isPeek: port.state.isPeek,
        dice: Self.rollDice, reasons: &followUps.reasons)
      try take(made, for: arrival, port)
    case .text(let text): serve(text, port)
    case .refused(let event):
      record(event)
      http.missing(on: &port.state, at: loop.now, into: &followUps)
    case .missing: http.missing(on: &port.state, at: loop.now, into: &followUps)
    }
  }

  private func serve(
    _ places: [(Resource.Tree, BootPath)], _ port: HTTPPort
  ) throws(SystemError) {
    for (tree, path) in places {
      if let file = try open(tree, path) { return serve(file, port) }
    }
    http.missing(on: &port.state, at: loop.now, into: &followUps)
  }

  private func serve(_ file: File, _ port: HTTPPort) {
    port.file = file
    http.opened(
      .file(byteCount: Int(clamping: file.size), modified: file.modified), on: &port.state,
      at: loop.now, into: &followUps)
  }

  private func serve(_ text: RenderedText, _ port: HTTPPort) {
    settle(text.outcome, for: port) { [unowned self] port, isKept in
      guard isKept else { return http.unavailable(on: &port.state, at: loop.now, into: &followUps) }
      record(text)
      port.flow?.keepsBody = keepsBody(of: text)
      http.opened(.rendered(text.octets), on: &port.state, at: loop.now, into: &followUps)
    }
  }

  /// Takes a report, and answers when what follows from it is durable.
  func takeReport(
    _ id: ConnectionID, _ bearer: Resource.Bearer, _ body: Actions.Bytes, of actions: Actions
  ) {
    guard let port = connections[id], let arrival = port.stream.arrival else { return }
    let octets = Array(actions.octets(body))
    let (answer, outcome) = dhcp.report(
      octets.rawSpan, by: bearer, for: arrival, catalog, at: loop.now)
    settle(outcome, for: port) { [unowned self] port, isKept in
      guard isKept else { return http.unavailable(on: &port.state, at: loop.now, into: &followUps) }
      http.reported(answer, on: &port.state, at: loop.now, into: &followUps)
    }
    performFollowUps()
  }

  /// Answers when the outcome's changes are durable. Until then the connection takes no further
  /// request, and it may be gone by then.
  private func settle(
    _ outcome: ProvisionOutcome, for port: HTTPPort, _ answer: @escaping (HTTPPort, Bool) -> Void
  ) {
    guard !outcome.isEmpty else { return answer(port, true) }
    let id = port.state.id
    var isLater = false
    take(outcome) { [unowned self] isKept in
      guard let port = connections[id] else { return }
      answer(port, isKept)
      guard isLater else { return }
      performFollowUps()
      port.stream.release()
    }
    guard port.state.awaitsDriver else { return }
    isLater = true
    port.stream.hold()
  }

  func respondFile(_ id: ConnectionID, offset: Int, count: Int, of actions: Actions) {
    guard let port = connections[id] else { return }
    recorder.mutate { port.flow?.saidFile(count, into: &$0, at: loop.now) }
    port.flush(offset: offset, count: count)
    if !port.stream.hasOutput, !port.stream.isClosed { finishFile(on: port) }
  }

  /// The file has left whole.
  private func finishFile(on port: HTTPPort) {
    http.sent(on: &port.state, at: loop.now, into: &followUps)
    performFollowUps()
  }

  private func close(_ port: HTTPPort) {
    connections[port.state.id] = nil
    recorder.mutate {
      port.flow?.ended(
        unsent: Int(clamping: port.stream.unsentByteCount), into: &$0, at: loop.now)
    }
    http.closed(
      &port.state, unsentByteCount: Int(clamping: port.stream.unsentByteCount),
      into: &followUps)
    performFollowUps()
  }

  /// The time for the heads of responses.
  func renewDate() {
    var writer = ByteWriter()
    HTTPDate(loop.wallClock).encode(into: &writer)
    http.date = writer.bytes
  }
}
