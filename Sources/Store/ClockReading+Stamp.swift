import Network

extension ClockReading {
  /// The table of the one reading that a database's times are counted by.
  static let table = """
    CREATE TABLE clock (
      number INTEGER PRIMARY KEY CHECK (number = 1), wall INTEGER NOT NULL,
      monotonic INTEGER NOT NULL, boot BLOB NOT NULL) STRICT;
    """
  static let put = "INSERT OR REPLACE INTO clock VALUES (1, ?1, ?2, ?3)"

  /// The reading of the last commit; nil before the first.
  init?(stampOf connection: borrowing Connection) throws(StoreError) {
    let statement = try connection.prepare("SELECT wall, monotonic, boot FROM clock")
    guard try statement.step() else { return nil }
    self.init(
      now: Instant(nanoseconds: statement.number(1)),
      wallClock: UnixTime(seconds: statement.number(0)), boot: statement.text(2))
  }

  /// - Parameter statement: ``put``.
  func write(by statement: borrowing Statement) throws(StoreError) {
    try statement.bind(wallClock.seconds, at: 1)
    try statement.bind(now.nanoseconds, at: 2)
    try statement.bind(boot, at: 3)
    try statement.run()
  }
}
