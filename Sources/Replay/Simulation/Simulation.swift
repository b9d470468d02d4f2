import Boot
import Network
import Services

/// A whole history on a virtual link: machines that boot, a network and a disk that fail, a server
/// that crashes and starts again from what is durable; and what was wrong with it.
package struct Simulation: Sendable {
  package struct Report: Sendable {
    package let seed: Seed
    package let complaints: [Complaint]
    /// Of the whole transcript.
    package let digest: UInt64
    package let events: Int
    package let booted: Int
    /// Blocks of TFTP and bodies of HTTP that were compared with their files.
    package let compared: (blocks: Int, bodies: Int)
    package let restarts: Int
    package let end: Instant

    /// The line for the table of regressions.
    package var line: String {
      "\(seed),  // \(complaints.first?.rule.rawValue ?? "nothing wrong")"
    }
  }

  private let scenario: Scenario
  private let site: SimulatedSite
  private var link: VirtualLink
  private var checkers: Checkers
  private var digest = TranscriptDigest()
  private var events = 0
  private var booted = 0
  private var restarts = 0
  /// Permitted machines that have not booted yet.
  private var waiting: Int

  /// How long a machine that has failed is off.
  private static let rest = Duration.seconds(5)
  /// After which a transfer whose client is gone is given up, with some to spare.
  private static let quiet = Duration.seconds(120)

  package init(
    _ scenario: Scenario, _ reckoning: VirtualStore.Reckoning, tampering: Tampering? = nil
  ) {
    self.scenario = scenario
    site = SimulatedSite(scenario)
    waiting = scenario.rows.filter { scenario.mustBoot($0) }.count
    var dice = Dice(scenario.seed.number ^ 0x5151)
    var disk = VirtualDisk(scenario.faults, until: scenario.mended, Dice(dice.next()))
    disk.isLying = scenario.diskIsLying
    let isForeign = scenario.network == .proxied || scenario.hasIntruder
    link = VirtualLink(
      servers: [site.server(disk, VirtualStore(reckoning))]
        + (isForeign ? [site.foreignServer] : []),
      relay: scenario.network == .relayed
        ? VirtualRelay(address: site.relay, information: [1, 2, 0x70, 0x30]) : nil)
    link.faults = LinkFaults(scenario.faults, until: scenario.mended, Dice(dice.next()))
    link.tampering = tampering
    for row in scenario.rows {
      let machine: any BootClient =
        row.keepsAddress
        ? InstalledSystem(row.identity, restingAfterFailure: Self.rest)
        : BootMachine(row.model, row.identity, restingAfterFailure: Self.rest)
      link.add(machine, at: row.start)
    }
    for (time, incident) in scenario.incidents { link.plan(incident, at: time) }
    link.plan(.count(server: 0, every: .seconds(1)), at: .start)
    checkers = Checkers(scenario, site)
  }

  /// Runs it to its end.
  ///
  /// - Parameter observe: Called with every event, in order.
  package mutating func run(observe: (Instant, LinkEvent) -> Void = { _, _ in }) -> Report {
    let deadlines = scenario.rows.map { scenario.mustBoot($0) ? scenario.deadline(of: $0) : .start }
    let end = max(deadlines.max() ?? .start, scenario.mended + scenario.afterglow)
    while !isDone, step(until: end, observe) {}
    for (client, row) in scenario.rows.enumerated()
    where scenario.mustBoot(row) && !link.isSettled(client) {
      checkers.complaints.add(.boot, at: end, "\(row.model.rawValue), \(row.identity.macAddress)")
    }
    link.switchOffClients()
    let quiet = link.time + Self.quiet
    while step(until: quiet, observe) {}
    checkers.finish(link.servers[0].appliance.counts, at: link.time)
    return Report(
      seed: scenario.seed, complaints: checkers.complaints.list, digest: digest.value,
      events: events, booted: booted, compared: checkers.compared, restarts: restarts,
      end: link.time)
  }

  /// Runs it, and writes down what one machine says and is told.
  package mutating func run(tracing client: Int) -> (report: Report, lines: [String]) {
    let machine = scenario.rows[client].identity.macAddress
    var transcript = Transcript()
    var address: IPv4Address?
    let report = run { time, event in
      switch event {
      case .addressed(client, let taken):
        address = taken
        transcript.add(.remark, at: time, taken.map { "has \($0)" } ?? "has no address")
      case .settled(client, let progress): transcript.add(.remark, at: time, "\(progress)")
      case .stopped(let server): transcript.add(.remark, at: time, "server \(server) stops")
      case .started(let server): transcript.add(.remark, at: time, "server \(server) starts")
      case .requested(client, _): ModelText(event).add(to: &transcript, at: time)
      case .done(_, let outcome) where outcome.concerns(machine, at: address):
        ModelText(event).add(to: &transcript, at: time)
      case .requested, .arrived, .due, .done, .responded, .addressed, .settled, .counted: break
      }
    }
    return (report, transcript.lines)
  }

  /// Faults have ended, and who may boot has.
  private var isDone: Bool {
    link.time > scenario.mended + scenario.afterglow && waiting == 0
  }

  private mutating func step(
    until limit: Instant, _ observe: (Instant, LinkEvent) -> Void
  ) -> Bool {
    var taken: [(Instant, LinkEvent)] = []
    let goesOn = link.step(until: limit) { time, event in taken.append((time, event)) }
    for (time, event) in taken {
      events += 1
      digest.add(event, at: time)
      checkers.observe(event, at: time)
      switch event {
      case .settled(let client, _):
        booted += 1
        if scenario.mustBoot(scenario.rows[client]) { waiting -= 1 }
      case .started: restarts += 1
      case .requested, .arrived, .due, .done, .responded, .addressed, .stopped, .counted: break
      }
      observe(time, event)
    }
    return goesOn
  }
}

extension Outcome {
  /// Whether it has to do with a machine, as far as its addresses tell.
  fileprivate func concerns(_ machine: MACAddress, at address: IPv4Address?) -> Bool {
    switch self {
    case .sent(let sent):
      DHCPGlimpse(sent.payload).map { $0.machine == machine }
        ?? (sent.destination.address == address)
    case .stored(let lease): lease.client == .hardware(machine)
    case .recorded(let event):
      event.macAddress == machine || event.address != nil && event.address == address
    case .responded, .respondedFile, .closed, .erased, .kept, .decided, .asked: false
    }
  }
}
