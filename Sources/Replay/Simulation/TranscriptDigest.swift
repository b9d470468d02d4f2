import Boot
import Network
import Services

/// One number for a whole transcript, the same in every process: `Hasher` would not be.
struct TranscriptDigest: Hashable, Sendable {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  private mutating func add(_ number: UInt64) {
    value = (value ^ number) &* 0x0000_0100_0000_01b3
    value ^= value >> 29
  }

  private mutating func add(_ octets: [UInt8]) {
    for octet in octets { value = (value ^ UInt64(octet)) &* 0x0000_0100_0000_01b3 }
    add(UInt64(octets.count))
  }

  private mutating func add(_ text: String) {
    for octet in text.utf8 { add(UInt64(octet)) }
  }

  private mutating func add(_ endpoint: Endpoint) {
    add(UInt64(endpoint.address.number) << 16 | UInt64(endpoint.port))
  }

  mutating func add(_ event: LinkEvent, at time: Instant) {
    add(UInt64(bitPattern: time.nanoseconds))
    switch event {
    case .requested(let client, .datagram(let source, let destination, let payload)):
      add(UInt64(client))
      add(source)
      add(destination)
      add(payload)
    case .requested(let client, .http(let connection, let endpoint, let octets)):
      add(UInt64(client) << 32 | UInt64(connection))
      add(endpoint)
      add(octets)
    case .requested(let client, .note(let note)):
      add(UInt64(client))
      add(note)
    case .requested(let client, .hangUp(let connection)):
      add(UInt64(client) << 32 | UInt64(connection))
    case .done(let server, let outcome):
      add(UInt64(server))
      add(outcome)
    case .settled(let client, let progress):
      add(UInt64(client))
      add("\(progress)")
    case .arrived(let server, _, let payload): add(UInt64(server) << 32 | UInt64(payload.count))
    case .due(let server), .stopped(let server), .started(let server): add(UInt64(server))
    case .responded(let client, let connection, let response):
      add(UInt64(client) << 32 | UInt64(connection))
      add(UInt64(response.bodyByteCount))
    case .addressed(let client, let address):
      add(UInt64(client) << 32 | UInt64(address?.number ?? 0))
    case .counted(_, let counts): add(UInt64(counts.leases))
    }
  }

  private mutating func add(_ outcome: Outcome) {
    switch outcome {
    case .sent(let sent):
      add(sent.source)
      add(sent.destination)
      add(sent.payload)
    case .responded(let id, let octets):
      add(id.number)
      add(octets)
    case .respondedFile(let id, _, let offset, let count):
      add(id.number)
      add(UInt64(offset) << 32 | UInt64(count))
    case .closed(let id): add(id.number)
    case .stored(let lease):
      add(UInt64(lease.address.number))
      add(UInt64(bitPattern: lease.expiry.nanoseconds))
    case .erased(let address): add(UInt64(address.number))
    case .kept(let change): add("\(change)")
    case .decided(let reasons): add(UInt64(reasons.count))
    case .asked(let endpoint): add(endpoint)
    case .recorded(let event): add(event.fact.name)
    }
  }
}
