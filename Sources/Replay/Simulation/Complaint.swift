import Network

/// A promise that was broken, and when.
package struct Complaint: Hashable, Sendable {
  /// What no history may do.
  package enum Rule: String, CaseIterable, Sendable {
    case oneMachine = "two machines one address"
    case kept = "an acknowledged lease is lost"
    case hold = "hold forgotten"
    case commit = "ack before commit"
    case policy = "answer to an ignored machine"
    case port = "4011 answered to another port"
    case option = "oack twice"
    case stranger = "a stranger's packet moves a transfer"
    case duplicate = "a duplicate ack makes data"
    case content = "bytes served are not the file's"
    case bound = "memory is not bounded"
    case event = "no event"
    case boot = "a permitted machine does not boot"
  }

  package let rule: Rule
  package let time: Instant
  package let text: String
}

extension Complaint: CustomStringConvertible {
  package var description: String { "\(Transcript.seconds(time)) \(rule.rawValue): \(text)" }
}

/// What was found; bounded, because one broken promise is often broken a thousand times.
struct Complaints: Sendable {
  private(set) var list: [Complaint] = []

  private static let limit = 64

  mutating func add(_ rule: Complaint.Rule, at time: Instant, _ text: @autoclosure () -> String) {
    guard list.count < Self.limit else { return }
    list.append(Complaint(rule: rule, time: time, text: text()))
  }
}
