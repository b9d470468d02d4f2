import Network

/// That leases were lost, of which somebody may still live: one row, in Unix seconds by the clock that
/// the leases' expiries are counted by.
///
/// It is written in the transaction that takes over what was left, so that no restart forgets it.
enum LeaseLoss {
  static let table = """
    CREATE TABLE loss (
      number INTEGER PRIMARY KEY CHECK (number = 1), since INTEGER NOT NULL) STRICT;
    """
  /// Clamped as the leases are.
  private static let shift = "UPDATE loss SET since = max(min(since, 1 << 40), -(1 << 40)) + ?1"

  /// When it was; nil when nothing was lost, or the longest lease has ended since.
  ///
  /// - Parameter wallClock: Unix seconds now, by the clock that the row was written by.
  static func read(
    _ connection: borrowing Connection, now: Instant, wallClock: Int64
  ) throws(StoreError) -> Instant? {
    let row = try connection.prepare("SELECT since FROM loss")
    guard try row.step() else { return nil }
    let (difference, overflow) = wallClock.subtractingReportingOverflow(row.number(0))
    let passed = overflow ? 0 : max(0, difference)
    guard passed <= ClockReading.longestGap.components.seconds else { return nil }
    return now + .seconds(-passed)
  }

  static func write(
    _ clock: ClockReading, to connection: borrowing Connection
  ) throws(StoreError) {
    let put = try connection.prepare("INSERT OR REPLACE INTO loss VALUES (1, ?1)")
    try put.bind(clock.wallClock.seconds, at: 1)
    try put.run()
  }

  static func follow(_ step: Int64, in connection: borrowing Connection) throws(StoreError) {
    let shift = try connection.prepare(shift)
    try shift.bind(step, at: 1)
    try shift.run()
  }
}
