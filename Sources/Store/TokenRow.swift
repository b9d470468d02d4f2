import Network

/// A permission to use the interface as it is stored. The token itself is nowhere: its digest is
/// enough to know it again.
package struct TokenRow: Hashable, Sendable {
  package var id: String
  /// For whom or what it was made.
  package var name: String
  /// As the interface names it; the store knows none of them.
  package var role: String
  /// nil: all sites.
  package var site: String?
  /// SHA-256 of the token, 32 octets.
  package var digest: [UInt8]
  package var created: UnixTime
  /// nil: never.
  package var expires: UnixTime?
  package var lastUsed: UnixTime?

  package init(
    id: String, name: String, role: String, site: String? = nil, digest: [UInt8],
    created: UnixTime, expires: UnixTime? = nil, lastUsed: UnixTime? = nil
  ) {
    self.id = id
    self.name = name
    self.role = role
    self.site = site
    self.digest = digest
    self.created = created
    self.expires = expires
    self.lastUsed = lastUsed
  }
}

extension TokenRow {
  static let put = "INSERT OR REPLACE INTO token VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
  static let selectAll = """
    SELECT id, name, role, site, digest, created, expires, used FROM token ORDER BY created, id
    """

  func bind(to statement: borrowing Statement) throws(StoreError) {
    try statement.bind(id, at: 1)
    try statement.bind(name, at: 2)
    try statement.bind(role, at: 3)
    if let site { try statement.bind(site, at: 4) } else { try statement.bindNull(at: 4) }
    try statement.bind(digest, at: 5)
    try statement.bind(created.nanoseconds, at: 6)
    for (index, time) in [(7, expires), (8, lastUsed)] as [(Int32, UnixTime?)] {
      if let time {
        try statement.bind(time.nanoseconds, at: index)
      } else {
        try statement.bindNull(at: index)
      }
    }
  }

  /// Nil for a row that no bootwire wrote: damage that SQLite itself cannot see.
  init?(_ row: borrowing Statement) {
    guard row.octets(4).count == 32 else { return nil }
    self.init(
      id: row.text(0), name: row.text(1), role: row.text(2),
      site: row.isNull(3) ? nil : row.text(3),
      digest: row.octets(4), created: UnixTime(nanoseconds: row.number(5)),
      expires: row.isNull(6) ? nil : UnixTime(nanoseconds: row.number(6)),
      lastUsed: row.isNull(7) ? nil : UnixTime(nanoseconds: row.number(7)))
  }
}
