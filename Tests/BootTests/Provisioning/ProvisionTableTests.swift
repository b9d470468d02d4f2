import Boot
import Network
import Testing

@Suite("Install once: states") struct ProvisionTableTests {
  static let mac = MACAddress(0x52, 0x54, 0, 0x12, 0x34, 0x56)
  static let now = Instant.start + .seconds(60)
  static let expiry = now + .seconds(7200)
  static let token = BootToken(dice: { 7 })

  var table = ProvisionTable(limit: 3)

  private mutating func arm(_ machine: String = "rack3-07") -> ProvisionOutcome {
    table.arm(
      machine, site: "nbg1", macAddress: Self.mac, for: "debian", until: Self.expiry,
      token: Self.token, "operator", at: Self.now)
  }

  /// Brings the machine to a state by the ways that lead there.
  private mutating func reach(_ state: ProvisionState) throws {
    switch state {
    case .discovered: _ = table.discover(Self.mac, [:], site: "nbg1", at: Self.now)
    case .approved:
      try reach(.discovered)
      _ = table.approve(Self.mac, as: "rack3-07", site: "nbg1", "operator", at: Self.now)
    case .armed: _ = arm()
    case .installing:
      _ = arm()
      _ = try table.release("answers/a", holdsSecrets: false, of: "rack3-07", at: Self.now)
    case .installed:
      _ = arm()
      _ = table.report(ProvisionReport(state: .installed), of: "rack3-07", at: Self.now)
    case .failed:
      _ = arm()
      _ = table.report(ProvisionReport(state: .failed), of: "rack3-07", at: Self.now)
    }
  }

  enum Step: String, CaseIterable, Sendable {
    case discover, approve, arm, disarm, release, bootAgain, reportInstalling, reportInstalled
    case reportFailed, expire
  }

  /// The state after a step from each state, in the order discovered (no name), approved, armed,
  /// installing, installed, failed; nil: nothing changes, or it is refused.
  static let ways: [(Step, [ProvisionState?])] = [
    (.discover, [nil, nil, nil, nil, nil, nil]),
    (.approve, [.approved, nil, nil, nil, nil, nil]),
    (.arm, [.armed, .armed, .armed, .armed, .armed, .armed]),
    (.disarm, [nil, nil, .approved, .failed, nil, nil]),
    (.release, [nil, nil, .installing, nil, nil, nil]),
    (.bootAgain, [nil, nil, nil, .failed, nil, nil]),
    (.reportInstalling, [nil, nil, .installing, nil, nil, nil]),
    (.reportInstalled, [nil, nil, .installed, .installed, nil, nil]),
    (.reportFailed, [nil, nil, .failed, .failed, nil, nil]),
    (.expire, [nil, nil, .approved, .failed, nil, nil]),
  ]

  private mutating func take(_ step: Step, _ machine: String) -> ProvisionOutcome {
    let later = Self.now + .seconds(1)
    switch step {
    case .discover: return table.discover(Self.mac, [:], site: "nbg1", at: later)
    case .approve: return table.approve(Self.mac, as: machine, site: "nbg1", "operator", at: later)
    case .arm: return arm(machine)
    case .disarm: return table.disarm(machine, "operator", at: later)
    case .release:
      let outcome = try? table.release("answers/a", holdsSecrets: false, of: machine, at: later)
      return outcome ?? ProvisionOutcome()
    case .bootAgain: return table.bootAgain(machine, at: later)
    case .reportInstalling:
      return table.report(ProvisionReport(state: .installing), of: machine, at: later)
    case .reportInstalled:
      return table.report(ProvisionReport(state: .installed), of: machine, at: later)
    case .reportFailed:
      return table.report(
        ProvisionReport(state: .failed, reason: "no disk"), of: machine, at: later)
    case .expire: return table.expire(at: Self.expiry)
    }
  }

  /// A full disk: what could not be kept is as if it had not been asked for.
  @Test(arguments: Step.allCases) mutating func aStepThatCannotBeKeptIsUndone(
    _ step: Step
  ) throws {
    for state in ProvisionState.allCases where step != .expire {
      table = ProvisionTable(limit: 3)
      try reach(state)
      let before = table
      let outcome = take(step, state == .discovered ? Self.mac.dashed : "rack3-07")
      table.undo(outcome.formers)
      // What makes way for another name comes back by its next boot.
      guard step != .approve || state != .discovered else { continue }
      #expect(table.all == before.all && table.count == before.count, "\(step) when \(state)")
      #expect(table.armed == before.armed, "\(step) when \(state)")
    }
  }

