import Boot
import Network

/// A machine that boots: its firmware, and after it every program that it is told to start.
package struct BootMachine: BootClient {
  package let identity: MachineIdentity
  private var station: Station
  private var program: any BootProgram
  private var activity: Activity?
  package private(set) var progress = BootProgress.running
  /// What it begins with, again and again where it is to start anew after a failure.
  private let first: any BootProgram
  /// How long after a failure it is switched on again; nil: it gives up.
  private let rest: Duration?
  private let firstLease: StationLease?
  private var isResting = false

  /// Programs that follow each other without waiting for anything; a loop of loaders ends here.
  private static let mostTurns = 256

  init(
    _ identity: MachineIdentity, _ architecture: Architecture, _ program: any BootProgram,
    lease: StationLease? = nil, restingAfterFailure rest: Duration? = nil,
    among servers: Set<IPv4Address>? = nil
  ) {
    self.identity = identity
    station = Station(
      identity: identity, architecture: architecture, lease: lease, servers: servers)
    self.program = program
    first = program
    self.rest = rest
    firstLease = lease
  }

  package var macAddress: MACAddress { identity.macAddress }
  package var address: IPv4Address? { station.lease?.address }
  var lease: StationLease? { station.lease }
  package var nextDeadline: Instant? { progress == .running ? activity?.nextDeadline : nil }

  package mutating func begin(at now: Instant, into requests: inout [ClientRequest]) {
    advance(.begun, at: now, into: &requests)
  }

  package mutating func receive(
    _ datagram: SentDatagram, at now: Instant, into requests: inout [ClientRequest]
  ) {
    guard progress == .running, var current = activity else { return }
    // Moved, not copied: it may hold a file on its way.
    activity = nil
    let finding = current.receive(datagram, at: now, &station, into: &requests)
    activity = current
    advance(finding, at: now, into: &requests)
  }

  package mutating func receive(
    _ response: ClientResponse, on connection: Int, at now: Instant,
    into requests: inout [ClientRequest]
  ) {
    guard progress == .running, var current = activity else { return }
    let finding = current.receive(response, on: connection, at: now, &station, into: &requests)
    activity = current
    advance(finding, at: now, into: &requests)
  }

  package mutating func timeout(at now: Instant, into requests: inout [ClientRequest]) {
    guard progress == .running, var current = activity else { return }
    let finding = current.timeout(at: now, &station, into: &requests)
    activity = current
    advance(finding, at: now, into: &requests)
  }

  private mutating func advance(
    _ finding: Finding?, at now: Instant, into requests: inout [ClientRequest]
  ) {
    guard var finding else { return }
    if isResting {
      isResting = false
      finding = .begun
    }
    for _ in 0..<Self.mostTurns {
      activity = nil
      if case .leased(let lease) = finding { station.lease = lease }
      let turn = program.resume(finding, &station)
      for note in station.notes { requests.append(.note(note)) }
      station.notes = []
      switch turn {
      case .run(var next):
        let found = next.begin(at: now, &station, into: &requests)
        activity = next
        guard let found else { return }
        finding = found
      case .become(let other):
        program = other
        finding = .begun
      case .end(let end): return finish(end, at: now, into: &requests)
      }
    }
    finish(
      .failed(at: .bootFile, because: "its programs start each other in a circle"), at: now,
      into: &requests)
  }

  private mutating func finish(
    _ end: BootProgress, at now: Instant, into requests: inout [ClientRequest]
  ) {
    guard case .failed(let step, let reason) = end, let rest else {
      progress = end
      return
    }
    requests.append(.note("fails at \(step.rawValue): \(reason); is switched on again"))
    station = Station(
      identity: identity, architecture: station.architecture, lease: firstLease,
      servers: station.servers)
    program = first
    isResting = true
    activity = .pause(rest, until: now + rest)
  }
}
