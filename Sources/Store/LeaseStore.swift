import Boot
import Network
import Synchronization

/// The leases on disk.
///
/// Its owner calls it from one background queue, and an ACK leaves only after `commit` has
/// returned. The lock makes it safe to be handed to that queue; nobody ever waits for it.
package final class LeaseStore: Sendable {
  private struct State: ~Copyable {
    /// Nil while the database is gone and no other could be made.
    var tables: LeaseTables?
    /// Whether there was a database, so that a new one lacks its leases.
    var isExpected: Bool
    /// Whether it could be opened since the start.
    var hasBeenOpen: Bool
    var found: [Lease] = []
  }

  private let state: Mutex<State>
  private let path: String

  /// What was found when the store was opened.
  package struct Opened: Sendable {
    package let store: LeaseStore
    /// In the order of their addresses; those that have ended meanwhile too, as their clients
    /// will ask for the same address again.
    package let leases: [Lease]
    /// Rows that made no sense, are not among `leases` and were removed; the operator must hear of it.
    package let unreadableRows: Int
    /// The database that a new one has replaced; the operator must hear of it.
    package let setAside: SetAside?
    /// Why there is no database to write to. Every commit tries again, and until one can be had
    /// each throws; `leases` are those that could be read all the same.
    package let failure: StoreError?
    /// When leases were lost, now or before an earlier start, that somebody may still live by; nil
    /// when there were none, or the longest lease has ended since.
    package let lost: Instant?
    /// There had been a database, and a new one was made because there was none to set aside.
    package let isMissing: Bool
    /// Commits that had been made were not found in its log.
    package let isLogDamaged: Bool

    /// Whether somebody may have a lease that is not among `leases`: an address that looks free must
    /// be asked for before it is given.
    package var mayLackLeases: Bool { lost != nil || failure != nil }

    fileprivate init(_ store: LeaseStore, _ found: LeaseTables.Found, failure: StoreError? = nil) {
      self.store = store
      leases = found.leases
      unreadableRows = found.unreadableRows
      setAside = found.setAside
      lost = found.lost
      isLogDamaged = found.isLogDamaged
      isMissing = found.isMissing && found.setAside == nil
      self.failure = failure
    }
  }

  private init(
    _ tables: consuming sending LeaseTables?, _ path: String, isExpected: Bool, hasBeenOpen: Bool
  ) {
    state = Mutex(State(tables: tables, isExpected: isExpected, hasBeenOpen: hasBeenOpen))
    self.path = path
  }

  /// Opens the database at `path`, which is made when it is not there, and reads all leases.
  ///
  /// Lease data never refuses a start. A damaged or unreadable database is set aside, what can be
  /// read of it is taken over, and a new one is made; on a full or read-only disk the leases are read
  /// as they are (``Opened/failure``).
  ///
  /// What is lost is told (``Opened/lost``) by every start until the longest lease has ended. A log
  /// that was cut cannot be told from one that was never longer, nor one whose last commit alone is
  /// damaged from one that the power cut short.
  ///
  /// - Parameter isExpected: This box has had a database, so that leases are lost if there is none.
  /// - Throws: When a newer bootwire wrote this one, and for no other reason.
  package static func open(
    at path: String, clock: ClockReading, isExpected: Bool = false
  ) throws(StoreError) -> Opened {
    var found = LeaseTables.Found()
    do throws(StoreError) {
      let tables = try LeaseTables.openOrReplace(at: path, clock, isExpected: isExpected, &found)
      return Opened(LeaseStore(tables, path, isExpected: true, hasBeenOpen: true), found)
    } catch {
      switch error.kind {
      case .newerSchema: throw error
      case .corrupt, .unreadable, .readOnly, .diskFull, .busy, .removed, .other:
        if found.setAside == nil, found.leases.isEmpty {
          (found.leases, found.unreadableRows) = LeaseTables.salvage(
            path, clock, by: Connection.Access.waysToRead)
        }
        let store = LeaseStore(nil, path, isExpected: isExpected, hasBeenOpen: false)
        return Opened(store, found, failure: error)
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
  ///   found damaged; or there had been none. Restore ``takeFound()``, then put all leases again.
  package func commit(_ changes: [LeaseChange], clock: ClockReading) throws(StoreError) {
    try state.withLock { (state) throws(StoreError) in
      guard state.tables?.isInPlace == true else { throw try Self.replace(&state, path, clock) }
      do throws(StoreError) { try state.tables?.commit(changes, clock) } catch {
        guard error.kind == .corrupt else { throw error }
        throw try Self.replace(&state, path, clock)
      }
    }
  }

  /// The leases of a database that could not be opened at the start, and now could; empty otherwise.
  ///
  /// They go before what the start had read of it, perhaps without its log: no commit had succeeded
  /// since, so that nobody was promised anything else.
  package func takeFound() -> [Lease] {
    state.withLock { state in
      defer { state.found = [] }
      return state.found
    }
  }

  /// Opens the database anew, and gives the error that tells it.
  private static func replace(
    _ state: inout State, _ path: String, _ clock: ClockReading
  ) throws(StoreError) -> StoreError {
    // Closed first, for closing deletes the log by its name: the new database's, then.
    state.tables = nil
    var found = LeaseTables.Found()
    state.tables = try LeaseTables.openOrReplace(
      at: path, clock, isExpected: state.isExpected, &found)
    let isFirst = !state.hasBeenOpen
    if isFirst { state.found = found.leases }
    (state.isExpected, state.hasBeenOpen) = (true, true)
    let message =
      found.setAside.map { "a new database was made, the damaged one is \($0.path)" }
      ?? (isFirst ? "it can be used again" : "a new database was made")
    return StoreError(.removed, code: 0, message: message, path: path)
  }
}