  @Test mutating func whatHasChangedSinceIsNotUndone() throws {
    try reach(.armed)
    let first = try table.release("answers/a", holdsSecrets: true, of: "rack3-07", at: Self.now)
    _ = table.report(ProvisionReport(state: .installed), of: "rack3-07", at: Self.now)
    table.undo(first.formers)
    #expect(table["rack3-07"]?.state == .installed)
  }

  @Test mutating func aMachineThatNobodyNamedAndThatTookNothingMayBeForgotten() throws {
    let name = Self.mac.dashed
    _ = arm(name)
    _ = table.expire(at: Self.expiry)
    #expect(table[name]?.state == .discovered)
    _ = arm(name)
    _ = try table.release("answers/a", holdsSecrets: false, of: name, at: Self.now)
    _ = table.expire(at: Self.expiry)
    #expect(table[name]?.state == .failed)
  }

  @Test(arguments: ways) mutating func aStepLeadsToItsState(
    _ step: Step, _ results: [ProvisionState?]
  ) throws {
    for (state, result) in zip(ProvisionState.allCases, results) {
      table = ProvisionTable(limit: 3)
      try reach(state)
      let machine = state == .discovered ? Self.mac.dashed : "rack3-07"
      #expect(table[machine]?.state == state)
      let outcome = take(step, machine)
      #expect(table[machine]?.state == result ?? state, "\(step) when \(state)")
      guard let result else {
        // To approve a machine that has its name already says so once more, and changes no state.
        if step != .approve, step != .discover {
          #expect(outcome.events.isEmpty, "\(step) when \(state)")
        }
        continue
      }
      #expect(outcome.changes.contains(.provision(try #require(table[machine]))))
      #expect(
        outcome.events.map(\.fact)
          == [
            .provisionChanged(
              machine: machine, result, cause: try #require(table[machine]?.cause))
          ])
      // A token lives as long as its arming.
      let lives = result == .armed || result == .installing
      #expect((table.provision(bearing: Self.token) != nil) == lives)
      #expect((table[machine]?.arming != nil) == lives)
    }
  }

  @Test mutating func approvalTakesAlongWhatWasShown() throws {
    _ = table.discover(
      Self.mac, ["manufacturer": "ACME", "serial": "S1", "evil": "x"], site: "nbg1", at: Self.now)
    let outcome = table.approve(Self.mac, as: "web", site: "fra1", "operator", at: Self.now)
    #expect(outcome.changes.first == .forgetProvision(machine: Self.mac.dashed))
    let row = try #require(table["web"])
    #expect(row.facts == ["manufacturer": "ACME", "serial": "S1"])
    #expect(row.state == .approved && row.site == "fra1" && row.macAddress == Self.mac)
    #expect(table[Self.mac.dashed] == nil)
  }

  @Test mutating func anArmingGoesWithTheName() {
    _ = arm(Self.mac.dashed)
    _ = table.approve(Self.mac, as: "web", site: "nbg1", "operator", at: Self.now)
    #expect(table["web"]?.state == .armed)
    #expect(table.provision(bearing: Self.token)?.machine == "web")
  }

  @Test mutating func armedAgainOnlyTheNewTokenHolds() {
    _ = arm()
    _ = table.arm(
      "rack3-07", site: "nbg1", macAddress: nil, for: "debian", until: Self.expiry,
      token: BootToken(dice: { 8 }), "operator", at: Self.now)
    #expect(table.provision(bearing: Self.token) == nil)
    // The hardware that the last token was given to is not this one's.
    let row = table.provision(bearing: BootToken(dice: { 8 }))
    #expect(row?.machine == "rack3-07" && row?.macAddress == nil)
  }

