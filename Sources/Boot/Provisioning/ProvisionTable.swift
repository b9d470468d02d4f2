import Network

/// What is known of the machines' provisioning, by their names in URLs.
///
/// Bounded: rows of machines that the operator named are as many as the catalog holds; of others
/// there are at most so many, and the one discovered first is forgotten for a newcomer. What was
/// armed or installed is never forgotten by itself: first contact would install it again.
package struct ProvisionTable: Sendable {
  private var rows: [String: Provision] = [:]
  private var machineByToken: [BootToken: String] = [:]
  /// Machines that are only discovered, in the order of their coming.
  private var discoveries: [String] = []
  /// Rows of machines without the operator's name, those discovered among them.
  private var unnamedCount = 0
  /// How many rows past discovery each hardware has, under whatever names.
  private var provisionedCounts: [MACAddress: Int] = [:]
  private let limit: Int
  /// When ``expire(at:)`` is due; nothing may be due then after all.
  package private(set) var nextDeadline: Instant?

  package init(limit: Int = 4096) {
    precondition(limit > 0, "a table of provisions holds at least one discovery")
    self.limit = limit
  }

  package var count: Int { rows.count }

  package subscript(machine: String) -> Provision? { rows[machine] }

  /// Sorted by name.
  package var all: [Provision] { rows.values.sorted { $0.machine < $1.machine } }

  /// The provision whose token it is; nil when it was never given, or is spent.
  package func provision(bearing token: BootToken) -> Provision? {
    machineByToken[token].flatMap { rows[$0] }
  }

  /// Whether some name has this hardware past discovery: a machine that was renamed is none that
  /// never came.
  package func isProvisioned(_ machine: MACAddress) -> Bool { provisionedCounts[machine] != nil }

  /// Those that are armed or installing, by name.
  package var armed: [Provision] { machineByToken.values.sorted().compactMap { rows[$0] } }

  /// Takes a row as it was kept: at the start of the appliance.
  package mutating func restore(_ provision: Provision) { put(provision) }

  /// Whether one more machine that nobody named can have a row.
  package var takesUnnamed: Bool { unnamedCount < limit || !discoveries.isEmpty }

  /// Puts a row in its place, with all that is found by it.
  mutating func put(_ provision: Provision) {
    let name = provision.machine
    let former = rows[name]
    if let token = former?.arming?.token, token != provision.arming?.token {
      machineByToken[token] = nil
    }
    if former == nil, provision.isUnnamed { unnamedCount += 1 }
    let wasDiscovered = former?.isDiscovery ?? false
    if provision.isDiscovery, !wasDiscovered { discoveries.append(name) }
    if wasDiscovered, !provision.isDiscovery { discoveries.removeAll { $0 == name } }
    rows[name] = provision
    count(former, by: -1)
    count(provision, by: 1)
    guard let arming = provision.arming else { return }
    machineByToken[arming.token] = name
    nextDeadline = min(nextDeadline ?? .never, arming.expiry)
  }

  @discardableResult
  mutating func remove(_ name: String) -> Provision? {
    guard let former = rows.removeValue(forKey: name) else { return nil }
    if let token = former.arming?.token { machineByToken[token] = nil }
    count(former, by: -1)
    if former.isUnnamed { unnamedCount -= 1 }
    if former.isDiscovery { discoveries.removeAll { $0 == name } }
    return former
  }

  private mutating func count(_ provision: Provision?, by step: Int) {
    guard let provision, provision.state != .discovered, let machine = provision.macAddress
    else { return }
    let count = (provisionedCounts[machine] ?? 0) + step
    provisionedCounts[machine] = count > 0 ? count : nil
  }

  /// Puts back what was before changes that could not be kept, but for what has changed since.
  package mutating func undo(_ formers: [ProvisionOutcome.Former]) {
    for case .provision(let name, let was, let became) in formers.reversed()
    where rows[name] == became {
      if let was { put(was) } else { remove(name) }
    }
  }

  /// Makes room for a machine that nobody named, at the cost of the first that was discovered.
  ///
  /// - Returns: nil when there is none to forget.
  mutating func makeRoom() -> ProvisionOutcome? {
    guard unnamedCount >= limit else { return ProvisionOutcome() }
    guard let first = discoveries.first else { return nil }
    remove(first)
    return ProvisionOutcome(changes: [.forgetProvision(machine: first)])
  }

  /// Ends the armings whose time is over: an installer that was silent so long has failed.
  package mutating func expire(at now: Instant) -> ProvisionOutcome {
    var outcome = ProvisionOutcome()
    guard let deadline = nextDeadline, deadline <= now else { return outcome }
    nextDeadline = nil
    for provision in all {
      guard let arming = provision.arming else { continue }
      guard arming.expiry <= now else {
        nextDeadline = min(nextDeadline ?? .never, arming.expiry)
        continue
      }
      outcome += expire(provision, at: now)
    }
    // What is over is over, kept or not.
    outcome.formers = []
    return outcome
  }

  /// Who never took an answer is as before it was armed: of machines without a name that is one
  /// discovered, which may be forgotten, else made-up ones would fill the table for ever.
  private mutating func expire(_ provision: Provision, at now: Instant) -> ProvisionOutcome {
    guard provision.state == .installing else {
      return change(
        provision, to: provision.isUnnamed ? .discovered : .approved,
        "not installed before it expired", at: now)
    }
    return change(provision, to: .failed, "no report before it expired", at: now)
  }

  /// Writes a new state, with its time and cause; only an arming that goes on keeps its token.
  mutating func change(
    _ provision: Provision, to state: ProvisionState, _ cause: String, at now: Instant
  ) -> ProvisionOutcome {
    let former = rows[provision.machine]
    var provision = provision
    provision.state = state
    provision.since = now
    provision.cause = cause
    switch state {
    case .armed, .installing: break
    case .discovered, .approved, .installed, .failed: provision.arming = nil
    }
    put(provision)
    return ProvisionOutcome(
      changes: [.provision(provision)],
      events: [
        Event(
          .provisionChanged(machine: provision.machine, state, cause: cause),
          macAddress: provision.macAddress)
      ], formers: [.provision(provision.machine, was: former, became: provision)])
  }
}

extension Provision {
  /// Whether the machine goes by its hardware address, for want of a name.
  package var isUnnamed: Bool { MACAddress(machine)?.dashed == machine }

  var isDiscovery: Bool { isUnnamed && state == .discovered }
}
