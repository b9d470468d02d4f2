import Boot
import Network

/// A lease as a row: Unix seconds in place of an instant.
struct LeaseRow {
  let address: IPv4Address
  let client: ClientIdentity
  let hostName: [UInt8]
  /// Unix seconds.
  let expiry: Int64
  /// Seconds that it was granted for. What remains is never more, whatever the clocks say.
  let duration: Int64

  static let migrations = [
    """
    CREATE TABLE lease (
      address INTEGER PRIMARY KEY, kind INTEGER NOT NULL, client BLOB NOT NULL,
      host_name BLOB NOT NULL, expiry INTEGER NOT NULL, duration INTEGER NOT NULL) STRICT;
    """ + ClockReading.table,
    LeaseLoss.table,
  ]

  static let selectAll =
    "SELECT address, kind, client, host_name, expiry, duration FROM lease ORDER BY address"
  static let put = "INSERT OR REPLACE INTO lease VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
  static let erase = "DELETE FROM lease WHERE address = ?1"
  /// Clamped, because one damaged row whose sum overflows would refuse the whole transaction.
  static let shift = "UPDATE lease SET expiry = max(min(expiry, 1 << 40), -(1 << 40)) + ?1"

  /// Rounds up, so that a lease never ends before its client thinks so.
  init(_ lease: Lease, _ clock: ClockReading) {
    address = lease.address
    client = lease.client
    hostName = lease.hostName
    let (seconds, attoseconds) = max(.zero, lease.expiry - clock.now).components
    // 2³² − 1 seconds is for ever (RFC 2131 §3.3).
    duration = min(seconds + (attoseconds > 0 ? 1 : 0), Int64(UInt32.max))
    let (sum, overflow) = clock.wallClock.seconds.addingReportingOverflow(duration)
    expiry = overflow ? .max : sum
  }

  init(
    address: IPv4Address, client: ClientIdentity, hostName: [UInt8], expiry: Int64,
    duration: Int64
  ) {
    self.address = address
    self.client = client
    self.hostName = hostName
    self.expiry = expiry
    self.duration = duration
  }

  /// Nil for a row that no bootwire wrote: damage that SQLite itself cannot see.
  init?(_ row: borrowing Statement) {
    guard let number = UInt32(exactly: row.number(0)) else { return nil }
    let client = row.octets(2)
    switch row.number(1) {
    case 1 where client.count == 6:
      self.client = .hardware(
        MACAddress(client[0], client[1], client[2], client[3], client[4], client[5]))
    case 2 where (1...255).contains(client.count): self.client = .identifier(client)
    case _: return nil
    }
    address = IPv4Address(number)
    hostName = row.octets(3)
    expiry = row.number(4)
    duration = row.number(5)
    guard address.isUnicast, hostName.count <= 255, duration >= 0 else { return nil }
  }

  func bind(to statement: borrowing Statement) throws(StoreError) {
    try statement.bind(Int64(address.number), at: 1)
    switch client {
    case .hardware(let address):
      try statement.bind(1, at: 2)
      try statement.bind((0..<6).map { address.octet($0) }, at: 3)
    case .identifier(let octets):
      try statement.bind(2, at: 2)
      try statement.bind(octets, at: 3)
    }
    try statement.bind(hostName, at: 4)
    try statement.bind(expiry, at: 5)
    try statement.bind(duration, at: 6)
  }

  /// - Parameter wallClock: Unix seconds by the clock that `expiry` was written by.
  func lease(now: Instant, wallClock: Int64) -> Lease {
    let (difference, overflow) = expiry.subtractingReportingOverflow(wallClock)
    let remaining = overflow ? (expiry < 0 ? 0 : duration) : min(max(0, difference), duration)
    return Lease(
      address: address, client: client, expiry: now + .seconds(remaining), hostName: hostName)
  }
}
