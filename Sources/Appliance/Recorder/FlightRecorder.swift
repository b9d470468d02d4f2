import Boot
import Bytes
import Network

/// Remembers what machines that boot and we said lately, and says whose boot came to nothing.
///
/// A value without clock or files. Its memory is bounded: so many machines, each with a ring that is
/// taken when the machine is first heard; machines that boot, and those heard longest ago, make room.
struct FlightRecorder: Sendable {
  /// A machine in the table, for as long as it is this one.
  struct Seat: Hashable, Sendable {
    fileprivate var index: Int
    fileprivate var generation: UInt64
  }

  /// A boot that came to nothing, with all that is remembered of it.
  struct Flight: Sendable {
    let machine: MACAddress
    let reason: String
    let octets: [UInt8]
    let interface: Int32
  }

  private struct Row: Sendable {
    var machine: MACAddress
    var generation: UInt64
    var watch: BootWatch
    var ring: FlightRing
    /// Where the attempt begins in the ring.
    var begin = 0
    var interface: Int32 = 0
    /// When it was written of last.
    var written: Instant?
  }

  var stall: Duration
  private var rows: [Row] = []
  private var places: [MACAddress: Int] = [:]
  private var generation: UInt64 = 0
  /// Attempts that ended because others began.
  private(set) var abandoned: [Flight] = []
  /// When recordings were said to be due, for no more than `mostPerMinute`.
  private var recent: [Instant] = []
  /// Those of the last hour of machines that took no address.
  private var strangers: [Instant] = []

  /// Where the next that makes room is looked for.
  private var hand = 0

  private static let mostMachines = 256
  private static let ringByteCount = 64 << 10
  private static let mostPerMinute = 10
  /// Of them, of machines that took no address, which anybody can make up; and of those in an hour, so
  /// that they do not push all others off the disk.
  private static let mostOfStrangers = 5
  private static let mostOfStrangersPerHour = 20
  /// A machine that fails again and again is written of once in so long.
  private static let pause = Duration.seconds(60)
  private static let mostAbandoned = 4

  init(stall: Duration) { self.stall = stall }

  /// Takes a DHCP message as it came; it may begin an attempt.
  ///
  /// - Returns: Where the machine sits; nil for one that does not boot.
  mutating func hear(dhcp bytes: RawSpan, from arrival: Arrival, at now: Instant) {
    guard let glance = FirmwareGlance(bytes) else { return }
    let begins = glance.isDiscover && (glance.isOfFirmware || glance.isOfIPXE)
    var index = places[glance.machine]
    if index == nil, begins || glance.isOfFirmware {
      index = add(glance.machine, at: now)
    } else if let index, begins, isNew(index, glance) {
      begin(index, at: now)
    }
    guard let index, !rows[index].watch.isOver else { return }
    rows[index].interface = arrival.interface
    rows[index].ring.append(
      .heard, arrival.source, arrival.destination, first: 0, second: 0, at: now,
      count: bytes.byteCount
    ) { $0.write(bytes) }
  }

  private func isNew(_ index: Int, _ glance: FirmwareGlance) -> Bool {
    let watch = rows[index].watch
    return watch.isOver || !glance.isOfIPXE && watch.isPastAddress
  }

  private mutating func begin(_ index: Int, at now: Instant) {
    if let reason = rows[index].watch.abandoned, abandoned.count < Self.mostAbandoned,
      mayWrite(index, at: now)
    {
      abandoned.append(flight(index, reason))
    }
    rows[index].watch = BootWatch(at: now)
    rows[index].begin = rows[index].ring.position
  }

  private mutating func add(_ machine: MACAddress, at now: Instant) -> Int {
    generation += 1
    guard rows.count == Self.mostMachines else {
      rows.append(
        Row(
          machine: machine, generation: generation, watch: BootWatch(at: now),
          ring: FlightRing(byteCount: Self.ringByteCount)))
      places[machine] = rows.count - 1
      return rows.count - 1
    }
    let index = leastWanted()
    places[rows[index].machine] = nil
    places[machine] = index
    rows[index].machine = machine
    rows[index].generation = generation
    rows[index].watch = BootWatch(at: now)
    rows[index].ring.clear()
    rows[index].begin = 0
    rows[index].written = nil
    return index
  }

  /// Who is over, or only ever asked for an address, in turn: so that a flood of made-up machines pushes
  /// out itself. Then who was given one and got no file yet.
  private mutating func leastWanted() -> Int {
    defer { hand = (hand + 1) % rows.count }
    for _ in rows.indices {
      if rows[hand].watch.isOver || !rows[hand].watch.hasAnAddress { return hand }
      hand = (hand + 1) % rows.count
    }
    for _ in rows.indices {
      if !rows[hand].watch.isPastAddress { return hand }
      hand = (hand + 1) % rows.count
    }
    return hand
  }
}

