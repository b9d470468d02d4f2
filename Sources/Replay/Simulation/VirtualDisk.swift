import Network

/// A disk whose commits take their time, and fail while faults last.
package struct VirtualDisk: Sendable {
  private let faults: Faults
  private let end: Instant
  private var dice: Dice
  /// Whether it confirms a commit before it is durable, as cheap flash does. No seed draws this.
  package var isLying = false

  package init(_ faults: Faults = Faults(), until end: Instant = .start, _ dice: Dice) {
    self.faults = faults
    self.end = end
    self.dice = dice
  }

  /// The longest that a commit takes.
  static let longestCommit = Duration.seconds(2)

  mutating func fate(at time: Instant) -> (duration: Duration, succeeds: Bool) {
    let isFaulty = time < end
    let isSlow = isFaulty && dice.hits(faults.commitsDelayed)
    let duration = dice.duration(
      isSlow ? .milliseconds(50) : .microseconds(200),
      isSlow ? Self.longestCommit : .milliseconds(5))
    return (duration, !(isFaulty && dice.hits(faults.commitsFailed)))
  }
}
