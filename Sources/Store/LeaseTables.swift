import Boot
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

  private init(
    _ connection: consuming Connection, put: consuming Statement, erase: consuming Statement,
    shift: consuming Statement, stamp: consuming Statement, stamped: ClockReading
  ) {
    places = FilePlace.ofDatabase(connection.path)
    self.connection = connection
    self.put = put
    self.erase = erase
    self.shift = shift
    self.stamp = stamp
    self.stamped = stamped
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
    let stamped = try ClockReading(stampOf: connection) ?? clock
    return LeaseTables(
      connection, put: put, erase: erase, shift: shift, stamp: stamp, stamped: stamped)
  }

  /// What an opening brings beside the tables.
  struct Found {
    var leases: [Lease] = []
    var unreadableRows = 0
    var setAside: SetAside?
  }

  /// Opens what is at `path` and reads it. What is damaged or may not be opened is set aside, and a
  /// new database takes over what could be read of it.
  static func openOrReplace(
    at path: String, _ clock: ClockReading, _ found: inout Found
  ) throws(StoreError) -> LeaseTables {
    let reason: StoreError
    do throws(StoreError) {
      var tables = try open(at: path, clock)
      (found.leases, found.unreadableRows) = try tables.load(clock)
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
    try tables.commit(found.leases.map { .put($0) }, clock)
    return tables
  }

  /// All leases, and how many rows were not one. From here on the rows are counted by `clock`.
  mutating func load(_ clock: ClockReading) throws(StoreError) -> ([Lease], unreadable: Int) {
    let elapsed = clock.elapsed(since: stamped)
    let wallClock = stamped.wallClock.seconds
    let (leases, unreadable, failure) = Self.read(
      connection, now: clock.now, wallClock: wallClock + elapsed.components.seconds)
    if let failure { throw failure }
    try follow(clock, elapsed: elapsed, changes: [])
    return (leases, unreadable)
  }

  /// The rows up to the first that SQLite cannot read.
  private static func read(
    _ connection: borrowing Connection, now: Instant, wallClock: Int64
  ) -> (leases: [Lease], unreadable: Int, failure: StoreError?) {
    var leases: [Lease] = []
    var unreadable = 0
    do throws(StoreError) {
      let rows = try connection.prepare(LeaseRow.selectAll)
      while try rows.step() {
        if let row = LeaseRow(rows) {
          leases.append(row.lease(now: now, wallClock: wallClock))
        } else {
          unreadable += 1
        }
      }
      return (leases, unreadable, nil)
    } catch {
      return (leases, unreadable, error)
    }
  }

  /// What a database that cannot be used still gives. An error is no news here.
  static func salvage(
    _ path: String, _ clock: ClockReading, by ways: [Connection.Access]
  ) -> ([Lease], unreadable: Int) {
    for access in ways {
      guard let connection = try? Connection(path, access) else { continue }
      let stamp = (try? ClockReading(stampOf: connection)) ?? clock
      let elapsed = clock.elapsed(since: stamp)
      let (leases, unreadable, failure) = read(
        connection, now: clock.now,
        wallClock: stamp.wallClock.seconds + elapsed.components.seconds)
      if failure == nil || !leases.isEmpty { return (leases, unreadable) }
    }
    return ([], 0)
  }

  mutating func commit(_ changes: [LeaseChange], _ clock: ClockReading) throws(StoreError) {
    // Both readings are of this process, so their instants compare even without a boot identifier.
    let elapsed = max(.zero, clock.now - stamped.now)
    try follow(clock, elapsed: elapsed, changes: changes)
  }

  /// One transaction: when the wall clock was set meanwhile, the rows follow it; then the changes.
  ///
  /// Without that, a lease granted at "1970" would have ended decades ago once NTP has arrived
  /// and the box starts again.
  private mutating func follow(
    _ clock: ClockReading, elapsed: Duration, changes: [LeaseChange]
  ) throws(StoreError) {
    let step = clock.step(since: stamped, elapsed: elapsed)
    try connection.transaction { () throws(StoreError) in
      if step != 0 {
        try shift.bind(step, at: 1)
        try shift.run()
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
      try clock.write(by: stamp)
    }
    stamped = clock
  }
}
