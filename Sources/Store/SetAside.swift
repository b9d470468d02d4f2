import Glibc

/// A database that could not be used, and where it is now.
package struct SetAside: Equatable, Sendable {
  /// Where it is now, for the operator to look at.
  package let path: String
  /// Why it could not be used.
  package let reason: StoreError
  /// Rows that could be read from it all the same.
  package internal(set) var salvaged = 0

  /// Files kept of one database; a disk that damages it at every start must not fill up with them.
  private static let limit = 9

  /// Renames the database at `path` with its log. The first ones are kept, the last is replaced.
  ///
  /// - Throws: `reason` when it cannot be renamed: the folder is not ours, and neither would be
  ///   a new database.
  init(_ path: String, _ reason: StoreError) throws(StoreError) {
    let numbers = 1...Self.limit
    let number = numbers.first { !Self.exists("\(path).damaged-\($0)") } ?? Self.limit
    let aside = "\(path).damaged-\(number)"
    guard unsafe rename(path, aside) == 0 else { throw reason }
    // The log goes with it: a new database must never take up an old log.
    for suffix in ["-wal", "-shm"] {
      unsafe unlink(aside + suffix)
      if Self.exists(path + suffix) {
        guard unsafe rename(path + suffix, aside + suffix) == 0 else { throw reason }
      }
    }
    self.path = aside
    self.reason = reason
  }

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
