import Boot
import Bytes
import EventLoop

/// Server-sent events to one client (HTML §9.2): it has no queue, only its place in the ring.
///
/// What the client has not taken is not written, so that a slow one costs nothing; who is so slow
/// that the ring has gone round hears of the gap, and who takes nothing at all is closed.
final class EventStream {
  let principal: Principal
  /// Gone once it is closed.
  private weak var connection: StreamConnection?
  private unowned let server: APIServer
  private let selection: EventSelection
  /// The number of the next that is to be sent.
  private var next: UInt64
  private var mustTellGap: Bool

  /// The most that is written at once, in bytes.
  private static let pieceMax = 64 << 10

  init(
    _ stream: StreamConnection, _ server: APIServer, _ selection: EventSelection,
    _ principal: Principal
  ) {
    connection = stream
    self.server = server
    self.selection = selection
    self.principal = principal
    let isKnown = server.isKnown(selection.since)
    mustTellGap = !isKnown
    // Any number is somebody's to send: only a known one has a successor.
    guard isKnown else {
      next = server.events.oldest
      return
    }
    let after = selection.since.map { $0 == 0 ? server.events.oldest : $0 + 1 }
    next = max(after ?? server.events.next, server.events.oldest)
  }

  /// Sends what there is, a piece at a time; the rest when that has left.
  func pump() {
    guard let stream = connection else { return }
    while !stream.isClosed, !stream.hasOutput, next < server.events.next || mustTellGap {
      if next < server.events.oldest {
        next = server.events.oldest
        mustTellGap = true
      }
      var text = ""
      if mustTellGap {
        text += "event: gap\ndata: {\"oldest\":\(server.events.oldest)}\n\n"
        mustTellGap = false
      }
      while next < server.events.next, text.utf8.count < Self.pieceMax {
        if let report = server.report(next, selection) { text += Self.text(report) }
        next += 1
      }
      guard !text.isEmpty else { return }
      stream.send(Array(text.utf8).rawSpan)
    }
  }

  func keepAlive() {
    guard let stream = connection, !stream.isClosed, !stream.hasOutput else { return }
    stream.send(Array(": \n\n".utf8).rawSpan)
  }

  func close() {
    connection?.close()
  }

  private static func text(_ report: EventReport) -> String {
    // JSON holds no line end.
    let octets = (try? APIResponse.octets(of: report)) ?? []
    let data = String(decoding: octets, as: UTF8.self)
    return "id: \(report.id)\nevent: \(report.event)\ndata: \(data)\n\n"
  }
}
