import Boot
import Network

/// A provision as a row.
///
/// Its expiry is counted as leases are; where no clock can tell how long the box was off, it is now,
/// so that no token lives longer than it was given. When something happened is for people, and stays what the wall clock said.
enum ProvisionRow {
  static let put = """
    INSERT OR REPLACE INTO provision
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
    """
  static let selectAll = """
    SELECT machine, site, mac, state, since, cause, facts, token, profile, expiry, span, released,
      relay_port
    FROM provision ORDER BY machine
    """

  static func bind(
    _ provision: Provision, to statement: borrowing Statement, _ clock: ClockReading
  ) throws(StoreError) {
    let times = RowClock(clock)
    try statement.bind(provision.machine, at: 1)
    try statement.bind(provision.site, at: 2)
    if let address = provision.macAddress {
      try statement.bind(Int64(address.number), at: 3)
    } else {
      try statement.bindNull(at: 3)
    }
    try statement.bind(provision.state.rawValue, at: 4)
    try statement.bind(times.row(provision.since), at: 5)
    try statement.bind(provision.cause, at: 6)
    try statement.bind(TextList.octets(provision.facts), at: 7)
    let arming = provision.arming
    try statement.bind(arming?.token.text ?? "", at: 8)
    try statement.bind(arming?.profile ?? "", at: 9)
    try statement.bind(arming.map { times.row($0.expiry) } ?? 0, at: 10)
    try statement.bind(arming.map { max(0, ($0.expiry - clock.now).nanoseconds) } ?? 0, at: 11)
    try statement.bind(TextList.octets(arming?.released.sorted() ?? []), at: 12)
    try statement.bind(arming?.relayPort ?? [], at: 13)
  }

  /// Nil for a row that no bootwire wrote: damage that SQLite itself cannot see.
  ///
  /// - Parameters:
  ///   - times: The clock of what happened.
  ///   - deadlines: The clock of what will end.
  static func provision(
    _ row: borrowing Statement, times: RowClock, deadlines: RowClock, now: Instant
  ) -> Provision? {
    guard let state = ProvisionState(rawValue: row.text(3)),
      let facts = TextList.pairs(row.octets(6)), !row.octets(0).isEmpty
    else { return nil }
    var provision = Provision(
      machine: row.text(0), site: row.text(1), state: state, since: times.instant(row.number(4)),
      cause: row.text(5), facts: facts)
    if !row.isNull(2) {
      guard let number = UInt64(exactly: row.number(2)), number >> 48 == 0 else { return nil }
      provision.macAddress = MACAddress(number: number)
    }
    guard !row.octets(7).isEmpty else { return provision }
    guard let token = BootToken(row.text(7)), let released = TextList.texts(row.octets(11)) else {
      return nil
    }
    let latest = now + .nanoseconds(max(0, row.number(10)))
    provision.arming = Arming(
      token: token, profile: row.text(8),
      expiry: min(deadlines.instant(row.number(9)), latest), released: Set(released),
      relayPort: row.octets(12))
    return provision
  }
}
