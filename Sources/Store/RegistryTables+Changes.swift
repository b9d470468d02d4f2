import Boot
import Network

// Provisions, their history, and nodes.
extension RegistryTables {
  mutating func commit(_ changes: [RegistryChange], _ clock: ClockReading) throws(StoreError) {
    try commit(clock) { (connection) throws(StoreError) in
      try Self.write(changes, clock, connection)
    }
  }

  static func write(
    _ changes: [RegistryChange], _ clock: ClockReading, _ connection: borrowing Connection
  ) throws(StoreError) {
    for change in changes {
      switch change {
      case .provision(let provision):
        if try isNew(provision, clock, connection) {
          try write(provision, clock, connection)
          try append(
            ProvisionEntry(
              machine: provision.machine, time: provision.since, state: provision.state,
              cause: provision.cause), clock, connection)
        } else {
          try write(provision, clock, connection)
        }
      case .forgetProvision(let machine):
        try run("DELETE FROM provision WHERE machine = ?1", machine, connection)
        try run("DELETE FROM entry WHERE machine = ?1", machine, connection)
      case .entry(let entry): try append(entry, clock, connection)
      case .node(let node):
        let put = try connection.prepare(NodeRow.put)
        try NodeRow.bind(node, to: put, clock)
        try put.run()
      case .forgetNode(let name): try run("DELETE FROM node WHERE name = ?1", name, connection)
      }
    }
  }

  private static func write(
    _ provision: Provision, _ clock: ClockReading, _ connection: borrowing Connection
  ) throws(StoreError) {
    let put = try connection.prepare(ProvisionRow.put)
    try ProvisionRow.bind(provision, to: put, clock)
    try put.run()
  }

  /// Whether it came to be in its state since its row was written. The two clocks drift apart by
  /// less than two seconds from one row to the next.
  private static func isNew(
    _ provision: Provision, _ clock: ClockReading, _ connection: borrowing Connection
  ) throws(StoreError) -> Bool {
    let row = try connection.prepare("SELECT state, since, cause FROM provision WHERE machine = ?1")
    try row.bind(provision.machine, at: 1)
    guard try row.step() else { return true }
    let (difference, overflow) = RowClock(clock).row(provision.since)
      .subtractingReportingOverflow(row.number(1))
    return row.text(0) != provision.state.rawValue || row.text(2) != provision.cause || overflow
      || abs(difference) > 2_000_000_000
  }

  /// One more line of a machine's history; the oldest goes when there are too many. Who has no row
  /// has no history either: strangers must not fill the disk with it.
  private static func append(
    _ entry: ProvisionEntry, _ clock: ClockReading, _ connection: borrowing Connection
  ) throws(StoreError) {
    let put = try connection.prepare(
      """
      INSERT INTO entry SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4 FROM entry
      WHERE machine = ?1 HAVING EXISTS (SELECT 1 FROM provision WHERE machine = ?1)
      """)
    try put.bind(entry.machine, at: 1)
    try put.bind(RowClock(clock).row(entry.time), at: 2)
    try put.bind(entry.state.rawValue, at: 3)
    try put.bind(entry.cause, at: 4)
    try put.run()
    let trim = try connection.prepare(
      """
      DELETE FROM entry WHERE machine = ?1
        AND number <= (SELECT max(number) FROM entry WHERE machine = ?1) - ?2
      """)
    try trim.bind(entry.machine, at: 1)
    try trim.bind(Int64(entryMax), at: 2)
    try trim.run()
  }

  static func run(
    _ sql: String, _ name: String, _ connection: borrowing Connection
  ) throws(StoreError) {
    let statement = try connection.prepare(sql)
    try statement.bind(name, at: 1)
    try statement.run()
  }

  /// A machine's history, the last entry first.
  func entries(of machine: String, _ clock: ClockReading) throws(StoreError) -> [ProvisionEntry] {
    let rows = try connection.prepare(
      "SELECT time, state, cause FROM entry WHERE machine = ?1 ORDER BY number DESC")
    try rows.bind(machine, at: 1)
    let times = RowClock(clock)
    var entries: [ProvisionEntry] = []
    while try rows.step() {
      guard let state = ProvisionState(rawValue: rows.text(1)) else { continue }
      entries.append(
        ProvisionEntry(
          machine: machine, time: times.instant(rows.number(0)), state: state,
          cause: rows.text(2)))
    }
    return entries
  }
}
