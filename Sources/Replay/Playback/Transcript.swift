import Boot
import Network

/// What happened to one machine in a replay, line by line; the same every time.
package struct Transcript: Hashable, Sendable {
  /// What a line is about.
  package enum Sign: String, Sendable {
    /// The machine says.
    case heard = "<-"
    /// We say.
    case said = "->"
    case stored = "#"
    case event = "!"
    /// What the recorded server said otherwise.
    case difference = "~"
    /// What the replay itself does or finds.
    case remark = "*"
  }

  package private(set) var lines: [String] = []

  package init() {}

  package mutating func add(_ sign: Sign, at time: Instant, _ text: String) {
    lines.append("\(Self.seconds(time)) \(sign.rawValue) \(text)")
  }

  package mutating func add(_ event: Event, at time: Instant) {
    let fields = event.fact.fields.map { " \($0.name)=\($0.printed)" }.joined()
    add(.event, at: time, event.fact.name + fields)
  }

  /// As `0.000000`: microseconds, as most captures have them.
  package static func seconds(_ time: Instant) -> String {
    let microseconds = max(0, time.nanoseconds) / 1000
    let fraction = String(microseconds % 1_000_000)
    let whole = String(microseconds / 1_000_000)
    return String(repeating: " ", count: max(0, 4 - whole.utf8.count)) + whole + "."
      + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
  }
}