  @Test mutating func case47SecretsAreGivenOnceForEachArming() throws {
    _ = arm()
    for file in ["answers/a", "hooks/post-install"] {
      let outcome = try table.release(file, holdsSecrets: true, of: "rack3-07", at: Self.now)
      #expect(outcome.events.map(\.fact).contains(.secretReleased(machine: "rack3-07", file: file)))
      #expect(throws: AnswerRefusal.givenBefore) {
        try table.release(file, holdsSecrets: true, of: "rack3-07", at: Self.now)
      }
    }
    _ = try table.release("answers/plain", holdsSecrets: false, of: "rack3-07", at: Self.now)
    _ = try table.release("answers/plain", holdsSecrets: false, of: "rack3-07", at: Self.now)
    #expect(table["rack3-07"]?.arming?.released == ["answers/a", "hooks/post-install"])
    _ = arm()
    _ = try table.release("answers/a", holdsSecrets: true, of: "rack3-07", at: Self.now)
  }

  @Test mutating func case47ReleasedStaysReleasedAfterARestart() throws {
    _ = arm()
    let outcome = try table.release("a", holdsSecrets: true, of: "rack3-07", at: Self.now)
    var restarted = ProvisionTable()
    for case .provision(let row) in outcome.changes { restarted.restore(row) }
    #expect(restarted["rack3-07"]?.state == .installing)
    #expect(throws: AnswerRefusal.givenBefore) {
      try restarted.release("a", holdsSecrets: true, of: "rack3-07", at: Self.now)
    }
    #expect(restarted.nextDeadline == Self.expiry)
  }

  @Test mutating func case47NothingIsGivenAtTheInstantOfExpiry() {
    _ = arm()
    #expect(throws: AnswerRefusal.expired) {
      try table.release("a", holdsSecrets: false, of: "rack3-07", at: Self.expiry)
    }
  }

  @Test mutating func theNextDeadlineIsTheNextExpiry() {
    #expect(table.nextDeadline == nil)
    _ = arm("a")
    _ = table.arm(
      "b", site: "", macAddress: nil, for: "", until: Self.expiry + .seconds(9),
      token: BootToken(dice: { 9 }), "operator", at: Self.now)
    #expect(table.nextDeadline == Self.expiry)
    #expect(table.expire(at: Self.now).isEmpty)
    #expect(table.expire(at: Self.expiry).events.count == 1)
    #expect(table.nextDeadline == Self.expiry + .seconds(9))
    #expect(table.expire(at: .never).events.count == 1)
    #expect(table.nextDeadline == nil)
  }

  @Test mutating func theFirstDiscoveryIsForgottenForANewcomer() throws {
    for last in 1...5 {
      let outcome = table.discover(
        MACAddress(2, 0, 0, 0, 0, UInt8(last)), [:], site: "", at: Self.now)
      if last > 3 {
        #expect(outcome.changes.first == .forgetProvision(machine: "02-00-00-00-00-0\(last - 3)"))
      }
    }
    #expect(table.all.map(\.machine) == (3...5).map { "02-00-00-00-00-0\($0)" })
    // Who was named takes no room, and is not forgotten.
    _ = arm("rack3-07")
    _ = table.discover(MACAddress(2, 0, 0, 0, 0, 6), [:], site: "", at: Self.now)
    #expect(table["rack3-07"] != nil && table.count == 4)
  }

  @Test mutating func aFloodForgetsNobodyWhoWasInstalled() {
    for last in 1...3 {
      _ = arm("02-00-00-00-00-0\(last)")
      _ = table.report(
        ProvisionReport(state: .installed), of: "02-00-00-00-00-0\(last)", at: Self.now)
    }
    #expect(!table.takesUnnamed)
    #expect(table.discover(MACAddress(2, 0, 0, 0, 0, 9), [:], site: "", at: Self.now).isEmpty)
    #expect(arm("02-00-00-00-00-0a").isEmpty)
    #expect(table.count == 3)
    #expect(table.forget("02-00-00-00-00-01").changes.count == 1)
    #expect(table.takesUnnamed)
  }

  @Test mutating func shownFactsAreCut() {
    _ = table.discover(
      Self.mac, ["product": String(repeating: "x", count: 5000), "asset": ""], site: "",
      at: Self.now)
    #expect(table[Self.mac.dashed]?.facts == ["product": String(repeating: "x", count: 128)])
    // The same once more is nothing to keep.
    let again = table.discover(
      Self.mac, ["product": String(repeating: "x", count: 5001)], site: "", at: Self.now)
    #expect(again.isEmpty)
  }

  @Test mutating func theTokenIsTheHardwaresThatItWasGivenTo() throws {
    _ = table.arm(
      "web", site: "", macAddress: nil, for: "", until: Self.expiry, token: Self.token, "operator",
      at: Self.now)
    #expect(
      table.bind("web", to: Self.mac, relayPort: [1], profile: "debian").changes.count == 1)
    #expect(table.bind("web", to: Self.mac, relayPort: [2], profile: "other").isEmpty)
    let row = try #require(table["web"])
    #expect(row.macAddress == Self.mac)
    #expect(row.arming?.relayPort == [1] && row.arming?.profile == "debian")
  }
}
