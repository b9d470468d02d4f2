import Boot
import CSQLite
import Network

/// The open database with its prepared statements.
struct LeaseTables: ~Copyable {
  private let connection: Connection
  private let put: Statement
  private let erase: Statement
  private let shift: Statement
  private let stamp: Statement
  /// The database and its log as they were when they were opened.
  private let places: [FilePlace?]
  /// The clocks at the last commit: what the rows' Unix seconds are counted by.
  private var stamped: ClockReading
  /// Whether there was no commit in it when it was opened.
  private let isNew: Bool

  private init(
    _ connection: consuming Connection, put: consuming Statement, erase: consuming Statement,
    shift: consuming Statement, stamp: consuming Statement, stamped: ClockReading, isNew: Bool
  ) {
    places = FilePlace.ofDatabase(connection.path)
    self.connection = connection
    self.put = put
    self.erase = erase
    self.shift = shift
    self.stamp = stamp
    self.stamped = stamped
    self.isNew = isNew
  }

  /// Whether what we write is what the next start will read.
  var isInPlace: Bool { FilePlace.ofDatabase(connection.path) == places }

  /// Opens what is at `path`, or makes it.
  static func open(at path: String, _ clock: ClockReading) throws(StoreError) -> LeaseTables {
    let connection = try Connection(path, .readWrite)
    try connection.verify()
    try connection.makeDurable()
    try connection.migrate(LeaseRow.migrations)
    let put = try connection.prepare(LeaseRow.put)
    let erase = try connection.prepare(LeaseRow.erase)
    let shift = try connection.prepare(LeaseRow.shift)
    let stamp = try connection.prepare(ClockReading.put)
    let stamped = try ClockReading(stampOf: connection)
    return LeaseTables(
      connection, put: put, erase: erase, shift: shift, stamp: stamp, stamped: stamped ?? clock,
      isNew: stamped == nil)
  }

  /// What an opening brings beside the tables.
  struct Found {
    var leases: [Lease] = []
    var unreadableRows = 0
    var setAside: SetAside?
    /// When leases were lost that somebody may still live by.
    var lost: Instant?
    /// There had been a database, and was none, or one without any commit.
    var isMissing = false
    /// Its log lacks commits that SQLite cannot tell from one that was cut short.
    var isLogDamaged = false
  }

  /// Opens what is at `path` and reads it. What is damaged or may not be opened is set aside, and a
  /// new database takes over what could be read of it.
  ///
  /// - Parameter isExpected: There was a database: where there is none, its leases are lost.
  static func openOrReplace(
    at path: String, _ clock: ClockReading, isExpected: Bool, _ found: inout Found
  ) throws(StoreError) -> LeaseTables {
    found.setAside = SetAside(logWithoutDatabase: path)
    found.isLogDamaged = LogFile.isDamaged("\(path)-wal")
    let wasThere = isExpected || found.setAside != nil || FilePlace(path) != nil
    let reason: StoreError
    do throws(StoreError) {
      var tables = try openInTwo(at: path, clock)
      if tables.isNew {
        try tables.begin(wasThere, path, clock, &found)
      } else {
        try tables.load(clock, &found)
      }
      return tables
    } catch {
      switch error.kind {
      case .corrupt, .unreadable, .readOnly: reason = error
      case .diskFull, .busy, .newerSchema, .removed, .other: throw error
      }
    }
    let aside = try SetAside(path, reason)
    found.setAside = aside
    (found.leases, found.unreadableRows) = salvage(aside.path, clock, by: [.readOnly])
    found.setAside?.salvaged = found.leases.count
    var tables = try open(at: path, clock)
    try tables.takeOver(found.leases, clock)
    found.lost = clock.now
    return tables
  }

  /// A disk that could not be read once is asked again before its database is given up.
  private static func openInTwo(
    at path: String, _ clock: ClockReading
  ) throws(StoreError) -> LeaseTables {
    do throws(StoreError) { return try open(at: path, clock) } catch {
      guard error.code & 0xff == SQLITE_IOERR else { throw error }
      return try open(at: path, clock)
    }
  }

  /// Nobody has ever committed in this database. When there was one before, it is the new one in its
  /// place, and whoever set that aside came no further: what it holds is still to be taken over.
  private mutating func begin(
    _ wasThere: Bool, _ path: String, _ clock: ClockReading, _ found: inout Found
  ) throws(StoreError) {
    let former = SetAside.last(path)
    guard wasThere || former != nil else { return try follow(clock, elapsed: .zero, changes: []) }
    if let former {
      (found.leases, found.unreadableRows) = Self.salvage(
        former, clock, by: [.readOnly], isRecent: true)
    }
    found.setAside?.salvaged = found.leases.count
    found.isMissing = true
    try takeOver(found.leases, clock)
    found.lost = clock.now
  }

