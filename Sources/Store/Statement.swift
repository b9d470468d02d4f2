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

  /// Binds NULL to parameter `index`, from 1.
  package func bindNull(at index: Int32) throws(StoreError) {
    try check(unsafe sqlite3_bind_null(handle, index))
  }

  /// Binds all columns of another statement's row, in their order.
  func bind(_ row: borrowing Statement) throws(StoreError) {
    let count = unsafe sqlite3_column_count(row.handle)
    for column in 0..<count {
      try check(
        unsafe sqlite3_bind_value(handle, column + 1, sqlite3_column_value(row.handle, column)))
    }
  }

  /// How many columns its rows have.
  var columnCount: Int { Int(unsafe sqlite3_column_count(handle)) }

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

  /// Whether column `index` of this row, from 0, is NULL.
  package func isNull(_ index: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, index) == SQLITE_NULL
  }

  /// Column `index` of this row, from 0, as text.
  package func text(_ index: Int32) -> String { String(decoding: octets(index), as: UTF8.self) }

  /// Binds parameter `index`, from 1, as its octets.
  package func bind(_ text: String, at index: Int32) throws(StoreError) {
    try bind(Array(text.utf8), at: index)
  }

  private func check(_ code: Int32) throws(StoreError) {
    guard code == SQLITE_OK else { throw unsafe Connection.error(code, database, path) }
  }
}
