import CSQLite
import Glibc

/// One open SQLite database.
///
/// Not `Sendable`: whoever holds it keeps it on one queue, or behind a `Mutex`.
@safe package struct Connection: ~Copyable {
  private let handle: OpaquePointer
  package let path: String

  package enum Access: Sendable {
    case readOnly
    /// Made when it does not exist.
    case readWrite
    /// For reading on a disk without room for the index of the log, which is kept in memory.
    case alone
    /// For reading on a disk that cannot be written, from where the index cannot be made either. What
    /// is still in the log is not seen.
    case withoutLog

    /// In the order in which a database that cannot be used is tried, the fullest first.
    static let waysToRead: [Access] = [.readOnly, .alone, .withoutLog]
  }

  /// How long a statement waits for a lock of another process, an operator's `sqlite3` say.
  private static let patience: Int32 = 2_000

  package init(_ path: String, _ access: Access) throws(StoreError) {
    guard !FilePlace.isNoFile(path) else {
      throw StoreError(.unreadable, code: SQLITE_CANTOPEN, message: "it is no file", path: path)
    }
    let flags =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .alone: SQLITE_OPEN_READWRITE
      case .withoutLog: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      }
    let name = access == .withoutLog ? Self.immutable(path) : path
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle = unsafe opened else {
      let error = unsafe Self.error(code, opened, path)
      unsafe sqlite3_close_v2(opened)
      throw error
    }
    unsafe self.handle = handle
    self.path = path
    unsafe sqlite3_extended_result_codes(handle, 1)
    unsafe sqlite3_busy_timeout(handle, Self.patience)
    // Where it does not help, reading fails.
    if access == .alone {
      _ = unsafe sqlite3_exec(handle, "PRAGMA locking_mode=EXCLUSIVE", nil, nil, nil)
    }
  }

  /// The name by which SQLite takes a file for one that nobody writes.
  private static func immutable(_ path: String) -> String {
    var name = "file:"
    for scalar in path.unicodeScalars {
      switch scalar {
      case "%": name += "%25"
      case "?": name += "%3f"
      case "#": name += "%23"
      case _: name.unicodeScalars.append(scalar)
      }
    }
    return name + "?immutable=1"
  }

  /// `close_v2` waits for statements that are finalized later.
  deinit { unsafe sqlite3_close_v2(handle) }

  /// What the last failed call on `handle` left behind.
  static func error(_ code: Int32, _ handle: OpaquePointer?, _ path: String) -> StoreError {
    // SQLite does not note the system's error of every failed write; then `errno` still has it.
    let last = errno
    let extended = unsafe handle == nil ? code : sqlite3_extended_errcode(handle)
    let noted = unsafe handle == nil ? 0 : sqlite3_system_errno(handle)
    let text = unsafe handle == nil ? sqlite3_errstr(code) : sqlite3_errmsg(handle)
    let message = if let text = unsafe text { unsafe String(cString: text) } else { "no message" }
    return StoreError(
      code: extended == SQLITE_OK ? code : extended, systemError: noted == 0 ? last : noted,
      message: message, path: path)
  }

  /// Compiles `sql`, to be run many times.
  package func prepare(_ sql: String) throws(StoreError) -> Statement {
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else {
      throw unsafe Self.error(code, handle, path)
    }
    return unsafe Statement(statement, of: handle, path)
  }

  /// Runs statements that give no rows.
  package func execute(_ sql: String) throws(StoreError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw unsafe Self.error(code, handle, path) }
  }

  /// The first column of the first row as a number, 0 without a row.
  package func number(_ sql: String) throws(StoreError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.number(0) : 0
  }

  /// The first column of the first row as text, empty without a row.
  package func text(_ sql: String) throws(StoreError) -> String {
    let statement = try prepare(sql)
    return try statement.step() ? String(decoding: statement.octets(0), as: UTF8.self) : ""
  }

  /// Runs `body` so that all of it is on disk when this returns, or none of it when it throws.
  package func transaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
    try execute("BEGIN IMMEDIATE")
    do throws(StoreError) {
      try body()
      try execute("COMMIT")
    } catch {
      // On some errors SQLite has rolled back by itself; the first error is the one to tell.
      if unsafe sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }
}
