import Appliance
import EventLoop
import YAML

/// Events as they happen, by server-sent events; a connection that ends is made again, and goes on
/// after the last event that came.
struct EventStream {
  private let api: APIOptions
  private let machine: String?
  private var last: String?
  private var isFresh = false

  init(_ api: APIOptions, since id: String?, machine: String?) {
    self.api = api
    self.machine = machine
    last = id
  }

  /// Gives each event to `take`; ends only by throwing.
  mutating func follow(_ take: (AnswerValue) throws -> Void) throws {
    var failures = 0
    while true {
      do {
        try read(take)
        failures = 0
      } catch let failure as APIFailure {
        // The appliance may be restarting.
        failures = isFresh ? 1 : failures + 1
        guard failures <= Self.failureMax else { throw Refusal(failure.description) }
      }
      isFresh = false
      Terminal.pause(milliseconds: 1000)
    }
  }

  private static let failureMax = 30

  private mutating func read(_ take: (AnswerValue) throws -> Void) throws {
    var question = APIQuestion("GET", ["events"])
    if let machine { question.query.append((name: "machine", value: machine)) }
    question.fields.append((name: "Accept", value: "text/event-stream"))
    if let last { question.fields.append((name: "Last-Event-ID", value: last)) }
    var message = ServerSentEvent()
    let answer = try api.client().follow(question) { line in
      isFresh = true
      guard let event = message.take(line) else { return true }
      guard event.name != "gap" else {
        EventGap.tell()
        return true
      }
      if let id = event.id { last = id }
      let document = Document(parsingJSON: Array(event.data.utf8))
      if document.mistakes.isEmpty, document.root != nil { try take(AnswerValue(document.root)) }
      return true
    }
    if answer.isRefusal { throw Problem(answer).refusal }
  }
}

/// Puts the lines of one event together (HTML Living Standard §9.2.6).
struct ServerSentEvent {
  private var id: String?
  private var name = ""
  private var data: [String] = []

  /// The event when `line` ends it.
  mutating func take(_ line: String) -> (id: String?, name: String, data: String)? {
    var line = line[...]
    if line.last == "\r" { line.removeLast() }
    guard !line.isEmpty else {
      defer { (name, data) = ("", []) }
      return data.isEmpty ? nil : (id, name, data.joined(separator: "\n"))
    }
    guard let colon = line.firstIndex(of: ":") else { return nil }
    var value = line[line.index(after: colon)...]
    if value.first == " " { value.removeFirst() }
    switch line[..<colon] {
    case "id": id = String(value)
    case "event": name = String(value)
    case "data": data.append(String(value))
    // A line that begins with a colon is there to keep the connection open.
    case _: break
    }
    return nil
  }
}
