/// What a damaged database still gives.
extension RegistryTables {
  /// Copies the rows of the database at `path` that can still be read; how many there were.
  mutating func salvage(_ path: String) -> Int {
    guard let damaged = try? Connection(path, .readOnly) else { return 0 }
    var count = 0
    for table in RegistrySchema.tables { count += copy(table, from: damaged) }
    // From here on the rows are counted by the clock that they were written by.
    if let stamp = try? ClockReading(stampOf: connection) { followed(stamp) }
    return count
  }

  /// Up to the first row that SQLite cannot read. An error is no news here: the file is aside
  /// already.
  private func copy(_ table: String, from damaged: borrowing Connection) -> Int {
    var count = 0
    try? connection.transaction { () throws(StoreError) in
      guard let rows = try? damaged.prepare("SELECT * FROM \(table)") else { return }
      let marks = (1...max(1, rows.columnCount)).map { "?\($0)" }.joined(separator: ", ")
      let put = try connection.prepare("INSERT OR IGNORE INTO \(table) VALUES (\(marks))")
      while (try? rows.step()) == true {
        guard (try? put.bind(rows)) != nil, (try? put.run()) != nil else { continue }
        count += 1
      }
    }
    return table == "clock" ? 0 : count
  }
}
