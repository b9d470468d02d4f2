import Network

/// Turns instants into a row's nanoseconds since 1970 and back.
struct RowClock {
  private let now: Instant
  /// What a row that was written at `now` would say.
  private let wall: Int64

  /// Writes, or reads what was written by the same clock.
  init(_ clock: ClockReading) {
    now = clock.now
    wall = clock.wallClock.nanoseconds
  }

  /// Reads what another reading counted, `elapsed` ago.
  init(_ clock: ClockReading, by stamped: ClockReading, elapsed: Duration) {
    now = clock.now
    let (sum, overflow) = stamped.wallClock.nanoseconds.addingReportingOverflow(
      elapsed.nanoseconds)
    wall = overflow ? .max : sum
  }

  func row(_ instant: Instant) -> Int64 {
    guard instant != .never else { return .max }
    return (Instant(nanoseconds: wall) + (instant - now)).nanoseconds
  }

  func instant(_ row: Int64) -> Instant {
    guard row != .max else { return .never }
    return now + (Instant(nanoseconds: row) - Instant(nanoseconds: wall))
  }
}
