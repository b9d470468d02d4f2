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
    let count = http.receive(bytes, on: &port.state, catalog, at: loop.now, into: &actions)
    performAll()
    if !port.state.awaitsBody {
      port.hasAllowedBody = false
    } else if !port.hasAllowedBody {
      port.hasAllowedBody = true
      port.stream.allow(http.limits.bodyDuration)
    }
    return count
  }

  /// Finds the content; the service hears at once how it went.
  func open(_ id: ConnectionID, _ resource: Resource) {
    guard let port = connections[id], let arrival = port.stream.arrival else { return }
    let now = loop.now
    do throws(SystemError) {
      if let content = try content(of: resource, for: arrival, port) {
        http.opened(content, on: &port.state, at: now, into: &followUps)
      } else {
        http.missing(on: &port.state, at: now, into: &followUps)
      }
    } catch {
      record(Event(.actionFailed(reason: "\(error)"), address: arrival.source.address))
      http.unavailable(on: &port.state, at: now, into: &followUps)
    }
    performFollowUps()
    // HEAD, 304 and 416 have a file and send none of it.
    port.flush()
  }

  /// nil when there is no such thing; throws when the world has no room for it now.
  private func content(
    of resource: Resource, for arrival: Arrival, _ port: HTTPPort
  ) throws(SystemError) -> HTTPContent? {
    let found = dhcp.content(
      of: resource, for: arrival, catalog, at: loop.now, reasons: &followUps.reasons)
    switch found {
    case .file(let tree, let path):
      guard let file = try open(tree, path) else { return nil }
      port.file = file
      return .file(byteCount: Int(clamping: file.size), modified: file.modified)
    case .firstFile(let places):
      for place in places {
        guard let file = try open(place.tree, place.path) else { continue }
        port.file = file
        return .file(byteCount: Int(clamping: file.size), modified: file.modified)
      }
      return nil
    case .fileOrText(let tree, let path, let octets, let event):
      guard let file = try open(tree, path) else {
        record(event)
        return .rendered(octets)
      }
      port.file = file
      return .file(byteCount: Int(clamping: file.size), modified: file.modified)
    case .text(let octets, let event):
      record(event)
      return .rendered(octets)
    case .missing: return nil
    }
  }

  func respondFile(_ id: ConnectionID, offset: Int, count: Int, of actions: Actions) {
    guard let port = connections[id] else { return }
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