  /// Puts what could be saved, and that the rest is lost, in one transaction.
  private mutating func takeOver(
    _ leases: [Lease], _ clock: ClockReading
  ) throws(StoreError) {
    let elapsed = max(.zero, clock.now - stamped.now)
    try follow(clock, elapsed: elapsed, changes: leases.map { .put($0) }) {
      (connection) throws(StoreError) in try LeaseLoss.write(clock, to: connection)
    }
  }

  /// All leases, and how many rows were not one: those are removed, for they would be news at each
  /// start, and what they held is lost. From here on the rows are counted by `clock`.
  private mutating func load(
    _ clock: ClockReading, _ found: inout Found
  ) throws(StoreError) {
    let elapsed = clock.elapsed(since: stamped)
    let wallClock = stamped.wallClock.seconds + elapsed.components.seconds
    let read = Self.read(connection, now: clock.now, wallClock: wallClock)
    if let failure = read.failure { throw failure }
    let isLossNew = !read.unreadable.isEmpty || found.isLogDamaged
    let lost = try LeaseLoss.read(connection, now: clock.now, wallClock: wallClock)
    try follow(clock, elapsed: elapsed, changes: []) { (connection) throws(StoreError) in
      let erase = try connection.prepare(LeaseRow.erase)
      for key in read.unreadable {
        try erase.bind(key, at: 1)
        try erase.run()
      }
      if isLossNew { return try LeaseLoss.write(clock, to: connection) }
      if lost == nil { try connection.execute("DELETE FROM loss") }
    }
    found.leases = read.leases
    found.unreadableRows = read.unreadable.count
    found.lost = isLossNew ? clock.now : lost
  }

  /// The rows up to the first that SQLite cannot read; of those that make no sense, the keys.
  private static func read(
    _ connection: borrowing Connection, now: Instant, wallClock: Int64
  ) -> (leases: [Lease], unreadable: [Int64], failure: StoreError?) {
    var leases: [Lease] = []
    var unreadable: [Int64] = []
    do throws(StoreError) {
      let rows = try connection.prepare(LeaseRow.selectAll)
      while try rows.step() {
        if let row = LeaseRow(rows) {
          leases.append(row.lease(now: now, wallClock: wallClock))
        } else {
          unreadable.append(rows.number(0))
        }
      }
      return (leases, unreadable, nil)
    } catch {
      return (leases, unreadable, error)
    }
  }

  /// What a database that cannot be used still gives. An error is no news here.
  ///
  /// - Parameter isRecent: Gives nothing unless it is known how long ago it was written: it may be
  ///   one that was taken over long since.
  static func salvage(
    _ path: String, _ clock: ClockReading, by ways: [Connection.Access], isRecent: Bool = false
  ) -> ([Lease], unreadable: Int) {
    for access in ways {
      guard let connection = try? Connection(path, access) else { continue }
      let stamp = (try? ClockReading(stampOf: connection)) ?? clock
      if isRecent, clock.known(since: stamp) == nil { continue }
      let elapsed = clock.elapsed(since: stamp)
      let (leases, unreadable, failure) = read(
        connection, now: clock.now,
        wallClock: stamp.wallClock.seconds + elapsed.components.seconds)
      if failure == nil || !leases.isEmpty { return (leases, unreadable.count) }
    }
    return ([], 0)
  }

  mutating func commit(_ changes: [LeaseChange], _ clock: ClockReading) throws(StoreError) {
    // Both readings are of this process, so their instants compare even without a boot identifier.
    let elapsed = max(.zero, clock.now - stamped.now)
    try follow(clock, elapsed: elapsed, changes: changes)
  }

  /// One transaction: when the wall clock was set meanwhile, the rows follow it; then the changes, and
  /// what `also` does.
  ///
  /// Without that, a lease granted at "1970" would have ended decades ago once NTP has arrived
  /// and the box starts again.
  private mutating func follow(
    _ clock: ClockReading, elapsed: Duration, changes: [LeaseChange],
    also: (borrowing Connection) throws(StoreError) -> Void = { _ in }
  ) throws(StoreError) {
    let step = clock.step(since: stamped, elapsed: elapsed)
    try connection.transaction { () throws(StoreError) in
      if step != 0 {
        try shift.bind(step, at: 1)
        try shift.run()
        try LeaseLoss.follow(step, in: connection)
      }
      for change in changes {
        switch change {
        case .put(let lease):
          try LeaseRow(lease, clock).bind(to: put)
          try put.run()
        case .erase(let address):
          try erase.bind(Int64(address.number), at: 1)
          try erase.run()
        }
      }
      try also(connection)
      try clock.write(by: stamp)
    }
    stamped = clock
  }
}
