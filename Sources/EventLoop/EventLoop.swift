import CLinux
import Dispatch
import Glibc
import Network

/// Real time and real descriptors on one serial queue.
///
/// Everything that belongs to a loop is used on the loop only: before `run`, within its handlers,
/// and after `run` has returned. So nothing here locks, and only `post`, `stop` and the results of
/// `offload` cross threads. This is the one type whose confinement the compiler takes on trust.
///
/// A *turn* is what one wake-up does: its events, then due deadlines, then `onEndOfTurn`, then the
/// datagrams that were queued leave.
package final class EventLoop: @unchecked Sendable {
  /// The earliest instant at which `onDeadline` is wanted. Asked after each turn.
  package var nextDeadline: () -> Instant? = { nil }
  /// Called when `nextDeadline` has come, perhaps late, never early.
  package var onDeadline: (Instant) -> Void = { _ in }
  /// Called once after the events of a wake-up: the place for a group commit.
  package var onEndOfTurn: () -> Void = {}
  /// How long a readiness handler waits for more before it returns to Dispatch: a lone lockstep
  /// client then costs a quarter less. Not while datagrams come or work is off the loop.
  package var linger = Duration.milliseconds(1)
  /// The time of this turn. CLOCK_BOOTTIME: a lease runs on while the machine sleeps, and no NTP
  /// correction moves it.
  package private(set) var now = EventLoop.readClock()

  /// Of a class of its own: Dispatch has as many threads for each as there are processors, and what
  /// is busy or waits elsewhere in the process must not keep the loop from one.
  let queue = DispatchQueue(label: "bootwire.loop", qos: .userInitiated)
  let readiness: ReadinessSet
  let scratch = Scratch()
  let receiver = DatagramReceiver()
  /// When a busy datagram socket last had something to read.
  var lastDatagram = Instant(nanoseconds: .min)
  private(set) var isStopped = false

  private let background = Lane("offload")
  private let finished = DispatchSemaphore(value: 0)
  private let timer: any DispatchSourceTimer
  private var armed = Instant.never
  private var hasRun = false
  private var isInTurn = false
  private var sources: [any DispatchSourceProtocol] = []
  private var periodics: [Periodic] = []
  private var completions: [UInt64: (any Sendable) -> Void] = [:]
  private var nextCompletion: UInt64 = 0
  private var unsent: [DatagramSender] = []

  package init() throws(SystemError) {
    cl_ignore_signal(SIGPIPE)
    readiness = try ReadinessSet()
    timer = DispatchSource.makeTimerSource(queue: queue)
    // Handlers wait here until `run`, so that a program can be put together in peace.
    queue.suspend()
    // Never weak: a weak reference would make each retain of the loop a slow one. Sources are
    // cancelled before the loop goes, so no handler finds it gone.
    timer.setEventHandler { [unowned self] in
      armed = .never
      turn {}
    }
    timer.schedule(deadline: .distantFuture)
    timer.activate()
    watch(readiness.descriptor) { loop in
      loop.workReadinessSet()
    } onCancel: { [readiness] in
      // Its descriptor stays open while Dispatch watches it: the number may be the next loop's at once.
      withExtendedLifetime(readiness) {}
    }
  }

  deinit {
    if !isStopped { cancelSources() }
    if !hasRun { queue.resume() }
  }

  /// The wall clock: for files and logs only.
  package var wallClock: UnixTime { WallClock.read() }

  /// Works until `stop`; blocks the calling thread. Once only.
  package func run() {
    precondition(!hasRun, "a loop runs once")
    hasRun = true
    queue.async { self.turn {} }
    queue.resume()
    finished.wait()
  }

  /// Makes `run` return after the turns already queued. From any thread.
  package func stop() {
    queue.async {
      guard !self.isStopped else { return }
      self.turn {}
      self.isStopped = true
      self.cancelSources()
      self.readiness.removeAll()
      self.finished.signal()
    }
  }

  /// Runs `work` as a turn of its own. From any thread.
  package func post(_ work: @escaping @Sendable () -> Void) {
    queue.async { self.turn(work) }
  }

  /// Closes the connection that has been idle longest, so that a descriptor is free; false when
  /// there is none.
  package func makeRoom() -> Bool { readiness.closeLongestIdle() }

  /// What runs beside the loop, one after another; what is in one lane never waits for another's.
  package final class Lane: Sendable {
    fileprivate let queue: DispatchQueue

    package init(_ name: String) {
      queue = DispatchQueue(label: "bootwire.\(name)", qos: .utility)
    }
  }

  /// Runs `work`, which may block, beside the loop, one at a time and in order; then `then` on
  /// the loop.
  ///
  /// - Parameter lane: Whose turn it waits for; that of everything which has none of its own.
  package func offload<Value: Sendable>(
    on lane: Lane? = nil, _ work: @escaping @Sendable () throws -> Value,
    then: @escaping (Result<Value, any Error>) -> Void
  ) {
    // `then` stays here, so that what it holds is never released on the other thread.
    let number = nextCompletion
    nextCompletion += 1
    completions[number] = { outcome in
      guard let outcome = outcome as? Result<Value, any Error> else { return }
      then(outcome)
    }
    (lane ?? background).queue.async {
      let outcome = Result { try work() }
      self.queue.async {
        guard let complete = self.completions.removeValue(forKey: number) else { return }
        self.turn { complete(outcome) }
      }
    }
  }

  /// Calls `work` every `interval` from now on: watchdog, housekeeping.
  package func every(_ interval: Duration, _ work: @escaping () -> Void) {
    precondition(interval > .zero, "a period is longer than nothing")
    periodics.append(Periodic(interval: interval, next: now + interval, work: work))
  }

  /// Calls `work` for each delivery of `signal`, which then no longer ends the process.
  ///
  /// Dispatch takes the signal over a moment after `run`. Until then HUP is lost, for what it asks
  /// to be read is being read; any other does what it does by default.
  package func onSignal(_ signal: Int32, _ work: @escaping () -> Void) {
    if signal == SIGHUP { cl_ignore_signal(signal) }
    let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
    source.setEventHandler { [unowned self] in turn(work) }
    sources.append(source)
    source.activate()
  }

  /// What one wake-up does.
  func turn(_ work: () -> Void) {
    guard !isStopped else { return }
    now = Self.readClock()
    work()
    endTurn()
  }

  /// Calls `ready` while `descriptor` can be read, as a turn; `onCancel` may then close it.
  @discardableResult
  package func watch(
    _ descriptor: Int32, ready: @escaping (EventLoop) -> Void, onCancel: @escaping () -> Void
  ) -> any DispatchSourceProtocol {
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    source.setEventHandler { [unowned self] in turn { ready(self) } }
    source.setCancelHandler(handler: onCancel)
    sources.append(source)
    source.activate()
    return source
  }

  func unwatch(_ source: any DispatchSourceProtocol) {
    sources.removeAll { $0 as AnyObject === source as AnyObject }
    source.cancel()
  }

  /// Has `sender` flushed when the turn ends.
  func flushLater(_ sender: DatagramSender) { unsent.append(sender) }

  private func workReadinessSet() {
    let start = now
    var handled = readiness.work(at: now, waiting: 0)
    while handled > 0, now - start < Self.longestStay {
      endTurn()
      now = Self.readClock()
      handled = readiness.work(at: now, waiting: 0)
      if handled == 0, mayLinger {
        handled = readiness.work(at: now, waiting: Int32(clamping: linger.nanoseconds / 1_000_000))
        now = Self.readClock()
      }
    }
  }

  private var mayLinger: Bool {
    completions.isEmpty && now - lastDatagram > Self.datagramLull
  }

  private func endTurn() {
    fireDeadlines()
    onEndOfTurn()
    for sender in unsent { sender.flush() }
    unsent.removeAll(keepingCapacity: true)
    arm()
  }

  private func fireDeadlines() {
    if let due = nextDeadline(), due <= now { onDeadline(now) }
    if readiness.wheel.due <= now { readiness.expire(at: now) }
    for index in periodics.indices where periodics[index].next <= now {
      periodics[index].next = now + periodics[index].interval
      periodics[index].work()
    }
  }

  /// Arming costs system calls, so a deadline that moved later lets the timer fire in vain.
  private func arm() {
    var earliest = min(nextDeadline() ?? .never, readiness.wheel.due)
    for periodic in periodics { earliest = min(earliest, periodic.next) }
    guard earliest < armed else { return }
    armed = earliest
    // At least a millisecond: a deadline that is not taken back must not spin.
    let wait = max((earliest - Self.readClock()).nanoseconds, 1_000_000)
    timer.schedule(deadline: .now() + .nanoseconds(Int(wait)))
  }

  private func cancelSources() {
    timer.cancel()
    for source in sources { source.cancel() }
    sources = []
  }

  private static func readClock() -> Instant { Instant(nanoseconds: cl_clock(1)) }

  /// The longest that the readiness set keeps the queue from the other sources.
  private static let longestStay = Duration.milliseconds(4)
  private static let datagramLull = Duration.milliseconds(50)
}

/// What happens again and again.
private struct Periodic {
  var interval: Duration
  var next: Instant
  var work: () -> Void
}
