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

  /// Renames the database at `path` with its log. The first ones are kept, the last is replaced, so
  /// that the highest number is always the newest.
  ///
  /// - Throws: `reason` when it cannot be renamed: the folder is not ours, and neither would be
  ///   a new database.
  init(_ path: String, _ reason: StoreError) throws(StoreError) {
    let aside = Self.next(path)
    // Before, so that the log beside a database that was set aside is always its own.
    for suffix in ["-wal", "-shm"] { unsafe unlink(aside + suffix) }
    guard unsafe rename(path, aside) == 0 else { throw reason }
    // The log goes with it: a new database must never take up an old log.
    for suffix in ["-wal", "-shm"] {
      if Self.exists(path + suffix) {
        guard unsafe rename(path + suffix, aside + suffix) == 0 else { throw reason }
      }
    }
    self.path = aside
    self.reason = reason
  }

  /// Puts the log aside that lies at `path` without a database, before SQLite deletes it: beside the
  /// database that it belongs to, when the power went between the two renamings; nil when there is
  /// none, or it cannot be renamed.
  init?(logWithoutDatabase path: String) {
    let isThere = Self.exists(path)
    // What is there may be of no length; a pipe, a folder or a link that leads nowhere are other cases.
    guard FilePlace.byteCount(path) == 0, isThere == (FilePlace(path) != nil),
      FilePlace.byteCount("\(path)-wal") > 0,
      !FilePlace.isNoFile(path), !FilePlace.isNoFile("\(path)-wal")
    else { return nil }
    let cutShort = Self.last(path).flatMap {
      !isThere && Self.exists($0) && !Self.exists("\($0)-wal") ? $0 : nil
    }
    let aside = cutShort ?? Self.next(path)
    guard unsafe rename("\(path)-wal", "\(aside)-wal") == 0 else { return nil }
    self.path = cutShort ?? "\(aside)-wal"
    reason = StoreError(
      .corrupt, code: 0, message: "its log is there, and the database itself is not", path: path)
  }

  /// The newest that was set aside of the database at `path`.
  static func last(_ path: String) -> String? {
    number(path).map { "\(path).damaged-\($0)" }
  }

  private static func next(_ path: String) -> String {
    "\(path).damaged-\(min((number(path) ?? 0) + 1, limit))"
  }

  private static func number(_ path: String) -> Int? {
    (1...limit).last { exists("\(path).damaged-\($0)") || exists("\(path).damaged-\($0)-wal") }
  }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }
}