extension FlightRecorder {
  /// Where a machine sits whose boot goes on.
  func seat(of machine: MACAddress?) -> Seat? {
    guard let machine, let index = places[machine], !rows[index].watch.isOver else { return nil }
    return Seat(index: index, generation: rows[index].generation)
  }

  /// Whether anybody's boot goes on.
  var isIdle: Bool { rows.isEmpty }

  /// Writes down a datagram, or a part of a stream.
  mutating func take(
    _ kind: FlightRecord.Kind, of seat: Seat, _ client: Endpoint, _ server: Endpoint,
    first: UInt64 = 0, second: UInt64 = 0, at now: Instant, _ bytes: RawSpan
  ) {
    guard isOpen(seat) else { return }
    rows[seat.index].ring.append(
      kind, client, server, first: first, second: second, at: now, count: bytes.byteCount
    ) { $0.write(bytes) }
  }

  /// As ``take(_:of:_:_:first:second:at:_:)``, without octets.
  mutating func take(
    _ kind: FlightRecord.Kind, of seat: Seat, _ client: Endpoint, _ server: Endpoint,
    first: UInt64, second: UInt64, at now: Instant
  ) {
    guard isOpen(seat) else { return }
    rows[seat.index].ring.append(
      kind, client, server, first: first, second: second, at: now, count: 0
    ) { _ in }
  }

  /// As with ``take(_:of:_:_:first:second:at:_:)``, of a stretch that ended at `end`.
  mutating func take(
    stretch window: FlightRecord.Window, first: UInt64, of seat: Seat, _ client: Endpoint,
    _ server: Endpoint, from start: Instant, to end: Instant
  ) {
    guard isOpen(seat) else { return }
    rows[seat.index].ring.append(
      .stretch, client, server, first: first, second: window.number, at: start, count: 8
    ) { $0.write(UInt64(bitPattern: end.nanoseconds)) }
  }

  /// Something goes on that is not written down.
  mutating func touch(_ seat: Seat, at now: Instant) {
    guard isOpen(seat) else { return }
    rows[seat.index].watch.touch(at: now)
  }

  func isOpen(_ seat: Seat) -> Bool {
    seat.index < rows.count && rows[seat.index].generation == seat.generation
      && !rows[seat.index].watch.isOver
  }

  /// - Parameter promise: Of an event of a script or menu.
  mutating func take(_ event: Event, _ promise: BootWatch.Promise, at now: Instant) {
    guard let machine = event.macAddress, let index = places[machine] else { return }
    rows[index].watch.take(event.fact, promise, at: now)
  }

  /// Whose boot came to nothing by `now`, each once; to be asked each second.
  ///
  /// - Parameter isBusy: Whether something is on its way to a machine that is no event yet.
  mutating func due(at now: Instant, isBusy: (Seat) -> Bool) -> [(seat: Seat, reason: String)] {
    var list: [(seat: Seat, reason: String)] = []
    for index in rows.indices {
      let before = rows[index].watch
      guard let reason = rows[index].watch.due(at: now, stall: stall) else { continue }
      let seat = Seat(index: index, generation: rows[index].generation)
      if isBusy(seat) {
        rows[index].watch = before
        rows[index].watch.touch(at: now)
        continue
      }
      guard mayWrite(index, at: now) else {
        rows[index].watch.end()
        continue
      }
      list.append((seat, reason))
    }
    return list
  }

  /// Ends the attempt, and hands out what is remembered of it.
  mutating func finish(_ seat: Seat, _ reason: String) -> Flight? {
    guard isOpen(seat) else { return nil }
    rows[seat.index].watch.end()
    return flight(seat.index, reason)
  }

  mutating func takeAbandoned() -> [Flight] {
    let list = abandoned
    abandoned.removeAll()
    return list
  }

  private func flight(_ index: Int, _ reason: String) -> Flight {
    Flight(
      machine: rows[index].machine, reason: BootToken.masked(reason),
      octets: rows[index].ring.octets(from: rows[index].begin), interface: rows[index].interface)
  }

  private mutating func mayWrite(_ index: Int, at now: Instant) -> Bool {
    if let written = rows[index].written, now < written + Self.pause { return false }
    recent.removeAll { now >= $0 + .seconds(60) }
    let isStranger = !rows[index].watch.hasAnAddress
    let most = isStranger ? Self.mostOfStrangers : Self.mostPerMinute
    guard recent.count < most else { return false }
    if isStranger {
      strangers.removeAll { now >= $0 + .seconds(3600) }
      guard strangers.count < Self.mostOfStrangersPerHour else { return false }
      strangers.append(now)
    }
    recent.append(now)
    rows[index].written = now
    return true
  }
}
