import Boot
import Network

/// Follows one machine's attempt to boot by its events, and says when it came to nothing.
///
/// A value without a clock: the same events at the same instants give the same answer.
struct BootWatch: Sendable {
  /// What a script or menu leads its machine to.
  enum Promise: Hashable, Sendable {
    /// So many files of ours.
    case files(Int)
    /// Whatever the operator's script says.
    case unknown
    /// Its own disk.
    case disk
  }

  /// How far it has come.
  private enum Stage: Sendable {
    case address, told, loader, script
  }

  private(set) var lastStep: Instant
  private var stage = Stage.address
  /// DISCOVERs on end, and when the last was.
  private var discovers = 0
  /// What it got last, and what was not there since.
  private var fetched: String?
  private var missing: String?
  private var missingCount = 0
  /// Why a transfer broke off, and when.
  private var failure: (name: String, text: String, time: Instant)?
  private var promise = Promise.unknown
  /// Files that it got since its script.
  private var got = 0
  /// The machine boots, was told to start its disk, is nobody's to boot, or is written of already.
  private(set) var isOver = false

  /// So often that it is no impatience: PXE firmware says it four times, then gives up (PXE 2.1 §2.2).
  static let repetitions = 4
  /// After a transfer broke off, so long is awaited whether the machine does something about it.
  static let aftermath = Duration.seconds(5)

  /// Names that are not there that a boot program tries on end: PXELINUX's menus by address, and some.
  private static let mostSearched = 32

  init(at now: Instant) { lastStep = now }

  /// Whether it has come further than to an address.
  var isPastAddress: Bool { stage == .loader || stage == .script }

  mutating func end() { isOver = true }

  /// Something went on that is no event: blocks of a long transfer.
  mutating func touch(at now: Instant) { lastStep = max(lastStep, now) }

  /// - Parameter promise: Of a script or menu, what its profile leads to.
  mutating func take(_ fact: Fact, _ promise: Promise, at now: Instant) {
    switch fact {
    case .discoverReceived(let firmware):
      guard firmware != nil else { return }
      discovers += 1
      lastStep = now
    case .addressOffered(_, let instruction), .bootOffered(let instruction):
      told(instruction, isFinal: false)
    case .requestReceived(_, let firmware):
      // A client that does not boot asks for itself.
      if firmware != nil { step(at: now) }
    case .leaseGranted(_, _, let instruction), .bootAcknowledged(let instruction):
      told(instruction, isFinal: true)
      step(at: now)
    case .machineIgnored, .bootUnsupported, .machineReported: isOver = true
    case .transferStarted, .transferProbed, .requestRefused: step(at: now)
    case .transferCompleted(let name, _, _, _), .fileServed(let name, _, _):
      take(file: name, at: now)
    case .transferFailed(let name, let reason):
      step(at: now)
      failure = (name, "\(name): \(reason)", now)
    case .fileCut(let name, let byteCount, let whole):
      step(at: now)
      failure = (name, "\(name): the machine closed after \(byteCount) of \(whole) bytes", now)
    case .fileMissing(_, let name), .requestDenied(let name, _):
      // Who asks again and again for what is not there gets no further.
      if missingCount < Self.mostSearched, missing != name { step(at: now) }
      missingCount += 1
      if missing == nil { missing = name }
    case .scriptRendered, .menuRendered: take(promise, at: now)
    case _: break
    }
  }

  private mutating func step(at now: Instant) {
    lastStep = now
    discovers = 0
    if stage == .address { stage = .told }
  }

  private mutating func told(_ instruction: BootInstruction, isFinal: Bool) {
    switch instruction {
    case .loader, .script, .native: break
    case .local: if isFinal { isOver = true }
    case .unsupported, .nothing, .ignore: isOver = true
    }
  }

  private mutating func take(file name: String, at now: Instant) {
    step(at: now)
    fetched = name
    missing = nil
    missingCount = 0
    if failure?.name == name { failure = nil }
    guard stage == .script else {
      stage = .loader
      return
    }
    got += 1
    if case .files(let count) = promise, got >= count { isOver = true }
  }

  private mutating func take(_ promise: Promise, at now: Instant) {
    if promise == .disk || promise == .files(0) { isOver = true }
    // A script that is fetched again after one of its files was not there is no progress either.
    if stage == .script, missing != nil, got == 0 { return }
    step(at: now)
    stage = .script
    self.promise = promise
    got = 0
    missing = nil
    missingCount = 0
  }

  /// Why the attempt came to nothing by `now`; nil while it goes on. What is quiet for long and lacks
  /// nothing is over.
  ///
  /// - Parameter stall: How long a machine may be quiet.
  mutating func due(at now: Instant, stall: Duration) -> String? {
    guard !isOver else { return nil }
    if discovers >= Self.repetitions, !isPastAddress {
      return "it said DISCOVER \(discovers) times and took no offer"
    }
    if let failure, now >= failure.time + Self.aftermath { return failure.text }
    guard now >= lastStep + stall else { return nil }
    let reason = stalled(after: stall)
    if reason == nil { isOver = true }
    return reason
  }

  /// Why an attempt that is followed by another one came to nothing.
  var abandoned: String? {
    guard !isOver, isPastAddress || failure != nil || missing != nil else { return nil }
    return failure?.text ?? stalled(after: nil)
  }

  private func stalled(after stall: Duration?) -> String? {
    let end = stall.map { "nothing followed for \($0.components.seconds) s" } ?? "it began anew"
    if let missing {
      let others = missingCount > 1 ? ", nor \(missingCount - 1) others," : ""
      return "\(missing) is not there\(others) and \(end)"
    }
    switch stage {
    // One question and no more is a machine that another server serves, or none that boots.
    case .address: return nil
    case .told: return "it was told what to boot, and \(end)"
    case .loader: return "it got \(fetched ?? "its loader") and asked for no script, and \(end)"
    case .script:
      switch promise {
      case .disk, .unknown: return nil
      case .files(let count): return "it got \(got) of \(count) files of its script, and \(end)"
      }
    }
  }
}
