import Network

/// Both clocks, read at one moment.
package struct ClockReading: Hashable, Sendable {
  package var now: Instant
  package var wallClock: UnixTime
  /// The kernel's boot identifier, empty when it is not known.
  ///
  /// Two readings with one identifier have comparable instants. So it may be given only when
  /// `now` is counted by the kernel (CLOCK_MONOTONIC, CLOCK_BOOTTIME), not from a start of ours.
  package var boot: String

  package init(now: Instant, wallClock: UnixTime, boot: String = "") {
    self.now = now
    self.wallClock = wallClock
    self.boot = boot
  }

  /// A box that was off for longer than this, the longest lease, and one whose clock jumped
  /// cannot be told apart.
  static let longestGap: Duration = .seconds(30 * 86_400)

  /// How much time has passed since `earlier`.
  ///
  /// Within one boot the monotonic clock knows. Across boots only the wall clock was running, and
  /// on a box without a battery clock it starts in 1970, or where the last shutdown left it, and
  /// jumps when NTP arrives. So it is believed only when it went forward, and by no more than the
  /// longest lease; otherwise nothing has passed. The error is then always to the safe side: a
  /// lease that lasts a while too long costs an address for that while, one that ends too early
  /// gives two machines one address.
  func elapsed(since earlier: ClockReading) -> Duration { known(since: earlier) ?? .zero }

  /// The same; nil where no clock can tell. What must not last too long, as a permission, ends then.
  func known(since earlier: ClockReading) -> Duration? {
    if !boot.isEmpty, boot == earlier.boot, now >= earlier.now { return now - earlier.now }
    let (difference, overflow) = wallClock.nanoseconds.subtractingReportingOverflow(
      earlier.wallClock.nanoseconds)
    guard !overflow, difference >= 0 else { return nil }
    let gap = Duration.nanoseconds(difference)
    return gap <= Self.longestGap ? gap : nil
  }

  /// Whether the wall clock was set since `earlier`, a reading of this process: rows that were
  /// counted by it must follow now, for after a reboot nobody could tell that from time that passed.
  package func wasSet(since earlier: ClockReading) -> Bool {
    step(since: earlier, elapsed: max(.zero, now - earlier.now)) != 0
  }

  /// What must be added to Unix seconds written at `earlier` to mean the same moment now: 0 but
  /// when the wall clock was set in between.
  ///
  /// - Parameter elapsed: What really passed between the two.
  func step(since earlier: ClockReading, elapsed: Duration) -> Int64 {
    let (expected, overflow) = earlier.wallClock.seconds.addingReportingOverflow(
      elapsed.components.seconds)
    let (step, carry) = wallClock.seconds.subtractingReportingOverflow(expected)
    // Rounding gives a second, and NTP slews; neither is worth touching every row.
    guard !overflow, !carry, abs(step) > 2 else { return 0 }
    return step
  }
}
