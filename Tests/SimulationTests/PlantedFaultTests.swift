import Boot
import Network
import Replay
import Services
import Testing

/// Each promise is broken once by a driver that lies, and its checker says so; without the fault the
/// same history passes. So no checker can have gone blind.
@Suite struct PlantedFaultTests {
  private static let disk: [FirmwareModel] = [.udhcpc, .edk2PXEx64, .ipxeROM]

  /// - Parameter plant: What is perverted, in a copy of `scenario`.
  private func expect(
    _ rule: Complaint.Rule, in scenario: Scenario,
    _ reckoning: VirtualStore.Reckoning = .store, planting tampering: Tampering? = nil,
    plant: (inout Scenario) -> Void = { _ in }
  ) {
    var sound = Simulation(scenario, .store)
    let report = sound.run()
    #expect(report.complaints.isEmpty, "\(report.text)")
    var perverted = scenario
    plant(&perverted)
    var simulation = Simulation(perverted, reckoning, tampering: tampering)
    let found = simulation.run()
    #expect(
      found.complaints.contains { $0.rule == rule },
      "\(Set(found.complaints.map(\.rule.rawValue)).sorted())")
  }

  private func tampering(
    _ change: @escaping @Sendable (inout VirtualAppliance, inout [Outcome], Instant) -> Void
  ) -> Tampering {
    var tampering = Tampering()
    tampering.outcomes = change
    return tampering
  }

  @Test func anACKBeforeItsCommitIsCaught() {
    let scenario = Scenario(calm: Seed(1, machines: 6), of: Self.disk)
    expect(.commit, in: scenario) { $0.diskIsLying = true }
  }

  @Test func twoMachinesWithOneAddressAreCaught() {
    let scenario = Scenario(calm: Seed(2, machines: 6), of: Self.disk)
    expect(
      .oneMachine, in: scenario,
      planting: tampering { appliance, outcomes, _ in
        guard outcomes.contains(where: \.isStored) else { return }
        appliance.dhcp = DHCPService()
      })
  }

  @Test func anAnswerFrom4011ToPort68IsCaught() {
    var scenario = Scenario(calm: Seed(3, machines: 4), of: [.edk2PXEx64, .edk2PXEarm64])
    scenario.network = .proxied
    expect(
      .port, in: scenario,
      planting: tampering { _, outcomes, _ in
        outcomes = outcomes.map { outcome in
          guard case .sent(let sent) = outcome, sent.source.port == 4011 else { return outcome }
          return .sent(sent.moved(to: 68))
        }
      })
  }

  @Test func anOACKThatIsSentTwiceIsCaught() {
    let scenario = Scenario(calm: Seed(4, machines: 4), of: [.edk2PXEx64, .biosROM])
    expect(
      .option, in: scenario,
      planting: tampering { _, outcomes, _ in
        outcomes = outcomes.flatMap { $0.isTFTP(6) ? [$0, $0] : [$0] }
      })
  }

  @Test func anACKOfAnotherTransferThatIsTakenIsCaught() {
    var scenario = Scenario(calm: Seed(5, machines: 6), of: [.edk2PXEx64, .raspberryPi4])
    scenario.mended = .start + .seconds(40)
    scenario.faults.lost = 2000
    scenario.faults.strayed = 9000
    var tampering = Tampering()
    tampering.arrival = { arrival, _ in
      if arrival.destination.port >= 49_152 { arrival.source.port &= 0x7fff }
    }
    expect(.stranger, in: scenario, planting: tampering)
  }

  @Test func aRenewalThatIsRefusedIsCaught() {
    var scenario = Scenario(calm: Seed(15, machines: 4), of: [.udhcpc])
    scenario.lease = .seconds(60)
    for number in 0..<4 { scenario.rows[number].keepsAddress = true }
    expect(
      .kept, in: scenario,
      planting: tampering { _, outcomes, now in
        guard now > .start + .seconds(20) else { return }
        outcomes = outcomes.map { outcome in
          guard case .sent(let sent) = outcome, sent.source.port == 67,
            sent.payload.dropFirst(240).starts(with: [53, 1, 5])
          else { return outcome }
          var payload = sent.payload
          payload[242] = 6
          return .sent(sent.holding(payload))
        }
      })
  }

  /// What a port sends goes to whoever spoke to it last.
  @Test func aTransferThatIsSentToAStrangerIsCaught() {
    var scenario = Scenario(calm: Seed(5, machines: 6), of: [.edk2PXEx64, .raspberryPi4])
    scenario.mended = .start + .seconds(40)
    expect(
      .stranger, in: scenario,
      planting: tampering { _, outcomes, _ in
        outcomes = outcomes.map { outcome in
          guard outcome.isTFTP(3), case .sent(let sent) = outcome else { return outcome }
          return .sent(sent.moved(to: sent.destination.port | 0x8000))
        }
      })
  }

  @Test func aHoldThatIsForgottenIsCaught() {
    let scenario = Scenario(calm: Seed(6, machines: 6), of: [.edk2PXEx64, .biosROM])
    expect(
      .hold, in: scenario,
      planting: tampering { appliance, outcomes, now in
        guard outcomes.contains(where: \.isOffer) else { return }
        var forgetful = DHCPService()
        for lease in appliance.dhcp.leases.leases(at: now) { forgetful.restore(lease) }
        appliance.dhcp = forgetful
      })
  }

  /// NTP sets the clock two hours forward, and the service starts again a moment later. Those who
  /// came too late have their addresses when the leases of the first have really ended.
  @Test func expiryByTheWallClockIsCaught() {
    var scenario = Scenario(calm: Seed(7, machines: 8), of: [.udhcpc])
    scenario.lease = .seconds(120)
    scenario.poolCount = 5
    for number in 4..<8 { scenario.rows[number].start = .start + .seconds(20) }
    scenario.plan(clockStep: .seconds(7200), at: .start + .seconds(10))
    scenario.plan(restartAt: .start + .seconds(12))
    expect(.oneMachine, in: scenario, .wallClock)
  }

  @Test func aDuplicateACKThatMakesDATAIsCaught() {
    var scenario = Scenario(calm: Seed(8, machines: 4), of: [.biosROM, .raspberryPi4])
    scenario.mended = .start + .seconds(40)
    scenario.faults.doubled = 5000
    // As the Sorcerer's Apprentice would: the block that was sent last once more.
    let last = LastBlocks()
    expect(
      .duplicate, in: scenario,
      planting: tampering { _, outcomes, _ in last.repeatOrKeep(&outcomes) })
  }

  @Test func aByteThatIsNotTheFilesIsCaught() {
    let scenario = Scenario(calm: Seed(9, machines: 3), of: [.edk2PXEx64, .biosROM])
    expect(
      .content, in: scenario,
      planting: tampering { _, outcomes, _ in
        outcomes = outcomes.map { outcome in
          guard outcome.isTFTP(3), case .sent(let sent) = outcome, sent.payload.count > 4 else {
            return outcome
          }
          var payload = sent.payload
          payload[4] ^= 1
          return .sent(sent.holding(payload))
        }
      })
  }

  @Test func aBodyThatIsNotTheFileIsCaught() {
    let scenario = Scenario(calm: Seed(13, machines: 3), of: [.ipxeROM])
    expect(
      .content, in: scenario,
      planting: tampering { _, outcomes, _ in
        outcomes = outcomes.map { outcome in
          guard case .respondedFile(let id, let file, let offset, let count) = outcome else {
            return outcome
          }
          let octets = file.octets(from: 0, count: file.byteCount).map { $0 ^ 1 }
          return .respondedFile(id, WorldFile(octets), offset: offset, count: count)
        }
      })
  }

  @Test func memoryThatGrowsIsCaught() {
    var scenario = Scenario(calm: Seed(14, machines: 2), of: [.ipxeROM])
    scenario.poolCount = 16
    expect(
      .bound, in: scenario,
      planting: tampering { appliance, _, now in
        for number in 0..<200 {
          appliance.dhcp.restore(
            Lease(
              address: IPv4Address(0x0a4d_8000 + UInt32(number)),
              client: .hardware(MACAddress(2, 0, 0, 0, 9, UInt8(number))),
              expiry: now + .seconds(3600)))
        }
      })
  }

  @Test func anAnswerToAnIgnoredMachineIsCaught() {
    var scenario = Scenario(calm: Seed(10, machines: 4), of: [.ipxeROM])
    scenario.ignoresUnlisted = true
    scenario.rows[0].isListed = true
    expect(
      .policy, in: scenario,
      planting: tampering { _, outcomes, _ in
        outcomes = outcomes.map { outcome in
          guard case .sent(let sent) = outcome, sent.payload.count > 240 else { return outcome }
          var payload = sent.payload
          payload[33] = 3
          return .sent(sent.holding(payload))
        }
      })
  }

  @Test func aMessageWithoutAnEventIsCaught() {
    let scenario = Scenario(calm: Seed(11, machines: 2), of: [.ipxeROM])
    expect(
      .event, in: scenario,
      planting: tampering { _, outcomes, _ in
        outcomes.removeAll { if case .recorded = $0 { true } else { false } }
      })
  }

  @Test func aMachineThatDoesNotBootIsCaught() {
    let scenario = Scenario(calm: Seed(12, machines: 2), of: [.ipxeROM])
    expect(
      .boot, in: scenario,
      planting: tampering { _, outcomes, _ in
        outcomes.removeAll { if case .responded = $0 { true } else { false } }
      })
  }
}
