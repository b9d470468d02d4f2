import Network
import Wire

/// What a program of a machine waits for, one thing at a time.
enum Activity: Sendable {
  case dhcp(DHCPExchange)
  case fetch(Fetch)
  case pause(Duration, until: Instant = .never)

  mutating func begin(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) -> Finding? {
    switch self {
    case .dhcp(var exchange):
      exchange.begin(at: now, &station, into: &requests)
      self = .dhcp(exchange)
      return nil
    case .fetch(var fetch):
      let finding = fetch.begin(at: now, &station, into: &requests)
      self = .fetch(fetch)
      return finding
    case .pause(let duration, _):
      self = .pause(duration, until: now + duration)
      return nil
    }
  }

  var nextDeadline: Instant? {
    switch self {
    case .dhcp(let exchange): exchange.nextDeadline
    case .fetch(let fetch): fetch.nextDeadline
    case .pause(_, let end): end
    }
  }

  mutating func receive(
    _ datagram: SentDatagram, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    switch self {
    case .dhcp(var exchange):
      let finding = exchange.receive(datagram, at: now, &station, into: &requests)
      self = .dhcp(exchange)
      return finding
    case .fetch(var fetch):
      // Moved, not copied.
      self = .pause(.zero)
      let finding = fetch.receive(datagram, at: now, &station, into: &requests)
      self = .fetch(fetch)
      return finding
    case .pause: return nil
    }
  }

  mutating func receive(
    _ response: ClientResponse, on connection: Int, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    guard case .fetch(var fetch) = self else { return nil }
    let finding = fetch.receive(response, on: connection, at: now, into: &requests)
    self = .fetch(fetch)
    return finding
  }

  mutating func timeout(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) -> Finding? {
    guard let due = nextDeadline, due <= now else { return nil }
    switch self {
    case .dhcp(var exchange):
      let finding = exchange.timeout(at: now, &station, into: &requests)
      self = .dhcp(exchange)
      return finding
    case .fetch(var fetch):
      let finding = fetch.timeout(at: now, &station, into: &requests)
      self = .fetch(fetch)
      return finding
    case .pause: return .woke
    }
  }
}

/// What a program found when its activity ended.
enum Finding: Sendable {
  /// Nothing yet: the program begins.
  case begun
  case leased(StationLease)
  case notLeased(String)
  case fetched(FetchedFile)
  case missed(String)
  case woke
}

/// What a program does next.
enum Turn: Sendable {
  case run(Activity)
  /// Leaves the machine to another program.
  case become(any BootProgram)
  case end(BootProgress)

  static func fail(_ step: BootStep, _ reason: String) -> Turn {
    .end(.failed(at: step, because: reason))
  }
}

/// A program of the boot: firmware, loader, or what a loader interprets.
protocol BootProgram: Sendable {
  /// Goes on with what its activity found, until it needs something else.
  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn
}
