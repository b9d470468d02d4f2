import Network

/// Keeps one machine, or one flood of broken packets, from filling the log: so many lines in ten
/// seconds, then a count of what was left out.
struct LogBudget {
  enum Verdict: Equatable {
    case write
    /// The first line over the budget: say so once.
    case writeAndAnnounce
    case suppress
  }

  private var counts: [MACAddress: Int] = [:]
  private var windowEnd = Instant.start
  /// Lines left out in the window that ended last and not yet told.
  private(set) var suppressed = 0

  static let window = Duration.seconds(10)
  static let linesPerMachine = 100
  static let machineLimit = 4096

  /// - Parameter machine: nil for events that are of no known machine; they share one budget.
  mutating func spend(_ machine: MACAddress?, at now: Instant) -> Verdict {
    if now >= windowEnd {
      counts.removeAll(keepingCapacity: true)
      windowEnd = now + Self.window
    }
    let key = machine ?? .zero
    guard counts.count < Self.machineLimit || counts[key] != nil else {
      suppressed += 1
      return .suppress
    }
    counts[key, default: 0] += 1
    let count = counts[key, default: 0]
    if count < Self.linesPerMachine { return .write }
    if count == Self.linesPerMachine { return .writeAndAnnounce }
    suppressed += 1
    return .suppress
  }
}
