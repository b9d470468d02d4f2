import CSQLite

/// A compiled SQL statement, run again and again.
@safe package struct Statement: ~Copyable {
  private let handle: OpaquePointer
  private let database: OpaquePointer
  private let path: String

  init(_ handle: OpaquePointer, of database: OpaquePointer, _ path: String) {
    unsafe self.handle = handle
    unsafe self.database = database
    self.path = path
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Binds parameter `index`, from 1.
  package func bind(_ number: Int64, at index: Int32) throws(StoreError) {
    try check(unsafe sqlite3_bind_int64(handle, index, number))
  }

  /// Binds parameter `index`, from 1. SQLite keeps a copy.
  package func bind(_ octets: [UInt8], at index: Int32) throws(StoreError) {
    // A null pointer would bind NULL, and an empty array may have one.
    guard !octets.isEmpty else {
      return try check(unsafe sqlite3_bind_zeroblob(handle, index, 0))
    }
    let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let code = unsafe octets.withUnsafeBytes { bytes in
      unsafe sqlite3_bind_blob64(
        handle, index, bytes.baseAddress, UInt64(bytes.count), transient)
    }
    try check(code)
  }

  /// Whether there is another row.
  package func step() throws(StoreError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw unsafe Connection.error(code, database, path)
    }
  }

  /// Runs it to its end; it is ready to be bound again, whether or not it failed.
  package func run() throws(StoreError) {
    defer { reset() }
    while try step() {}
  }

  /// Ends a run, so that no lock and no row is held. Its code repeats that of `step`.
  package func reset() { _ = unsafe sqlite3_reset(handle) }

  /// Column `index` of this row, from 0.
  package func number(_ index: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, index) }

  /// Column `index` of this row, from 0, text as UTF-8.
  package func octets(_ index: Int32) -> [UInt8] {
    let start = unsafe sqlite3_column_blob(handle, index)
    let count = Int(unsafe sqlite3_column_bytes(handle, index))
    guard let start = unsafe start, count > 0 else { return [] }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  private func check(_ code: Int32) throws(StoreError) {
    guard code == SQLITE_OK else { throw unsafe Connection.error(code, database, path) }
  }
}
