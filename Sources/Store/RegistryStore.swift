import Boot
import Network
import Synchronization

/// Objects, provisions, nodes and tokens on disk.
///
/// Its owner calls it beside the loop; the lock lets edits, changes and questions come from
/// different lanes, and the loop never waits for it.
package final class RegistryStore: Sendable {
  /// Nil while the database is gone and no other could be made.
  private let tables: Mutex<RegistryTables?>
  private let path: String

  /// What was found when the store was opened.
  package struct Opened: Sendable {
    package let store: RegistryStore
    package let contents: RegistryContents
    /// The database that a new one has replaced; the operator must hear of it.
    package let setAside: SetAside?
    /// Why nothing can be written now. Every change tries again, and throws until it can be made.
    package let failure: StoreError?
  }

  private init(_ tables: consuming sending RegistryTables, _ path: String) {
    self.tables = Mutex(tables)
    self.path = path
  }

  /// Opens the database at `path`, which is made when it is not there, and reads what the
  /// services start with.
  ///
  /// A damaged or unreadable database is set aside, what can be read of it is taken over, and a
  /// new one is made. On a full or read-only disk it is read as it is (``Opened/failure``).
  ///
  /// - Throws: When no database can be had at all, or a newer bootwire wrote this one.
  package static func open(at path: String, clock: ClockReading) throws(StoreError) -> Opened {
    do throws(StoreError) { return try openOrReplace(at: path, clock) } catch {
      guard error.kind != .newerSchema, var tables = RegistryTables.openToRead(path, clock) else {
        throw error
      }
      let contents = try tables.load(clock)
      return Opened(
        store: RegistryStore(tables, path), contents: contents, setAside: nil, failure: error)
    }
  }

  private static func openOrReplace(
    at path: String, _ clock: ClockReading
  ) throws(StoreError) -> Opened {
    let reason: StoreError
    do throws(StoreError) {
      var tables = try RegistryTables.open(at: path, clock)
      let contents = try tables.load(clock)
      return Opened(
        store: RegistryStore(tables, path), contents: contents, setAside: nil, failure: nil)
    } catch {
      switch error.kind {
      case .corrupt, .unreadable, .readOnly: reason = error
      case .diskFull, .busy, .newerSchema, .removed, .other: throw error
      }
    }
    var setAside = try SetAside(path, reason)
    var tables = try RegistryTables.open(at: path, clock)
    setAside.salvaged = tables.salvage(setAside.path)
    let contents = try tables.load(clock)
    return Opened(
      store: RegistryStore(tables, path), contents: contents, setAside: setAside, failure: nil)
  }

  /// Makes all of `changes` durable, in their order, or none when it throws.
  ///
  /// After an error the store stays usable: once a full disk has room again, the next commit
  /// succeeds.
  ///
  /// - Throws: `removed` when the file had been taken away: put everything again.
  package func commit(_ changes: [RegistryChange], clock: ClockReading) throws(StoreError) {
    try write(clock) { (tables) throws(StoreError) in try tables.commit(changes, clock) }
  }

  /// Makes an edit of objects durable together with `changes`.
  ///
  /// - Parameter expected: The generation that it was planned against.
  /// - Returns: Its generation; nil when another edit was made since `expected`, and nothing was
  ///   written.
  package func commit(
    _ writes: [ObjectWrite], _ changes: [RegistryChange] = [], after expected: UInt64,
    author: String, note: String, clock: ClockReading
  ) throws(StoreError) -> UInt64? {
    var generation: UInt64?
    try write(clock) { (tables) throws(StoreError) in
      guard try tables.generation() == expected else { return }
      generation = try tables.commit(writes, changes, author: author, note: note, clock)
    }
    return generation
  }

  /// All objects as they are now, by kind and name, secrets with their values, and the edit that
  /// they are of.
  package func objects() throws(StoreError) -> ([ObjectRow], generation: UInt64) {
    try read { (tables) throws(StoreError) in (try tables.objects(), try tables.generation()) }
  }

  /// All objects as they were after `generation`, secrets without values; nil when it is not known
  /// (any more).
  package func objects(at generation: UInt64) throws(StoreError) -> [ObjectRow]? {
    try read { (tables) throws(StoreError) in
      let oldest = try tables.oldestGeneration()
      guard generation > 0, oldest > 0, generation >= oldest,
        generation <= (try tables.generation())
      else { return nil }
      return try tables.objects(at: generation)
    }
  }

  /// Edits before generation `number` (nil: from the last), the last first.
  package func generations(
    before number: UInt64? = nil, limit: Int
  ) throws(StoreError) -> [ObjectGeneration] {
    try read { (tables) throws(StoreError) in
      try tables.generations(before: number ?? .max, limit: limit)
    }
  }

  /// What one edit wrote; nil when it is not known (any more).
  package func steps(
    of generation: UInt64
  ) throws(StoreError) -> (ObjectGeneration, [ObjectStep])? {
    try read { (tables) throws(StoreError) in
      let before = generation == .max ? generation : generation + 1
      guard let found = try tables.generations(before: before, limit: 1).first,
        found.number == generation
      else { return nil }
      return (found, try tables.writes(of: generation))
    }
  }

  /// A machine's history, the last entry first.
  package func entries(
    of machine: String, clock: ClockReading
  ) throws(StoreError) -> [ProvisionEntry] {
    try read { (tables) throws(StoreError) in try tables.entries(of: machine, clock) }
  }

  /// Keeps the token, in place of the one with its identifier.
  package func keep(_ token: TokenRow, clock: ClockReading) throws(StoreError) {
    try write(clock) { (tables) throws(StoreError) in
      try tables.commit(clock) { (connection) throws(StoreError) in
        let put = try connection.prepare(TokenRow.put)
        try token.bind(to: put)
        try put.run()
      }
    }
  }

  /// Forgets the token of this identifier.
  package func forgetToken(_ id: String, clock: ClockReading) throws(StoreError) {
    try write(clock) { (tables) throws(StoreError) in
      try tables.commit(clock) { (connection) throws(StoreError) in
        try RegistryTables.run("DELETE FROM token WHERE id = ?1", id, connection)
      }
    }
  }

  private func write(
    _ clock: ClockReading, _ body: (inout RegistryTables) throws(StoreError) -> Void
  ) throws(StoreError) {
    try tables.withLock { (tables) throws(StoreError) in
      if tables?.isReadOnly == true {
        // Closed first, for it may have locked the database.
        tables = nil
        do throws(StoreError) {
          var writable = try RegistryTables.open(at: path, clock)
          _ = try writable.load(clock)
          tables = consume writable
        } catch {
          tables = RegistryTables.openToRead(path, clock)
          throw error
        }
        throw StoreError(.removed, code: 0, message: "it can be written again", path: path)
      }
      guard tables?.isInPlace == true else {
        // Closed first, for closing deletes the log by its name: the new database's, then.
        tables = nil
        tables = try RegistryTables.open(at: path, clock)
        throw StoreError(.removed, code: 0, message: "a new database was made", path: path)
      }
      guard var open = tables.take() else { return }
      do throws(StoreError) { try body(&open) } catch {
        tables = consume open
        throw error
      }
      tables = consume open
    }
  }

  private func read<Result: Sendable>(
    _ body: (borrowing RegistryTables) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try tables.withLock { (tables) throws(StoreError) in
      guard let open = tables.take() else {
        throw StoreError(.unreadable, code: 0, message: "there is no database", path: path)
      }
      do throws(StoreError) {
        let result = try body(open)
        tables = consume open
        return result
      } catch {
        tables = consume open
        throw error
      }
    }
  }
}
