import Boot
import Bytes
import Network
import Services
import Wire

/// An HTTP service with one connection and a driver that holds files in memory.
struct HTTPBench {
  var service = HTTPService()
  var dhcp = DHCPService()
  var connection = HTTPConnection(id: ConnectionID(1), client: IPv4Address(10, 77, 1, 9))
  var actions = Actions()
  var now = Instant.start
  var catalog = Catalog()
  var files: [String: [UInt8]] = [:]
  var facts: [Fact] = []
  var resources: [Resource] = []
  /// All that was sent on the connection.
  var output: [UInt8] = []
  var isClosed = false
  /// Whether a file's bytes leave at once; otherwise the test calls ``drain()``.
  var drainsAtOnce = true

  static let modified = UnixTime(seconds: 784_111_777)

  /// Hands over what the client sends, as the event loop does: what is not taken comes again.
  mutating func send(_ bytes: [UInt8]) {
    pending += bytes
    var taken = 1
    while taken > 0, !pending.isEmpty, !isClosed {
      actions.clear()
      let bytes = pending
      taken = service.receive(
        bytes.rawSpan, on: &connection, catalog, at: now, into: &actions)
      perform()
      pending.removeFirst(taken)
    }
  }

  mutating func send(_ text: String) { send(Array(text.utf8)) }

  /// Sends a GET with these further field lines, and gives the response.
  mutating func get(_ target: String, _ fields: String..., method: String = "GET") -> Response {
    output = []
    let lines = (["\(method) \(target) HTTP/1.1", "Host: a"] + fields).joined(separator: "\r\n")
    send(lines + "\r\n\r\n")
    return Response(output)
  }

  /// Bytes that the service has not taken.
  private(set) var pending: [UInt8] = []

  mutating func drain() {
    actions.clear()
    service.sent(on: &connection, at: now, into: &actions)
    perform()
  }

  private mutating func perform() {
    var opened: Resource?
    var report: (Resource.Bearer, [UInt8])?
    var file: [UInt8] = []
    var isFileSent = false
    for action in actions.list {
      switch action {
      case .openResource(_, let resource): opened = resource
      case .takeReport(_, let bearer, let part): report = (bearer, Array(actions.octets(part)))
      case .respond(_, let part): output += actions.octets(part)
      case .respondFile(_, let offset, let count):
        file = current
        output += file[offset..<offset + count]
        isFileSent = true
      case .close: isClosed = true
      case .record(let event): facts.append(event.fact)
      default: break
      }
    }
    if isFileSent, drainsAtOnce { drain() }
    if let (bearer, body) = report { take(body, by: bearer) }
    guard let opened else { return }
    resources.append(opened)
    actions.clear()
    switch opened {
    case .file(_, let path), .menu(_, _, let path):
      if let content = files[path.description] {
        current = content
        service.opened(
          .file(byteCount: content.count, modified: Self.modified), on: &connection, at: now,
          into: &actions)
      } else {
        service.missing(on: &connection, at: now, into: &actions)
      }
    case .script, .subScript, .answer, .hooks:
      service.opened(
        .rendered(Array("#!ipxe\n".utf8)), on: &connection, at: now, into: &actions)
    case .report: service.missing(on: &connection, at: now, into: &actions)
    }
    perform()
  }

  private mutating func take(_ body: [UInt8], by bearer: Resource.Bearer) {
    let arrival = Arrival(
      source: Endpoint(connection.client, 4711),
      destination: Endpoint(IPv4Address(10, 77, 0, 1), 80),
      local: IPv4Address(10, 77, 0, 1), interface: 2)
    let (answer, outcome) = dhcp.report(
      body.rawSpan, by: bearer, for: arrival, catalog, at: now)
    facts += outcome.events.map(\.fact)
    actions.clear()
    service.reported(answer, on: &connection, at: now, into: &actions)
    perform()
  }

  private var current: [UInt8] = []
}

/// A response taken apart.
struct Response: Equatable {
  var status = 0
  var fields: [String: String] = [:]
  var body = ""

  init(_ bytes: [UInt8]) {
    let mark = Array("\r\n\r\n".utf8)
    let starts = bytes.indices.dropLast(3)
    guard let end = starts.first(where: { Array(bytes[$0..<$0 + 4]) == mark }) else { return }
    let lines = bytes[..<end].split(separator: 0x0a).map {
      String(decoding: $0.filter { $0 != 0x0d }, as: UTF8.self)
    }
    status = Int(lines[0].split(separator: " ")[1]) ?? 0
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      fields[String(parts[0])] = parts.count > 1 ? String(parts[1].dropFirst()) : ""
    }
    body = String(decoding: bytes[(end + 4)...], as: UTF8.self)
  }
}
