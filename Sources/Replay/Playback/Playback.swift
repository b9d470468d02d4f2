import Boot
import Network
import Services
import Wire

/// Plays a recording's machines against a world: the same services as in production, at the times of
/// the recording. The same recording and world give the same transcripts.
package struct Playback {
  /// Which world the machines are on.
  package enum Setting: Sendable {
    /// The recording's own.
    case recorded
    /// A configuration's.
    case configured(World)
    /// One of two that are held against each other, every machine armed: what an installation is
    /// told shows only so. `former` is the one of before, of which the other is a change: where it
    /// served the machines they are, whatever the change serves there.
    case compared(World, former: World?)
  }

  let recording: Recording
  let isConfigured: Bool
  /// Whether each machine may install what its profile does.
  let isArmed: Bool
  private let wire: (@Sendable (SentDatagram) -> SentDatagram)?
  let stage: Stage
  let contents: RecordedContents
  var appliance: VirtualAppliance
  var machines: [ReplayedMachine]
  /// The transfer that a client's endpoint began last.
  var transferByClient: [Endpoint: (machine: Int, index: Int)] = [:]
  var queue = EventQueue<Cue>()
  var outcomes: [Outcome] = []
  var lastConnection: UInt64 = 0
  /// What nobody's packets were: those of hosts that are no machines of ours.
  let others: Int
  /// Every rule that was tried, by the packet that asked.
  var reasons: [Int: [[Reason]]] = [:]
  /// The packets that are to be explained, and what came of them.
  let watched: Set<Int>
  var watchedOutcomes: [Int: [Outcome]] = [:]
  var scenes: [Int: Scene] = [:]

  enum Cue: Sendable {
    case step(machine: Int, Int)
    /// A packet of a transfer's client, as it was recorded.
    case packet(machine: Int, transfer: Int, RecordedDatagram)
    /// An ACK of a transfer whose blocks are others than the recorded ones.
    case acknowledgement(machine: Int, transfer: Int)
  }

  /// - Parameters:
  ///   - wire: What becomes of our datagrams on their way; nil: they arrive as they left. So a test
  ///     can see that the judgement finds a fault.
  ///   - watched: The packets that ``explanations()`` will be asked of.
  package init(
    _ recording: Recording, in setting: Setting,
    wire: (@Sendable (SentDatagram) -> SentDatagram)? = nil, watching watched: Set<Int> = []
  ) {
    self.watched = watched
    self.recording = recording
    self.wire = wire
    let (found, others) = recording.machines()
    self.others = others
    let servers = RecordedServers(found)
    let names = RecordedName.all(recording.names)
    contents = RecordedContents(recording)
    machines = found.map { ReplayedMachine($0) }
    switch setting {
    case .recorded:
      isConfigured = false
      isArmed = false
      let world = World(recordedBy: servers, found, names: names)
      appliance = VirtualAppliance(world, explained: !watched.isEmpty)
      stage = Stage(recorded: servers, found, names: names)
    case .configured(let world):
      isConfigured = true
      isArmed = false
      appliance = VirtualAppliance(world, explained: !watched.isEmpty)
      stage = Stage(recorded: servers, found, names: names, in: world)
    case .compared(let world, let former):
      isConfigured = true
      isArmed = true
      appliance = VirtualAppliance(world, explained: !watched.isEmpty)
      stage = Stage(recorded: servers, found, names: names, in: world, instead: former)
    }
    for machine in found.indices {
      for step in found[machine].steps.indices {
        queue.add(.step(machine: machine, step), at: found[machine].steps[step].time)
      }
    }
  }

  /// Plays it to its end, or until `isLate`: what it reports then is worth nothing.
  package mutating func run(until isLate: () -> Bool = { false }) -> PlaybackReport {
    while let time = queue.earliest {
      if isLate() { break }
      if let deadline = appliance.nextDeadline, deadline < time {
        appliance.timeout(at: deadline, into: &outcomes)
        absorb(at: deadline)
        continue
      }
      guard let (now, cue) = queue.removeEarliest() else { break }
      switch cue {
      case .step(let machine, let step): play(step, of: machine, at: now)
      case .packet(let machine, let transfer, let datagram):
        send(datagram, machine, transfer, at: now)
      case .acknowledgement(let machine, let transfer):
        acknowledge(machine, transfer, at: now)
      }
    }
    for machine in machines.indices {
      settleTransfers(machine)
      guard machines[machine].leftOut > 0, let last = machines[machine].recorded.steps.last else {
        continue
      }
      machines[machine].observe(
        .remark, at: .address, last,
        "\(machines[machine].leftOut) more questions of the same kind are left out")
    }
    return PlaybackReport(
      machines: machines.map { machine in
        MachineReport(
          machine, appliance.dhcp.sightings[machine.recorded.macAddress],
          isConfigured: isConfigured)
      }, others: others,
      remarks: recording.remarks, reasons: reasons)
  }

  private mutating func play(_ step: Int, of machine: Int, at now: Instant) {
    guard !machines[machine].hasLeft, !isTooMuch(step, of: machine) else { return }
    defer { watch(machines[machine].recorded.steps[step], at: now) }
    machines[machine].sayings.question = "\(machines[machine].recorded.steps[step].frame)"
    switch machines[machine].recorded.steps[step] {
    case .question(let question): ask(question, machine, at: now)
    case .transfer(let transfer): begin(transfer, step, machine, at: now)
    case .exchange(let exchange, let connection): converse(exchange, connection, machine, at: now)
    case .query(let query, let answer): look(up: query, answer, machine, at: now)
    }
  }

  /// Whether a machine says the same kind of thing so often that once more proves nothing.
  private mutating func isTooMuch(_ step: Int, of machine: Int) -> Bool {
    guard case .question(let question) = machines[machine].recorded.steps[step] else {
      machines[machine].monotony = (nil, 0)
      return false
    }
    let last = machines[machine].monotony
    machines[machine].monotony = (question.type, last.type == question.type ? last.count + 1 : 1)
    guard last.type == question.type, last.count >= Self.mostAlike else { return false }
    machines[machine].leftOut += 1
    return true
  }

  /// Questions of one type on end, of one machine.
  private static let mostAlike = 200

  /// What the appliance did since the last time, as the wire makes it arrive.
  mutating func takeOutcomes() -> [Outcome] {
    let list = outcomes
    outcomes.removeAll(keepingCapacity: true)
    guard let wire else { return list }
    return list.map { outcome in
      if case .sent(let datagram) = outcome { .sent(wire(datagram)) } else { outcome }
    }
  }

  /// Gives transfers their packets.
  mutating func absorb(at now: Instant) {
    let list = takeOutcomes()
    for outcome in list {
      if case .sent(let datagram) = outcome { deliver(datagram, at: now) }
    }
  }
}

/// What a replay found out, machine by machine.
package struct PlaybackReport: Sendable {
  package let machines: [MachineReport]
  /// Packets of hosts that are no machines of a boot server's.
  package let others: Int
  package let remarks: [String]
  /// The rules that were tried for each packet, in order.
  package let reasons: [Int: [[Reason]]]

  package var hasFailures: Bool { machines.contains { $0.verdict.isFailure } }
}
