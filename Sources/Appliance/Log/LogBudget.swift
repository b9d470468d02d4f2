import Network

/// Keeps one machine, or one flood of broken packets, from filling the log: so many lines in ten
/// seconds, and when they are over how many were left out.
struct LogBudget {
  enum Verdict: Equatable {
    case write
    /// The first line over the budget: say so once.
    case writeAndAnnounce
    case suppress
  }

  private var counts: [MACAddress: Int] = [:]
  private var windowEnd = Instant.start
  private var suppressed = 0

  static let window = Duration.seconds(10)
  static let linesPerMachine = 100
  static let machineLimit = 4096

  /// - Parameter machine: nil for events that are of no known machine; they share one budget, as do
  ///   those that come when there are too many machines to count.
  mutating func spend(_ machine: MACAddress?, at now: Instant) -> Verdict {
    if now >= windowEnd {
      counts.removeAll(keepingCapacity: true)
      windowEnd = now + Self.window
    }
    var key = machine ?? .zero
    if counts.count >= Self.machineLimit, counts[key] == nil { key = .zero }
    counts[key, default: 0] += 1
    let count = counts[key, default: 0]
    if count < Self.linesPerMachine { return .write }
    if count == Self.linesPerMachine { return .writeAndAnnounce }
    suppressed += 1
    return .suppress
  }

  /// How many lines were left out in the window that is over now, once; nil when none were.
  mutating func takeSuppressed(at now: Instant) -> Int? {
    guard suppressed > 0, now >= windowEnd else { return nil }
    defer { suppressed = 0 }
    return suppressed
  }
}
