import Store

extension AccessToken {
  var row: TokenRow {
    TokenRow(
      id: id, name: name, role: role.rawValue, site: site, digest: digest, created: created,
      expires: expires, lastUsed: lastUsed)
  }

  /// Nil for a role that this bootwire does not know: a token that opens nothing.
  init?(_ row: TokenRow) {
    guard let role = Role(rawValue: row.role) else { return nil }
    self.init(
      id: row.id, name: row.name, role: role, site: row.site, digest: row.digest,
      created: row.created, expires: row.expires, lastUsed: row.lastUsed)
  }
}
