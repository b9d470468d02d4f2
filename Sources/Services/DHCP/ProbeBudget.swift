import Network

/// How many questions may leave: so many a second, after a rest those of one second at once.
struct ProbeBudget: Sendable {
  /// Up to here all is spent.
  private var spent = Instant(nanoseconds: .min)

  /// - Returns: Whether one may leave now.
  mutating func spend(_ rate: Int, at now: Instant) -> Bool {
    let from = max(spent, now + .seconds(-1))
    guard from < now else { return false }
    spent = from + .seconds(1) / rate
    return true
  }
}
