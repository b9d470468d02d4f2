import Network

/// What befalls datagrams on a bad link, until it is mended.
package struct LinkFaults: Sendable {
  private let faults: Faults
  private let end: Instant
  private var dice: Dice

  /// - Parameter end: When the link is mended.
  package init(_ faults: Faults, until end: Instant, _ dice: Dice) {
    self.faults = faults
    self.end = end
    self.dice = dice
  }

  /// The copies of a datagram that arrive, each with what it takes longer; nil: it arrives as sent.
  mutating func passage(
    of delivery: Delivery, at time: Instant
  ) -> [(delivery: Delivery, delay: Duration)]? {
    guard time < end else { return nil }
    var copies: [(delivery: Delivery, delay: Duration)] = []
    if !dice.hits(faults.lost) { copies.append((damaged(delivery), delay())) }
    if dice.hits(faults.doubled) { copies.append((damaged(delivery), delay())) }
    if delivery.isACK, dice.hits(faults.strayed) {
      copies.append((delivery.strayed(endingIt: dice.hits(5000)), delay()))
    }
    return copies
  }

  private mutating func delay() -> Duration {
    if dice.hits(faults.delayed) { return dice.duration(.milliseconds(20), .seconds(2)) }
    return dice.hits(faults.reordered) ? dice.duration(.zero, .milliseconds(20)) : .zero
  }

  private mutating func damaged(_ delivery: Delivery) -> Delivery {
    guard dice.hits(faults.corrupted) else { return delivery }
    switch delivery {
    case .datagram(let server, let arrival, let payload):
      return .datagram(server: server, arrival, damaged(payload))
    case .answer(let client, let sent):
      return .answer(
        client: client,
        SentDatagram(
          source: sent.source, destination: sent.destination, hardware: sent.hardware,
          interface: sent.interface, payload: damaged(sent.payload)))
    case .power, .httpRequest, .httpResponse, .hangUp, .incident: return delivery
    }
  }

  private mutating func damaged(_ payload: [UInt8]) -> [UInt8] {
    guard !payload.isEmpty else { return payload }
    var payload = payload
    for _ in 0...dice.roll(3) {
      payload[dice.roll(payload.count)] = UInt8(truncatingIfNeeded: dice.next())
    }
    return payload
  }
}

extension Delivery {
  fileprivate var isACK: Bool {
    guard case .datagram(_, let arrival, let payload) = self else { return false }
    return arrival.destination.port >= 49_152 && payload.starts(with: [0, 4])
  }

  /// The same ACK from a port that has no transfer, or an ERROR.
  fileprivate func strayed(endingIt isError: Bool) -> Delivery {
    guard case .datagram(let server, var arrival, let payload) = self else { return self }
    // Models count their ports up from 1024 and never come so far.
    arrival.source.port |= 0x8000
    return .datagram(server: server, arrival, isError ? [0, 5, 0, 0, 0] : payload)
  }
}
