import Network
import Wire

/// The questions that other servers have been asked and have not answered.
///
/// One at a time for each question, so that nobody can have many in flight and guess the one
/// (DNSpooq, CVE-2020-25686); whoever asks the same waits for the same answer.
struct DNSForwards: Sendable {
  private var slots: [DNSForward?] = []
  private var free: [Int] = []
  private var byQuestion: [DNSQuestion: Int] = [:]
  private var deadlines = Deadlines()
  private var serial: UInt64 = 0

  static let limit = 512
  static let patience = Duration.seconds(2)

  var nextDeadline: Instant? { deadlines.earliest }
  var count: Int { byQuestion.count }

  func slot(asking question: DNSQuestion) -> Int? { byQuestion[question] }

  /// The question that waits at this port; nil when it was given up.
  func slot(of id: ForwardID) -> Int? {
    let slot = Int(id.number % UInt64(Self.limit))
    return slots.indices.contains(slot) && slots[slot]?.id == id ? slot : nil
  }

  subscript(slot: Int) -> DNSForward? {
    get { slots[slot] }
    set { slots[slot] = newValue }
  }

  /// A place for one more; nil when there is none.
  mutating func add(_ forward: DNSForward) -> Int? {
    let slot: Int
    if let known = free.popLast() {
      slot = known
      slots[slot] = forward
    } else {
      guard slots.count < Self.limit else { return nil }
      slot = slots.count
      slots.append(forward)
    }
    byQuestion[forward.question] = slot
    return slot
  }

  /// Gives the next attempt its number and its time.
  mutating func begin(
    _ slot: Int, messageID: UInt16, server: Endpoint, byStream: Bool, at now: Instant
  ) {
    serial += 1
    slots[slot]?.id = ForwardID(serial * UInt64(Self.limit) + UInt64(slot))
    slots[slot]?.messageID = messageID
    slots[slot]?.server = server
    slots[slot]?.isByStream = byStream
    // The same server by TCP is the same attempt.
    if !byStream { slots[slot]?.attempts += 1 }
    slots[slot]?.strays = 0
    deadlines.set(slot, to: now + Self.patience)
  }

  mutating func remove(_ slot: Int) -> DNSForward? {
    guard let forward = slots[slot] else { return nil }
    slots[slot] = nil
    free.append(slot)
    byQuestion[forward.question] = nil
    deadlines.remove(slot)
    return forward
  }

  mutating func popDue(at now: Instant) -> Int? { deadlines.popDue(at: now) }
}

/// One question to other servers, with those who wait for its answer.
struct DNSForward: Sendable {
  let question: DNSQuestion
  var waiting: [Waiting]
  /// Which server is asked first, counted on without end.
  let first: Int
  var id = ForwardID(0)
  var messageID: UInt16 = 0
  var server = Endpoint(.unspecified, 0)
  /// Whether it is asked by TCP, because its answer was too long for a datagram.
  var isByStream = false
  var attempts = 0
  /// Answers that came to its port and were not it.
  var strays = 0

  static let mostWaiting = 32
  /// So many false answers are no accident: the port is given up.
  static let mostStrays = 64

  struct Waiting: Sendable {
    var asker: DNSAsker
    /// As the client wrote it.
    var question: [UInt8]
    /// The aliases that led from there to what is asked; nil where there were none.
    var chain: DNSChain?
  }
}
