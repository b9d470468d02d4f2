import Network

// The ways from state to state.
extension ProvisionTable {
  /// Takes what a machine without a name showed of itself, and has it wait for the operator.
  ///
  /// - Parameters:
  ///   - facts: See ``Provision/facts``; only the known keys are taken, cut to a length.
  ///   - isCertain: Whether the address that they came from is known to be the machine's; else they
  ///     take no other's place.
  package mutating func discover(
    _ machine: MACAddress, _ facts: [String: String], site: String, isCertain: Bool = true,
    at now: Instant
  ) -> ProvisionOutcome {
    let facts = Provision.bounded(facts)
    if var known = self[machine.dashed] {
      guard !facts.isEmpty, known.facts != facts, isCertain || known.facts.isEmpty
      else { return ProvisionOutcome() }
      let former = known
      known.facts = facts
      put(known)
      return ProvisionOutcome(
        changes: [.provision(known)],
        formers: [.provision(known.machine, was: former, became: known)])
    }
    guard machine.isUnicast, var outcome = makeRoom() else { return ProvisionOutcome() }
    outcome += change(
      Provision(
        machine: machine.dashed, site: site, macAddress: machine, state: .discovered, since: now,
        cause: "", facts: facts), to: .discovered, "it showed itself", at: now)
    return outcome
  }

  /// Gives a machine the operator's name: what was known by its hardware address goes with it.
  ///
  /// - Parameter cause: By whom: `operator`, a token's name.
  package mutating func approve(
    _ machine: MACAddress, as name: String, site: String, _ cause: String, at now: Instant
  ) -> ProvisionOutcome {
    guard name != machine.dashed else {
      guard let known = self[name], known.state == .discovered else { return ProvisionOutcome() }
      return change(known, to: .approved, cause, at: now)
    }
    let found = remove(machine.dashed)
    var outcome = ProvisionOutcome()
    if found != nil { outcome.changes.append(.forgetProvision(machine: machine.dashed)) }
    // What another machine of that name left behind is none of this one's.
    let former = self[name]
    let isSame = former?.macAddress == machine
    if former != nil, !isSame {
      remove(name)
      outcome.changes.append(.forgetProvision(machine: name))
    }
    var row =
      (isSame ? former : nil) ?? found
      ?? Provision(
        machine: name, site: site, macAddress: machine, state: .discovered, since: now, cause: "")
    row.machine = name
    row.site = site
    row.macAddress = machine
    if let facts = found?.facts, !facts.isEmpty { row.facts = facts }
    outcome += change(
      row, to: row.state == .discovered ? .approved : row.state,
      row.state == .discovered ? cause : row.cause, at: now)
    return outcome
  }

  /// Permits one installation, in whatever state the machine is: the operator knows.
  ///
  /// - Parameters:
  ///   - macAddress: The hardware that it must be; nil: whichever shows its marks.
  ///   - profile: What it is armed for; empty: the first one with `install` that it is given.
  ///   - relayPort: Where it must be, where that is known.
  package mutating func arm(
    _ machine: String, site: String, macAddress: MACAddress?, for profile: String,
    until expiry: Instant, relayPort: [UInt8] = [], token: BootToken, _ cause: String,
    at now: Instant
  ) -> ProvisionOutcome {
    var outcome = ProvisionOutcome()
    var row: Provision
    if let known = self[machine] {
      row = known
    } else {
      row = Provision(
        machine: machine, site: site, macAddress: macAddress, state: .approved, since: now,
        cause: cause)
      if row.isUnnamed {
        guard let room = makeRoom() else { return outcome }
        outcome += room
      }
    }
    row.site = site
    // Told by another mark, it is whichever hardware shows that mark first.
    row.macAddress = macAddress ?? (row.isUnnamed ? row.macAddress : nil)
    row.arming = Arming(token: token, profile: profile, expiry: expiry, relayPort: relayPort)
    outcome += change(row, to: .armed, cause, at: now)
    return outcome
  }

