import Boot
import Network

/// Every message ends in an event; who is ignored hears nothing; and boot servers answer to the port
/// that asked (``DHCPService/serveBoot``).
struct MessageChecker: Sendable {
  private struct Question: Hashable, Sendable {
    let machine: MACAddress
    let transaction: UInt32
  }

  private let ignored: Set<MACAddress>
  private var ports: [Question: Set<UInt16>] = [:]
  /// What arrived and has led to no event so far.
  private var unanswered: Arrival?

  init(ignored: Set<MACAddress>) { self.ignored = ignored }

  mutating func arrived(_ message: DHCPGlimpse, from arrival: Arrival) {
    guard arrival.destination.port == 4011 else { return }
    let question = Question(machine: message.machine, transaction: message.transactionID)
    ports[question, default: []].insert(arrival.source.port)
  }

  mutating func sent(
    _ reply: DHCPGlimpse, from source: Endpoint, to destination: Endpoint, at time: Instant,
    into complaints: inout Complaints
  ) {
    if ignored.contains(reply.machine) {
      complaints.add(.policy, at: time, "\(reply.machine) is answered")
    }
    guard source.port == 4011 else { return }
    let question = Question(machine: reply.machine, transaction: reply.transactionID)
    guard ports[question]?.contains(destination.port) != true else { return }
    complaints.add(
      .port, at: time,
      "\(reply.machine) asked 4011 from \(ports[question]?.sorted() ?? []), and is answered at "
        + "\(destination.port)")
  }

  /// Something arrived that is to end in an event.
  mutating func expect(_ arrival: Arrival) { unanswered = arrival }

  mutating func recorded() { unanswered = nil }

  /// The step is over.
  mutating func settle(at time: Instant, into complaints: inout Complaints) {
    guard let arrival = unanswered else { return }
    unanswered = nil
    complaints.add(
      .event, at: time, "what \(arrival.source) sent to port \(arrival.destination.port)")
  }

  mutating func stopped() { unanswered = nil }
}
