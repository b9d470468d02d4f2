import Boot
import Network

/// A node as a row. Its times are for people, and stay what the wall clock said.
enum NodeRow {
  static let put = """
    INSERT OR REPLACE INTO node
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    """
  static let selectAll = """
    SELECT name, site, mac, host_name, addresses, host_keys, pending, system, facts, installed,
      reach, reach_time
    FROM node ORDER BY name
    """

  static func bind(
    _ node: ProvisionedNode, to statement: borrowing Statement, _ clock: ClockReading
  ) throws(StoreError) {
    let times = RowClock(clock)
    try statement.bind(node.name, at: 1)
    try statement.bind(node.site, at: 2)
    if let address = node.macAddress {
      try statement.bind(Int64(address.number), at: 3)
    } else {
      try statement.bindNull(at: 3)
    }
    try statement.bind(node.hostName, at: 4)
    try statement.bind(node.addresses.flatMap { octets($0.number) }, at: 5)
    try statement.bind(octets(node.hostKeys), at: 6)
    try statement.bind(octets(node.pendingHostKeys), at: 7)
    try statement.bind(node.system, at: 8)
    try statement.bind(TextList.octets(node.facts), at: 9)
    try statement.bind(times.row(node.installed), at: 10)
    switch node.reachability {
    case .unknown:
      try statement.bind(0, at: 11)
      try statement.bind(0, at: 12)
    case .reachable(let time):
      try statement.bind(1, at: 11)
      try statement.bind(times.row(time), at: 12)
    case .unreachable(let time):
      try statement.bind(2, at: 11)
      try statement.bind(times.row(time), at: 12)
    }
  }

  /// Nil for a row that no bootwire wrote: damage that SQLite itself cannot see.
  static func node(_ row: borrowing Statement, times: RowClock) -> ProvisionedNode? {
    let addresses = row.octets(4)
    guard !row.octets(0).isEmpty, addresses.count.isMultiple(of: 4),
      let hostKeys = keys(row.octets(5)), let pending = keys(row.octets(6)),
      let facts = TextList.pairs(row.octets(8))
    else { return nil }
    var node = ProvisionedNode(
      name: row.text(0), site: row.text(1), hostName: row.text(3),
      addresses: stride(from: 0, to: addresses.count, by: 4).map { start in
        IPv4Address(addresses[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
      },
      hostKeys: hostKeys, pendingHostKeys: pending, system: row.text(7), facts: facts,
      installed: times.instant(row.number(9)))
    if !row.isNull(2) {
      guard let number = UInt64(exactly: row.number(2)), number >> 48 == 0 else { return nil }
      node.macAddress = MACAddress(number: number)
    }
    switch row.number(10) {
    case 0: node.reachability = .unknown
    case 1: node.reachability = .reachable(times.instant(row.number(11)))
    case 2: node.reachability = .unreachable(times.instant(row.number(11)))
    case _: return nil
    }
    return node
  }

  private static func octets(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private static func octets(_ keys: [HostKey]) -> [UInt8] {
    TextList.octets(keys.flatMap { [$0.algorithm, $0.encoded] })
  }

  private static func keys(_ octets: [UInt8]) -> [HostKey]? {
    guard let texts = TextList.texts(octets), texts.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: texts.count, by: 2).map {
      HostKey(algorithm: texts[$0], encoded: texts[$0 + 1])
    }
  }
}
