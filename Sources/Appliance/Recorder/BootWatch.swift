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
  /// DISCOVERs on end.
  private var discovers = 0
  /// How often it was given an address, and did nothing with it.
  private var addresses = 0
  /// It boots by names that its firmware knows, and may never ask for a script.
  private var isNative = false
  /// What it got last, and what was not there since.
  private var fetched: String?
  private var missing: String?
  private var missingCount = 0
  /// Why a transfer broke off, and when.
  private var failure: (name: String, text: String, time: Instant)?
  /// Names of transfers that go on, and of files that it got whole: what another transfer of the same
  /// name ends with means nothing.
  private var open: [String] = []
  private var whole: [String] = []
  /// Why it came to nothing, where something else than its boot goes on.
  private var departure: String?
  /// Whether a text was made for it that a transfer brings.
  private var isRendered = false
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
  /// An address that is asked for again and again is no step.
  private static let mostAddresses = 4
  private static let mostNames = 32

  init(at now: Instant) { lastStep = now }

  /// Whether it took an address, or asked for a file.
  var hasAnAddress: Bool { stage != .address }

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
      if addresses < Self.mostAddresses, !isPastAddress || discovers <= Self.repetitions {
        lastStep = now
      }
    case .addressOffered(_, let instruction), .bootOffered(let instruction):
      told(instruction, isFinal: false)
    case .requestReceived(_, let firmware):
      // A client that does not boot asks for itself.
      if firmware != nil { address(at: now) }
    case .leaseGranted(_, _, let instruction), .bootAcknowledged(let instruction):
      told(instruction, isFinal: true)
      address(at: now)
      addresses += 1
    case .machineIgnored, .bootUnsupported, .machineReported: isOver = true
    case .requestRefused:
      address(at: now)
      addresses += 1
    case .transferStarted(let name, _, _, _):
      step(at: now)
      if open.count < Self.mostNames { open.append(name) }
    case .transferProbed(let name, _):
      step(at: now)
      close(name)
    case .transferCompleted(let name, _, _, _):
      close(name)
      take(file: name, at: now)
    case .fileServed(let name, _, _): take(file: name, at: now)
    case .transferFailed(let name, let reason):
      let isOurs = close(name) || !reason.followsStart
      // Firmware whose packet was lost asks from another port, and nobody answers at the former; a
      // transfer of an attempt before this one ends whenever it does.
      guard isOurs, !whole.contains(name) else { return }
      step(at: now)
      failure = (name, "\(name): \(reason)", now)
    case .fileCut(let name, let byteCount, let whole):
      step(at: now)
      failure = (name, "\(name): the machine closed after \(byteCount) of \(whole) bytes", now)
    // A request that is none has no name.
    case .requestDenied("", _): break
    case .fileMissing(_, let name), .requestDenied(let name, _):
      // Who asks again and again for what is not there gets no further.
      guard missing != name else { return }
      if missingCount < Self.mostSearched { step(at: now) }
      missingCount += 1
      if missing == nil { missing = name }
    case .scriptRendered, .menuRendered:
      isRendered = true
      take(promise, at: now)
    case _: break
    }
  }

  private mutating func step(at now: Instant) {
    lastStep = now
    discovers = 0
    addresses = 0
    if stage == .address { stage = .told }
  }

  /// A step, unless it goes round: firmware without another disk begins anew for ever.
  private mutating func address(at now: Instant) {
    let count = addresses
    let former = lastStep
    step(at: now)
    addresses = count
    if count >= Self.mostAddresses { lastStep = former }
  }

  /// Whether a transfer of that name went on.
  @discardableResult
  private mutating func close(_ name: String) -> Bool {
    guard let index = open.firstIndex(of: name) else { return false }
    open.remove(at: index)
    return true
  }

  private mutating func told(_ instruction: BootInstruction, isFinal: Bool) {
    switch instruction {
    case .loader, .script: break
    case .native: isNative = true
    case .local: if isFinal { isOver = true }
    // Its disk's system, which firmware starts when the network has failed.
    case .nothing where hasFailed:
      departure = departure ?? failure?.text ?? stalled("another system came up")
    case .unsupported, .nothing, .ignore: isOver = true
    }
  }

  /// Whether it lacks something that it cannot boot without.
  private var hasFailed: Bool {
    guard missing != nil || failure != nil else { return false }
    switch stage {
    case .address, .told, .loader: return !isNative
    case .script:
      if case .files = promise { return true }
      return false
    }
  }

  private mutating func take(file name: String, at now: Instant) {
    if failure?.name == name { failure = nil }
    if !whole.contains(name) {
      if whole.count == Self.mostNames { whole.removeFirst() }
      whole.append(name)
    }
    switch BootPath(name).map(Resource.init) {
    // The operator's own menu: what it loads, only the machine knows.
    case .menu? where !isRendered: return take(.unknown, at: now)
    case .menu?, .script?, .subScript?:
      isRendered = false
      return
    case _: break
    }
    step(at: now)
    fetched = name
    missing = nil
    missingCount = 0
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
    if let departure { return departure }
    if discovers >= Self.repetitions, !isPastAddress {
      return "it said DISCOVER \(discovers) times and took no offer"
    }
    if let failure, !open.contains(failure.name), now >= failure.time + Self.aftermath {
      return failure.text
    }
    guard now >= lastStep + stall else { return nil }
    let reason = stalled("nothing followed for \(stall.components.seconds) s")
    if reason == nil { isOver = true }
    return reason
  }

  /// Why an attempt that is followed by another one came to nothing.
  var abandoned: String? {
    guard !isOver, isPastAddress || failure != nil || missing != nil else { return nil }
    return failure?.text ?? stalled("it began anew")
  }

  private func stalled(_ end: String) -> String? {
    if let missing {
      let others = missingCount > 1 ? ", nor \(missingCount - 1) others," : ""
      return "\(missing) is not there\(others) and \(end)"
    }
    switch stage {
    // One question and no more is a machine that another server serves, or none that boots.
    case .address: return nil
    case .told: return "it was told what to boot, and \(end)"
    case .loader where isNative: return nil
    case .loader: return "it got \(fetched ?? "its loader") and asked for no script, and \(end)"
    case .script:
      switch promise {
      case .disk, .unknown: return nil
      case .files(let count): return "it got \(got) of \(count) files of its script, and \(end)"
      }
    }
  }
}

extension Fact.TransferFailure {
  /// Whether something was sent before.
  fileprivate var followsStart: Bool {
    switch self {
    case .aborted, .timedOut: true
    case .refused, .cut: false
    }
  }
}
