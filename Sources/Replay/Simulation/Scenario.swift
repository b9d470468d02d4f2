import Boot
import Network
import Services

/// What names a history: with the same code, the same seed is the same history.
package struct Seed: Hashable, Sendable {
  package let number: UInt64
  package let machines: Int

  package init(_ number: UInt64, machines: Int = 50) {
    self.number = number
    self.machines = machines
  }
}

extension Seed: CustomStringConvertible {
  /// As in the table of regressions.
  package var description: String { "Seed(\(number), machines: \(machines))" }
}

/// A history before it happens: the network, the machines, and all that goes wrong.
package struct Scenario: Sendable {
  package enum Network: CaseIterable, Sendable {
    case authoritative
    /// Another server gives the addresses.
    case proxied
    case relayed
  }

  /// One machine.
  package struct Row: Sendable {
    package var model: FirmwareModel
    package var identity: MachineIdentity
    /// When it is switched on.
    package var start: Instant
    package var isListed = false
    package var isReserved = false
    /// Whether it is an installed system that keeps its address from then on.
    package var keepsAddress = false

    package init(model: FirmwareModel, identity: MachineIdentity, start: Instant) {
      self.model = model
      self.identity = identity
      self.start = start
    }
  }

  package let seed: Seed
  package var network = Network.authoritative
  package var loader = Loader.Set.ipxe
  package var lease = Duration.seconds(3600)
  package var poolCount = 4000
  package var diskByteCount = 5000
  package var ignoresUnlisted = false
  /// Whether a server that nobody ordered gives addresses too, until faults end.
  package var hasIntruder = false
  package var faults = Faults()
  /// When faults end.
  package var mended = Instant.start
  package var rows: [Row] = []
  var incidents: [(time: Instant, Incident)] = []
  /// Whether the disk confirms what is not durable; no seed draws it.
  package var diskIsLying = false

  /// Who gets no answer.
  var ignored: [Row] { ignoresUnlisted ? rows.filter { !$0.isListed } : [] }

  /// Whether a machine boots in the end. A pool that is smaller than the room is first come, first
  /// served for as long as the leases last.
  func mustBoot(_ row: Row) -> Bool { !ignoresUnlisted || row.isListed }

  /// The room is larger than the pool: addresses are used again as soon as leases end.
  var isTight: Bool { poolCount < rows.count }

  /// How long is watched, at least, after faults end: short leases are renewed in it, and end.
  var afterglow: Duration {
    lease <= .seconds(120) && rows.contains { $0.keepsAddress } ? lease * 2 : .zero
  }

  /// When every permitted machine has booted at the latest: 120 s after faults end and it was
  /// switched on; of a room larger than its pool, later by the leases and OFFERs that end first.
  func deadline(of row: Row) -> Instant {
    max(mended, row.start) + .seconds(120) + (isTight ? lease * 2 + .seconds(60) : .zero)
  }
}

// Drawing.
extension Scenario {
  /// One in which nothing goes wrong: machines of these models in turn, 10 ms apart.
  package init(calm seed: Seed, of models: [FirmwareModel]) {
    self.seed = seed
    for number in 0..<seed.machines {
      rows.append(
        Row(
          model: models[number % models.count],
          identity: MachineIdentity(
            macAddress: Self.macAddress(number), seed: UInt64(number) &+ seed.number),
          start: .start + .milliseconds(10 * number)))
    }
  }

  private static func macAddress(_ number: Int) -> MACAddress {
    MACAddress(
      0x52, 0x54, 0, 0x77, UInt8(truncatingIfNeeded: number >> 8),
      UInt8(truncatingIfNeeded: number))
  }

  package init(_ seed: Seed) {
    self.seed = seed
    var dice = Dice(seed.number)
    network = dice.pick([.authoritative, .authoritative, .authoritative, .relayed, .proxied])
    loader = dice.pick([.ipxe, .ipxe, .snponly, .signed])
    lease = .seconds(dice.pick([60, 120, 3600, 43_200]))
    if dice.hits(1000) { diskByteCount = 100_000 }
    ignoresUnlisted = dice.hits(4000)
    hasIntruder = network == .authoritative && dice.hits(2500)
    mended = .start + dice.duration(.seconds(20), .seconds(60))
    faults = Faults(&dice)
    let isTight = network != .proxied && dice.hits(2000)
    if isTight {
      lease = .seconds(60)
      // What is damaged on its way may be anybody's REQUEST for anything: it needs addresses too.
      faults.corrupted = 0
      poolCount = max(seed.machines * 6 / 10, 4)
    }
    drawMachines(&dice, isTight: isTight)
    drawIncidents(&dice)
  }

  private mutating func drawMachines(_ dice: inout Dice, isTight: Bool) {
    let models = FirmwareModel.allCases.filter { model in
      // A proxyDHCP has nothing for U-Boot (``Quirk/firstOfferIsTaken``); and an intruder's word it
      // believes for ten minutes after the intruder is gone.
      if model == .ubootARM64, network == .proxied || hasIntruder { return false }
      // Its OFFERs are held for ten minutes, which no small pool has room for.
      return !(isTight && model == .raspberryPi3)
    }
    let latest = isTight ? Duration.seconds(180) : (mended - .start) * 3 / 4
    for number in 0..<seed.machines {
      let model = dice.pick(models)
      let identity = MachineIdentity(
        macAddress: Self.macAddress(number), seed: dice.next())
      var row = Row(model: model, identity: identity, start: .start + dice.duration(.zero, latest))
      row.isListed = dice.hits(6000)
      row.isReserved = row.isListed && network != .proxied && dice.hits(3000)
      row.keepsAddress = model == .udhcpc && !isTight
      rows.append(row)
    }
  }

  private mutating func drawIncidents(_ dice: inout Dice) {
    let span = mended - .start
    func time(_ dice: inout Dice) -> Instant { .start + dice.duration(.seconds(1), span) }
    if hasIntruder { incidents.append((mended, .leave(server: 1))) }
    for _ in 0..<dice.roll(3) {
      // Forward by less than the longest lease cannot be told from a night without power.
      let steps: [Duration] = [
        .seconds(-3600), .seconds(-40), .seconds(-90 * 86_400), .seconds(50 * 365 * 86_400),
      ]
      incidents.append((time(&dice), .setWallClock(by: dice.pick(steps))))
    }
    for _ in 0..<dice.roll(5) {
      let kind: PowerCut.Kind = dice.hits(5000) ? .process : .reboot
      let duration = dice.duration(.milliseconds(100), .seconds(6))
      let cut = PowerCut(outcomesLeft: 1 + dice.roll(40), kind: kind, duration: duration)
      let incident: Incident =
        dice.hits(7000) ? .cut(cut) : .stop(server: 0, kind, for: duration)
      incidents.append((time(&dice), incident))
    }
  }

  /// Plans that the wall clock is set, and that the process ends and starts again.
  package mutating func plan(clockStep: Duration, at time: Instant) {
    incidents.append((time, .setWallClock(by: clockStep)))
  }

  package mutating func plan(restartAt time: Instant, after pause: Duration = .seconds(1)) {
    incidents.append((time, .stop(server: 0, .process, for: pause)))
  }
}
