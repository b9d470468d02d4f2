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
    /// Why there is no database to write to. Every commit tries again, and until one can be had
    /// each throws; `leases` are those that could be read all the same.
    package let failure: StoreError?

    /// Whether somebody may have a lease that is not among `leases`: an address that looks free must
    /// be asked for before it is given.
    package var mayLackLeases: Bool { setAside != nil || unreadableRows > 0 || failure != nil }

    fileprivate init(_ store: LeaseStore, _ found: LeaseTables.Found, failure: StoreError? = nil) {
      self.store = store
      leases = found.leases
      unreadableRows = found.unreadableRows
      setAside = found.setAside
      self.failure = failure
    }
  }

  private init(_ tables: consuming sending LeaseTables?, _ path: String) {
    self.tables = Mutex(tables)
    self.path = path
  }

  /// Opens the database at `path`, which is made when it is not there, and reads all leases.
  ///
  /// Lease data never refuses a start. A damaged or unreadable database is set aside, what can be
  /// read of it is taken over, and a new one is made; on a full or read-only disk the leases are read
  /// as they are (``Opened/failure``).
  ///
  /// - Throws: When a newer bootwire wrote this one, and for no other reason.
  package static func open(
    at path: String, clock: ClockReading
  ) throws(StoreError) -> Opened {
    var found = LeaseTables.Found()
    do throws(StoreError) {
      let tables = try LeaseTables.openOrReplace(at: path, clock, &found)
      return Opened(LeaseStore(tables, path), found)
    } catch {
      switch error.kind {
      case .newerSchema: throw error
      case .corrupt, .unreadable, .readOnly, .diskFull, .busy, .removed, .other:
        if found.setAside == nil {
          (found.leases, found.unreadableRows) = LeaseTables.salvage(
            path, clock, by: Connection.Access.waysToRead)
        }
        return Opened(LeaseStore(nil, path), found, failure: error)
      }
    }
  }

  /// Makes all of `changes` durable, in their order, or none when it throws.
  ///
  /// After an error the store stays usable: once a full disk has room again, the next commit
  /// succeeds.
  ///
  /// - Throws: `removed` when the database was another one than before: the file had been taken
  ///   away, without which commits would succeed in a file that nobody will ever find again; it was
  ///   found damaged; or there had been none.
  package func commit(_ changes: [LeaseChange], clock: ClockReading) throws(StoreError) {
    try tables.withLock { (tables) throws(StoreError) in
      guard tables?.isInPlace == true else { throw try Self.replace(&tables, path, clock) }
      do throws(StoreError) { try tables?.commit(changes, clock) } catch {
        guard error.kind == .corrupt else { throw error }
        throw try Self.replace(&tables, path, clock)
      }
    }
  }

  /// Opens the database anew, and gives the error that tells it.
  private static func replace(
    _ tables: inout LeaseTables?, _ path: String, _ clock: ClockReading
  ) throws(StoreError) -> StoreError {
    // Closed first, for closing deletes the log by its name: the new database's, then.
    tables = nil
    var found = LeaseTables.Found()
    tables = try LeaseTables.openOrReplace(at: path, clock, &found)
    let message =
      found.setAside.map { "a new database was made, the damaged one is \($0.path)" }
      ?? "a new database was made"
    return StoreError(.removed, code: 0, message: message, path: path)
  }
}