  /// Takes the permission back; an installation under way counts as failed.
  package mutating func disarm(
    _ machine: String, _ cause: String, at now: Instant
  ) -> ProvisionOutcome {
    guard let row = self[machine], row.arming != nil else { return ProvisionOutcome() }
    return change(row, to: row.state == .installing ? .failed : .approved, cause, at: now)
  }

  /// Forgets where a machine stands.
  package mutating func forget(_ machine: String) -> ProvisionOutcome {
    guard let former = remove(machine) else { return ProvisionOutcome() }
    return ProvisionOutcome(
      changes: [.forgetProvision(machine: machine)],
      formers: [.provision(machine, was: former, became: nil)])
  }

  /// Notes whom the token was given to: from then on it is that hardware's, on that port, for that
  /// profile.
  package mutating func bind(
    _ machine: String, to macAddress: MACAddress, relayPort: [UInt8], profile: String
  ) -> ProvisionOutcome {
    guard var row = self[machine], var arming = row.arming else { return ProvisionOutcome() }
    let former = row
    row.macAddress = macAddress
    if arming.profile.isEmpty { arming.profile = profile }
    if arming.relayPort.isEmpty { arming.relayPort = relayPort }
    row.arming = arming
    guard row != former else { return ProvisionOutcome() }
    put(row)
    return ProvisionOutcome(
      changes: [.provision(row)], formers: [.provision(machine, was: former, became: row)])
  }

  /// An answer or hook is taken: the first one begins the installation, and one that holds secrets
  /// is given once.
  ///
  /// - Throws: The refusal; nothing has changed then.
  package mutating func release(
    _ file: String, holdsSecrets: Bool, of machine: String, at now: Instant
  ) throws(AnswerRefusal) -> ProvisionOutcome {
    guard var row = self[machine], var arming = row.arming else { throw .unknownToken }
    let former = row
    guard now < arming.expiry else { throw .expired }
    var outcome = ProvisionOutcome()
    if holdsSecrets {
      guard !arming.released.contains(file) else { throw .givenBefore }
      arming.released.insert(file)
      row.arming = arming
    }
    if row.state == .installing {
      guard holdsSecrets else { return outcome }
      put(row)
      outcome.changes.append(.provision(row))
      outcome.formers.append(.provision(machine, was: former, became: row))
    } else {
      outcome += change(row, to: .installing, "it took \(file)", at: now)
    }
    guard holdsSecrets else { return outcome }
    outcome.changes.append(
      .entry(
        ProvisionEntry(
          machine: machine, time: now, state: .installing, cause: "secrets given with \(file)")))
    outcome.events.append(
      Event(.secretReleased(machine: machine, file: file), macAddress: row.macAddress))
    return outcome
  }

  /// A machine that was installing asks for its boot again: its installer ended without a word.
  package mutating func bootAgain(_ machine: String, at now: Instant) -> ProvisionOutcome {
    guard let row = self[machine], row.state == .installing else { return ProvisionOutcome() }
    return change(row, to: .failed, "booted again before its installer reported", at: now)
  }

  /// Takes an installer's own word; its last one spends the token.
  package mutating func report(
    _ report: ProvisionReport, of machine: String, at now: Instant
  ) -> ProvisionOutcome {
    guard let row = self[machine], row.arming != nil, let reported = report.state else {
      return ProvisionOutcome()
    }
    let said = report.reason.isEmpty ? "" : ": \(report.reason)"
    switch reported {
    case .installing:
      guard row.state == .armed else { return ProvisionOutcome() }
      return change(row, to: .installing, "report\(said)", at: now)
    case .installed: return change(row, to: .installed, "report\(said)", at: now)
    case .failed: return change(row, to: .failed, "report\(said)", at: now)
    }
  }
}

extension AnswerRefusal: Error {}

extension Provision {
  /// What a machine may show of itself, by the words of iPXE's settings.
  package static let factNames = ["manufacturer", "product", "serial", "uuid", "asset"]
  static let longestFact = 128

  static func bounded(_ facts: [String: String]) -> [String: String] {
    var bounded: [String: String] = [:]
    for name in factNames {
      guard let text = facts[name], !text.isEmpty else { continue }
      bounded[name] = String(text.unicodeScalars.prefix(longestFact))
    }
    return bounded
  }
}
