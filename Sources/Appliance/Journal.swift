import Boot
import EventLoop
import Network
import Services
import Store

/// Holds back what follows a change until the change is durable, many changes to one commit.
///
/// While one commit is under way beside the loop, the next batch gathers; so there is never more
/// than one commit at a time, and its cost is shared by all that waits for the batch.
final class Journal<Change: Sendable> {
  /// Changes to commit, and what waits for them.
  private struct Batch {
    var changes: [Change] = []
    var actions = Actions()
    var completions: [(Bool) -> Void] = []

    mutating func clear() {
      changes.removeAll(keepingCapacity: true)
      actions.clear()
      completions.removeAll(keepingCapacity: true)
    }
  }

  private let loop: EventLoop
  let lane: EventLoop.Lane?
  let boot: String
  private let store: @Sendable ([Change], ClockReading) throws -> Void
  private var gathering = Batch()
  private var committing = Batch()
  private(set) var isCommitting = false
  private let clock: () -> ClockReading
  /// The clocks at the last commit, which rows are counted by, and at the one under way.
  private var stamped: ClockReading
  private var stamping: ClockReading
  private var mustFollow = false
  /// After a commit that failed, the clock alone is no reason for another until then.
  private var restsUntil = Instant(nanoseconds: .min)

  /// Performs what waited, once its changes are durable.
  var onCommitted: (Actions) -> Void = { _ in }
  /// The commit failed: what waited is dropped, and the clients ask again.
  var onFailed: (any Error) -> Void = { _ in }

  /// - Parameters:
  ///   - lane: Where it commits, so that no other commit waits for it.
  ///   - clock: What a commit is stamped with; nil: the loop's.
  ///   - store: Makes the changes durable, all or none.
  init(
    loop: EventLoop, boot: String, lane: EventLoop.Lane? = nil,
    clock: (() -> ClockReading)? = nil,
    store: @escaping @Sendable ([Change], ClockReading) throws -> Void
  ) {
    let clock =
      clock ?? { ClockReading(now: loop.now, wallClock: loop.wallClock, boot: boot) }
    self.clock = clock
    stamped = clock()
    stamping = stamped
    self.loop = loop
    self.lane = lane
    self.boot = boot
    self.store = store
  }

  /// Nothing waits and nothing is under way.
  var isIdle: Bool { !isCommitting && !mustFollow && gathering.changes.isEmpty }

  /// Takes a change into the next commit.
  ///
  /// - Returns: False when the disk is so slow that too many wait already: what promises this
  ///   change must not be sent.
  func add(_ change: Change) -> Bool { add([change]) }

  /// As ``add(_:)``, all or none.
  func add(_ changes: [Change]) -> Bool {
    guard gathering.changes.count + changes.count <= Self.limit else { return false }
    gathering.changes += changes
    return true
  }

  /// Puts everything again, into a database that was made anew.
  func addAgain(_ changes: [Change]) { gathering.changes += changes }

  /// Beyond it clients have given up waiting and ask again.
  static var limit: Int { 16_384 }

  /// Keeps an action until the changes added so far are durable.
  func hold(_ action: Action, of actions: Actions) {
    gathering.actions.adopt(action, from: actions)
  }

  /// Calls `then` when the changes added so far are durable, or, with false, are not to be.
  func afterCommit(_ then: @escaping (Bool) -> Void) { gathering.completions.append(then) }

  /// Looks whether the wall clock was set since the last commit: then there is another, though
  /// nothing has changed, for a box without a battery clock may lose its power before the next change.
  func followClock() {
    let clock = clock()
    if clock.now >= restsUntil, clock.wasSet(since: stamped) { mustFollow = true }
  }

  /// Starts the next commit unless one is under way. Called at the end of each turn.
  func commit() {
    guard !isCommitting, mustFollow || !gathering.changes.isEmpty else { return }
    mustFollow = false
    swap(&gathering, &committing)
    isCommitting = true
    let changes = committing.changes
    let clock = clock()
    stamping = clock
    loop.offload(on: lane) { [store] in
      try store(changes, clock)
    } then: { [unowned self] outcome in
      finish(outcome)
    }
  }

  private func finish(_ outcome: Result<Void, any Error>) {
    isCommitting = false
    switch outcome {
    case .success:
      stamped = stamping
      onCommitted(committing.actions)
      for completion in committing.completions { completion(true) }
    case .failure(let error):
      restsUntil = stamping.now + .seconds(60)
      onFailed(error)
      for completion in committing.completions { completion(false) }
    }
    committing.clear()
  }
}

typealias LeaseJournal = Journal<LeaseChange>

typealias RegistryJournal = Journal<RegistryChange>

extension Journal<LeaseChange> {
  convenience init(
    loop: EventLoop, store: LeaseStore, boot: String, clock: (() -> ClockReading)? = nil
  ) {
    self.init(loop: loop, boot: boot, clock: clock) { changes, clock in
      try store.commit(changes, clock: clock)
    }
  }

  /// Puts all leases again, into a database that was made anew.
  func addAgain(_ leases: [Lease]) { addAgain(leases.map { LeaseChange.put($0) }) }
}
