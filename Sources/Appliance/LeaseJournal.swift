import Boot
import EventLoop
import Network
import Services
import Store

/// Holds back what follows a lease until the lease is durable, many leases to one commit.
///
/// While one commit is under way beside the loop, the next batch gathers; so there is never more
/// than one commit at a time, and its cost is shared by all ACKs of the batch.
final class LeaseJournal {
  /// Leases to commit, and the actions that wait for them.
  private struct Batch {
    var changes: [LeaseChange] = []
    var actions = Actions()

    mutating func clear() {
      changes.removeAll(keepingCapacity: true)
      actions.clear()
    }
  }

  private let loop: EventLoop
  private let store: LeaseStore
  private let boot: String
  private var gathering = Batch()
  private var committing = Batch()
  private(set) var isCommitting = false

  /// Performs what waited, once its leases are durable.
  var onCommitted: (Actions) -> Void = { _ in }
  /// The commit failed: what waited is dropped, and the clients ask again.
  var onFailed: (any Error) -> Void = { _ in }

  init(loop: EventLoop, store: LeaseStore, boot: String) {
    self.loop = loop
    self.store = store
    self.boot = boot
  }

  /// Nothing waits and nothing is under way.
  var isIdle: Bool { !isCommitting && gathering.changes.isEmpty }

  /// Takes a change into the next commit.
  ///
  /// - Returns: False when the disk is so slow that too many wait already: what promises this
  ///   change must not be sent.
  func add(_ change: LeaseChange) -> Bool {
    guard gathering.changes.count < Self.limit else { return false }
    gathering.changes.append(change)
    return true
  }

  /// Puts all leases again, into a database that was made anew.
  func addAgain(_ leases: [Lease]) { gathering.changes += leases.map { .put($0) } }

  /// Beyond it clients have given up waiting and ask again.
  static let limit = 16_384

  /// Keeps an action until the changes added so far are durable.
  func hold(_ action: Action, of actions: Actions) {
    gathering.actions.adopt(action, from: actions)
  }

  /// Starts the next commit unless one is under way. Called at the end of each turn.
  func commit() {
    guard !isCommitting, !gathering.changes.isEmpty else { return }
    swap(&gathering, &committing)
    isCommitting = true
    let changes = committing.changes
    let clock = ClockReading(now: loop.now, wallClock: loop.wallClock, boot: boot)
    loop.offload { [store] in
      try store.commit(changes, clock: clock)
    } then: { [unowned self] outcome in
      finish(outcome)
    }
  }

  private func finish(_ outcome: Result<Void, any Error>) {
    isCommitting = false
    switch outcome {
    case .success: onCommitted(committing.actions)
    case .failure(let error): onFailed(error)
    }
    committing.clear()
  }
}
