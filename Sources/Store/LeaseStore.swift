import Boot
import Network
import Synchronization

/// The leases on disk.
///
/// Its owner calls it from one background queue, and an ACK leaves only after `commit` has
/// returned. The lock makes it safe to be handed to that queue; nobody ever waits for it.
package final class LeaseStore: Sendable {
  /// Nil while the database is gone and no other could be made.
  private let tables: Mutex<LeaseTables?>
  private let path: String

  /// What was found when the store was opened.
  package struct Opened: Sendable {
    package let store: LeaseStore
    /// In the order of their addresses; those that have ended meanwhile too, as their clients
    /// will ask for the same address again.
    package let leases: [Lease]
    /// Rows that made no sense and are not among `leases`.
    package let unreadableRows: Int
    /// The database that a new one has replaced; the operator must hear of it.
    package let setAside: SetAside?
  }

  private init(_ tables: consuming sending LeaseTables, _ path: String) {
    self.tables = Mutex(tables)
    self.path = path
  }

  /// Opens the database at `path`, which is made when it is not there, and reads all leases.
  ///
  /// A damaged or unreadable database is set aside, what can be read of it is taken over, and a
  /// new one is made: lease data never refuses a start.
  ///
  /// - Throws: When no database can be had at all, or a newer bootwire wrote this one.
  package static func open(
    at path: String, clock: ClockReading
  ) throws(StoreError) -> Opened {
    let reason: StoreError
    do throws(StoreError) {
      var tables = try LeaseTables.open(at: path, clock)
      let (leases, unreadable) = try tables.load(clock)
      return Opened(
        store: LeaseStore(tables, path), leases: leases, unreadableRows: unreadable, setAside: nil)
    } catch {
      switch error.kind {
      case .corrupt, .unreadable, .readOnly: reason = error
      case .diskFull, .busy, .newerSchema, .removed, .other: throw error
      }
    }
    var setAside = try SetAside(path, reason)
    var tables = try LeaseTables.open(at: path, clock)
    let (leases, unreadable) = LeaseTables.salvage(setAside.path, clock)
    try tables.commit(leases.map { .put($0) }, clock)
    setAside.salvaged = leases.count
    return Opened(
      store: LeaseStore(tables, path), leases: leases, unreadableRows: unreadable,
      setAside: setAside)
  }

  /// Makes all of `changes` durable, in their order, or none when it throws.
  ///
  /// After an error the store stays usable: once a full disk has room again, the next commit
  /// succeeds.
  ///
  /// - Throws: `removed` when the file had been taken away: without it commits would succeed in a
  ///   file that nobody will ever find again.
  package func commit(_ changes: [LeaseChange], clock: ClockReading) throws(StoreError) {
    try tables.withLock { (tables) throws(StoreError) in
      guard tables?.isInPlace == true else {
        // Closed first, for closing deletes the log by its name: the new database's, then.
        tables = nil
        tables = try LeaseTables.open(at: path, clock)
        throw StoreError(.removed, code: 0, message: "a new database was made", path: path)
      }
      try tables?.commit(changes, clock)
    }
  }
}
