import Appliance
import Boot
import EventLoop

/// Watches machines until each is installed or is so no longer.
struct InstallWatch {
  private let api: APIOptions
  private var feed: EventFeed
  private var waiting: [String] = []
  /// How many entries of each machine's history were told.
  private var told: [String: Int] = [:]
  private var states: [String: String] = [:]
  private var isGood = true
  private let start = ContinuousClock.now
  private var turn = 0
  /// How often in a row nobody answered.
  private var silence = 0

  init(_ api: APIOptions, from id: String?) {
    self.api = api
    feed = EventFeed(api, since: id)
  }

  mutating func add(_ machine: String) { waiting.append(machine) }

  /// - Returns: Whether all are installed.
  mutating func run() throws -> Bool {
    for machine in waiting { try look(at: machine, first: true) }
    while !waiting.isEmpty {
      showStatus()
      Terminal.pause(milliseconds: Self.pause)
      turn += 1
      guard turn % Self.turnsPerQuestion == 0 else { continue }
      do { try lookAround() } catch let failure as APIFailure {
        // It may be restarting, and machines go on meanwhile.
        silence += 1
        guard silence < Self.silenceMax else { throw Refusal(failure.description) }
      }
    }
    Terminal.clearStatus()
    return isGood
  }

  private mutating func lookAround() throws {
    let changed = Set(try feed.next().events.compactMap { $0["machine"].text })
    silence = 0
    // An expiry or a lost event must not be waited for in vain.
    let looksAtAll = turn % Self.turnsPerRound == 0
    for machine in waiting where looksAtAll || changed.contains(machine) {
      try look(at: machine, first: false)
    }
  }

  private static let pause: UInt32 = 100
  private static let turnsPerQuestion = 10
  private static let turnsPerRound = 100
  /// In questions, a second each.
  private static let silenceMax = 120

  /// Tells what is new in a machine's history.
  private mutating func look(at machine: String, first: Bool) throws {
    let provision = try api.call("GET", ["machines", machine, "provision"]).value()
    let history = provision["history"].items.sorted { Self.time(of: $0) < Self.time(of: $1) }
    if !first {
      for entry in history.dropFirst(told[machine] ?? 0) { try tell(machine, entry) }
    }
    told[machine] = history.count
    let state = provision["state"].text ?? ""
    states[machine] = state
    switch ProvisionState(rawValue: state) {
    case .armed, .installing: return
    case .installed: break
    case .discovered, .approved, .failed, nil: isGood = false
    }
    waiting.removeAll { $0 == machine }
    if history.isEmpty { try tell(machine, provision) }
  }

  /// RFC 3339 times of one writer sort as texts.
  private static func time(of entry: AnswerValue) -> String { entry["time"].text ?? "" }

  private func tell(_ machine: String, _ entry: AnswerValue) throws {
    Terminal.clearStatus()
    let elapsed = Elapsed(since: start).description
    let space = String(repeating: " ", count: max(0, 7 - elapsed.count))
    try StandardOutput.write(
      line: "\(space)\(elapsed)  \(Printable(machine))  \(entry["state"].shown)  "
        + ProvisionText.cause(of: entry))
  }

  private func showStatus() {
    guard Terminal.isError else { return }
    let signs = ["|", "/", "-", "\\"]
    let names = waiting.prefix(3).map { "\(Printable($0)) \(states[$0] ?? "")" }
    let more = waiting.count > 3 ? " and \(waiting.count - 3) more" : ""
    Terminal.show(
      status: "\(signs[turn % signs.count]) \(Elapsed(since: start))  "
        + names.joined(separator: ", ") + more)
  }
}
