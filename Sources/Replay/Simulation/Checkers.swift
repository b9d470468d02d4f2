import Boot
import Network
import Services

/// All that watch a simulation. They see the transcript, and never what a service holds.
struct Checkers: Sendable {
  var complaints = Complaints()
  private var addresses: AddressChecker
  private var commits = CommitChecker()
  private var messages: MessageChecker
  private var transfers: TransferChecker
  private var responses: ResponseChecker
  private var bounds: BoundChecker

  init(_ scenario: Scenario, _ site: SimulatedSite) {
    addresses = AddressChecker(
      scenario.rows.map(\.identity.macAddress), reservations: site.reservations, server: site.own)
    messages = MessageChecker(ignored: Set(scenario.ignored.map(\.identity.macAddress)))
    transfers = TransferChecker(site)
    responses = ResponseChecker(site)
    bounds = BoundChecker(
      mostAddresses: site.addressCount, machineCount: scenario.rows.count,
      isDamaging: scenario.faults.corrupted > 0)
  }

  /// Of TFTP, and of HTTP.
  var compared: (blocks: Int, bodies: Int) {
    (transfers.comparedBlocks, responses.comparedFiles)
  }

  mutating func observe(_ event: LinkEvent, at time: Instant) {
    switch event {
    case .requested(let client, let request): requested(client, request, at: time)
    case .arrived(let server, let arrival, let payload):
      settle(at: time)
      if server == 0 { arrived(payload, from: arrival) }
    case .due(let server):
      settle(at: time)
      if server == 0 { transfers.due() }
    case .done(let server, let outcome): if server == 0 { done(outcome, at: time) }
    case .responded(let client, let connection, let response):
      responses.responded(client, connection, response, at: time, into: &complaints)
    case .addressed(let client, let address):
      addresses.addressed(client, address, at: time, into: &complaints)
    case .settled, .started: break
    case .stopped(let server): if server == 0 { stopped() }
    case .counted(let server, let counts):
      if server == 0 { bounds.counted(counts, at: time, into: &complaints) }
    }
  }

  /// What arrived last has led to all that it leads to.
  private mutating func settle(at time: Instant) {
    messages.settle(at: time, into: &complaints)
  }

  private mutating func requested(_ client: Int, _ request: ClientRequest, at time: Instant) {
    switch request {
    case .datagram(_, let destination, let payload):
      guard destination.port == 67, let message = DHCPGlimpse(payload) else { return }
      addresses.requested(message, at: time)
    case .http(let connection, _, let octets): responses.requested(client, connection, octets)
    case .hangUp, .note: break
    }
  }

  private mutating func arrived(_ payload: [UInt8], from arrival: Arrival) {
    switch arrival.destination.port {
    case 67, 4011:
      transfers.due()
      messages.expect(arrival)
      guard let message = DHCPGlimpse(payload) else { return }
      messages.arrived(message, from: arrival)
      if arrival.destination.port == 67 { addresses.arrived(message) }
    case 69:
      if !transfers.isRepetition(payload, from: arrival.source) { messages.expect(arrival) }
      transfers.arrived(payload, from: arrival)
    case _: transfers.arrived(payload, from: arrival)
    }
  }

  private mutating func done(_ outcome: Outcome, at time: Instant) {
    switch outcome {
    case .sent(let sent): self.sent(sent, at: time)
    case .stored(let lease): commits.stored(lease)
    case .erased(let address): commits.erased(address)
    case .recorded(let event):
      messages.recorded()
      bounds.recorded(event.fact)
      transfers.recorded(event.fact, at: time, into: &complaints)
    case .responded, .respondedFile, .closed, .kept, .decided, .asked: break
    }
  }

  private mutating func sent(_ sent: SentDatagram, at time: Instant) {
    switch sent.source.port {
    case 67, 4011:
      guard let reply = DHCPGlimpse(sent.payload) else { return }
      messages.sent(
        reply, from: sent.source, to: sent.destination, at: time, into: &complaints)
      addresses.sent(reply, at: time, into: &complaints)
      commits.sent(reply, at: time, into: &complaints)
    case _: transfers.sent(sent, at: time, into: &complaints)
    }
  }

  private mutating func stopped() {
    addresses.stopped()
    messages.stopped()
    transfers.stopped()
    bounds.stopped()
  }

  /// Nobody asks any more.
  mutating func finish(_ counts: ApplianceCounts, at time: Instant) {
    settle(at: time)
    bounds.quiet(counts, at: time, into: &complaints)
  }
}
