import Boot
import Network

/// The open database of objects, provisions, nodes and tokens.
struct RegistryTables: ~Copyable {
  let connection: Connection
  /// The database and its log as they were when they were opened.
  private let places: [FilePlace?]
  /// The clocks at the last commit: what the rows' times are counted by.
  private var stamped: ClockReading
  /// Whether it can only be read, as the disk is full or may not be written.
  let isReadOnly: Bool

  /// Entries kept of one machine's history.
  static let entryMax = 256

  private init(
    _ connection: consuming Connection, stamped: ClockReading, isReadOnly: Bool = false
  ) {
    self.isReadOnly = isReadOnly
    places = FilePlace.ofDatabase(connection.path)
    self.connection = connection
    self.stamped = stamped
  }

  /// Whether what we write is what the next start will read.
  var isInPlace: Bool { FilePlace.ofDatabase(connection.path) == places }

  /// Opens what is at `path`, or makes it, for nobody but us to read: it holds secrets.
  static func open(at path: String, _ clock: ClockReading) throws(StoreError) -> RegistryTables {
    try PrivateFile.make(path)
    let connection = try Connection(path, .readWrite)
    try connection.verify()
    try connection.makeDurable()
    // What was deleted is overwritten: a secret's value must not stay in a free page.
    try connection.execute("PRAGMA secure_delete=ON")
    try connection.migrate(RegistrySchema.migrations)
    let stamped = try ClockReading(stampOf: connection) ?? clock
    return RegistryTables(connection, stamped: stamped)
  }

  /// Opens what is at `path` for reading alone; nil where that cannot be done, or not all of it would
  /// be seen: an old state of a machine could have it installed again.
  static func openToRead(_ path: String, _ clock: ClockReading) -> RegistryTables? {
    for access in Connection.Access.waysToRead {
      if access == .withoutLog, FilePlace.byteCount("\(path)-wal") > 0 { continue }
      guard let connection = try? Connection(path, access),
        let version = try? connection.number("PRAGMA user_version"),
        version == Int64(RegistrySchema.migrations.count),
        let stamped = try? ClockReading(stampOf: connection)
      else { continue }
      return RegistryTables(connection, stamped: stamped, isReadOnly: true)
    }
    return nil
  }

  /// What the services start with. From here on the rows are counted by `clock`.
  mutating func load(_ clock: ClockReading) throws(StoreError) -> RegistryContents {
    let known = clock.known(since: stamped)
    let elapsed = known ?? .zero
    // Within one boot it is known how far the wall clock was set; else what it said is believed.
    let isSameBoot = !clock.boot.isEmpty && clock.boot == stamped.boot
    let deadlines = RowClock(clock, by: stamped, elapsed: elapsed)
    let times = isSameBoot ? deadlines : RowClock(clock)
    var contents = RegistryContents()
    let provisions = try connection.prepare(ProvisionRow.selectAll)
    while try provisions.step() {
      var row = ProvisionRow.provision(
        provisions, times: times, deadlines: deadlines, now: clock.now)
      if known == nil { row?.arming?.expiry = clock.now }
      if let row { contents.provisions.append(row) } else { contents.unreadableRows += 1 }
    }
    let nodes = try connection.prepare(NodeRow.selectAll)
    while try nodes.step() {
      let row = NodeRow.node(nodes, times: times)
      if let row { contents.nodes.append(row) } else { contents.unreadableRows += 1 }
    }
    let tokens = try connection.prepare(TokenRow.selectAll)
    while try tokens.step() {
      if let row = TokenRow(tokens) {
        contents.tokens.append(row)
      } else {
        contents.unreadableRows += 1
      }
    }
    contents.generation = try generation()
    guard !isReadOnly else { return contents }
    try follow(clock, elapsed: elapsed, shiftsTimes: isSameBoot) {
      (connection) throws(StoreError) in
      if known == nil { try connection.execute("UPDATE provision SET span=0") }
    }
    return contents
  }

  /// The rows were counted by `clock`.
  mutating func followed(_ clock: ClockReading) { stamped = clock }

  /// Runs `body` in one transaction, by `clock`.
  mutating func commit(
    _ clock: ClockReading, _ body: (borrowing Connection) throws(StoreError) -> Void
  ) throws(StoreError) {
    // Both readings are of this process, so their instants compare even without a boot identifier.
    let elapsed = max(.zero, clock.now - stamped.now)
    try follow(clock, elapsed: elapsed, shiftsTimes: true, body)
  }

  /// One transaction: when the wall clock was set meanwhile, the rows follow it; then `body`.
  private mutating func follow(
    _ clock: ClockReading, elapsed: Duration, shiftsTimes: Bool,
    _ body: (borrowing Connection) throws(StoreError) -> Void
  ) throws(StoreError) {
    let step = UnixTime(seconds: clock.step(since: stamped, elapsed: elapsed)).nanoseconds
    try connection.transaction { () throws(StoreError) in
      if step != 0 {
        for sql in [RegistrySchema.shiftDeadlines] + (shiftsTimes ? RegistrySchema.shiftTimes : [])
        {
          let shift = try connection.prepare(sql)
          try shift.bind(max(min(step, 1 << 61), -(1 << 61)), at: 1)
          try shift.run()
        }
      }
      try body(connection)
      try clock.write(by: try connection.prepare(ClockReading.put))
    }
    stamped = clock
  }
}

/// What a registry holds at the start.
package struct RegistryContents: Sendable {
  /// In the order of their machines' names.
  package var provisions: [Provision] = []
  /// In the order of their names.
  package var nodes: [ProvisionedNode] = []
  /// In the order in which they were made.
  package var tokens: [TokenRow] = []
  /// The last edit of objects; 0 before the first.
  package var generation: UInt64 = 0
  /// Rows that made no sense and are left out.
  package var unreadableRows = 0
}
