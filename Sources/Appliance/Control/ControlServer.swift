import Boot
import Bytes
import EventLoop
import FoundationEssentials
import Network
import Wire

/// HTTP on the control socket: what the command line asks the running appliance.
///
/// The socket's mode and group decide who may ask; there is no other door to it.
final class ControlServer {
  private let listener: StreamListener
  private unowned let appliance: Appliance
  private let limits = HTTPLimits()

  init(_ appliance: Appliance, path: String) throws(SystemError) {
    self.appliance = appliance
    listener = try StreamListener(loop: appliance.loop, path: path)
    listener.limits.connections = 32
    listener.onConnection = { [unowned self] connection in
      connection.onBytes = { [unowned self, unowned connection] bytes in
        receive(bytes, on: connection)
      }
    }
  }

  func close() { listener.close() }

  /// Answers one request whole, or waits for the rest of its head.
  private func receive(_ bytes: RawSpan, on connection: StreamConnection) -> Int {
    do throws(HTTPRefusal) {
      var scanner = HTTPHeadScanner()
      guard let count = try scanner.scan(bytes, limits: limits) else { return 0 }
      let head = try HTTPRequestHead(checking: bytes.extracting(0..<count), limits: limits)
      guard head.contentLength == 0 else {
        respond(.contentTooLarge, Self.problem("no body is taken here"), on: connection)
        return bytes.byteCount
      }
      let (status, body) = answer(head.method, head.path.octets())
      respond(status, body, on: connection)
      return count
    } catch {
      respond(error.status, Self.problem(error.malformed.description), on: connection)
      return bytes.byteCount
    }
  }

  private func answer(_ method: HTTPMethod, _ path: [UInt8]) -> (HTTPStatus, [UInt8]) {
    guard let parts = BootPath(path)?.components else {
      return (.notFound, Self.problem("no such page"))
    }
    switch (method, parts[0], parts.count) {
    case (.get, "status", 1): return (.ok, Self.json(appliance.status))
    case (.get, "leases", 1): return (.ok, Self.json(appliance.leaseReports))
    case (.get, "timeline", 1): return (.ok, Self.json(appliance.timelineSummaries))
    case (.get, "timeline", 2):
      guard let report = appliance.timelineReport(of: parts[1]) else {
        return (.notFound, Self.problem("no machine \(Escaped(parts[1])) was seen"))
      }
      return (.ok, Self.json(report))
    case (.get, "explain", 2): return explain(parts[1], as: nil)
    case (.get, "explain", 3): return explain(parts[1], as: parts[2])
    case (.post, "leases", 3) where parts[2] == "release": return release(parts[1])
    case (.post, "reload", 1):
      let mistakes = appliance.reload()
      guard let mistakes else { return (.ok, Self.json(appliance.status)) }
      return (.badRequest, Self.problem(mistakes))
    default: return (.notFound, Self.problem("no such page"))
    }
  }

  private func explain(_ machine: String, as kind: String?) -> (HTTPStatus, [UInt8]) {
    guard let explanation = appliance.explanation(of: machine, as: kind) else {
      return (
        .notFound,
        Self.problem(
          "\(Escaped(machine)) was not seen since the start: boot it, or say --config FILE to hear"
            + " what a configuration would tell it")
      )
    }
    return (.ok, Self.json(explanation))
  }

  private func release(_ text: String) -> (HTTPStatus, [UInt8]) {
    guard let address = IPv4Address(text) else {
      return (.badRequest, Self.problem("\(Escaped(text)) is no IPv4 address"))
    }
    guard appliance.release(address) else {
      return (.notFound, Self.problem("\(address) is not leased"))
    }
    return (.ok, Self.json(appliance.leaseReports))
  }

  private func respond(
    _ status: HTTPStatus, _ body: [UInt8], on connection: StreamConnection
  ) {
    var head = HTTPResponseHead(
      status, contentLength: UInt64(body.count), keepsAlive: false)
    head.contentType = .json
    var writer = ByteWriter(reserving: body.count + 256)
    head.encode(date: [], into: &writer)
    writer.write(body)
    connection.send(writer.bytes.rawSpan)
    connection.closeAfterOutput()
  }

  private static func json(_ report: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(report) else { return problem("not to be written") }
    return Array(data)
  }

  private static func problem(_ title: String) -> [UInt8] {
    Array("{\"title\":\(JSONText(title))}".utf8)
  }
}
