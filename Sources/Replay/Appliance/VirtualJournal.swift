import Boot
import Network
import Services

/// Holds back what follows a lease until it is durable, many leases to one commit: the appliance's
/// `Journal` on virtual time, before a disk whose commits may fail.
struct VirtualJournal: Sendable {
  enum Change: Hashable, Sendable {
    case put(Lease)
    case erase(IPv4Address)
  }

  /// Changes to commit, and what waits for them.
  private struct Batch: Sendable {
    var changes: [Change] = []
    var actions = Actions()
  }

  /// A commit under way, and what is to become of it.
  private struct Commit: Sendable {
    var batch: Batch
    let end: Instant
    let succeeds: Bool
  }

  private(set) var disk: VirtualDisk
  private var gathering = Batch()
  private var commit: Commit?
  /// What a disk that lies has confirmed already.
  private var early: Actions?

  /// As the appliance's `Journal` has it.
  static let limit = 16_384

  init(_ disk: VirtualDisk) { self.disk = disk }

  /// Changes that are not durable yet.
  var waitingCount: Int { gathering.changes.count + (commit?.batch.changes.count ?? 0) }

  var nextDeadline: Instant? { early == nil ? commit?.end : .start }

  /// Takes a change into the next commit; false when too many wait.
  mutating func add(_ change: Change) -> Bool {
    guard gathering.changes.count < Self.limit else { return false }
    gathering.changes.append(change)
    return true
  }

  mutating func hold(_ action: Action, of actions: Actions) {
    gathering.actions.adopt(action, from: actions)
  }

  /// Starts the next commit unless one is under way; at the end of each turn.
  mutating func commit(at now: Instant) {
    guard commit == nil, !gathering.changes.isEmpty else { return }
    let fate = disk.fate(at: now)
    var batch = Batch()
    swap(&batch, &gathering)
    if disk.isLying {
      early = batch.actions
      batch.actions = Actions()
    }
    commit = Commit(batch: batch, end: now + fate.duration, succeeds: fate.succeeds)
  }

  mutating func takeEarly() -> Actions? {
    defer { early = nil }
    return early
  }

  /// What became of the commit that is due: its changes, none when it failed, and what is to be
  /// performed now.
  mutating func finish(at now: Instant) -> (changes: [Change], actions: Actions)? {
    guard let done = commit, done.end <= now else { return nil }
    commit = nil
    return done.succeeds ? (done.batch.changes, done.batch.actions) : ([], Actions())
  }
}
