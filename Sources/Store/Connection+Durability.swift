extension Connection {
  /// Every commit is on the disk when it returns, also through a power cut.
  ///
  /// `synchronous` is read back: one library in between that sets it to NORMAL would lose the
  /// last acknowledged leases in a power cut, and nothing else would ever show it.
  package func makeDurable() throws(StoreError) {
    let mode = try text("PRAGMA journal_mode=WAL")
    guard mode == "wal" else {
      throw StoreError(
        .other, code: 0, message: "journal_mode is \(mode) where wal was asked for", path: path)
    }
    try execute("PRAGMA synchronous=FULL")
    let synchronous = try number("PRAGMA synchronous")
    guard synchronous == 2 else {
      throw StoreError(
        .other, code: 0, message: "synchronous is \(synchronous) where FULL (2) was asked for",
        path: path)
    }
    // The log is cut back to this after a checkpoint; otherwise it keeps its greatest size.
    try execute("PRAGMA journal_size_limit=4194304")
  }

  /// Throws `corrupt` with the first thing that SQLite finds wrong.
  package func verify() throws(StoreError) {
    let verdict = try text("PRAGMA quick_check(1)")
    guard verdict == "ok" else {
      throw StoreError(.corrupt, code: 11, message: verdict, path: path)
    }
  }

  /// A number above it is damage, and no later bootwire's.
  private static let latestImaginable: Int64 = 9_999

  /// Brings the schema to `migrations.count`, one migration a transaction, counted in
  /// `user_version`, so that one cut half-way is simply run again.
  ///
  /// - Throws: `newerSchema` when a later bootwire has been here; the caller must not go on, as
  ///   it would write rows that the later one misreads.
  package func migrate(_ migrations: [String]) throws(StoreError) {
    let version = try number("PRAGMA user_version")
    guard (0...Self.latestImaginable).contains(version) else {
      throw StoreError(.corrupt, code: 0, message: "its schema is version \(version)", path: path)
    }
    guard version <= Int64(migrations.count) else {
      let message =
        "its schema is version \(version) and this bootwire knows versions up to "
        + "\(migrations.count): start the newer bootwire, or move the file away"
      throw StoreError(.newerSchema, code: 0, message: message, path: path)
    }
    for (index, migration) in migrations.enumerated().dropFirst(Int(version)) {
      try transaction { () throws(StoreError) in
        try execute(migration)
        try execute("PRAGMA user_version=\(index + 1)")
      }
    }
  }
}
