import Boot
import Network
import Wire

/// The proven addresses of one subnet, the questions under way, and how far its pools have been
/// looked through.
struct ProbeStock: Sendable {
  /// How its addresses are reached.
  struct Way: Hashable, Sendable {
    /// nil: along the routes.
    var interface: Int32?
    /// The interfaces that the routes may lead through.
    var links: [Int32]
  }

  struct Proven: Sendable {
    var address: IPv4Address
    var time: Instant
  }

  /// A question under way.
  struct Probe: Sendable {
    /// What its answer must name; of a probe along the routes.
    var mark = EchoMark(identifier: 0, sequence: 0)
    /// Whether the address is in stock, and was proven long ago.
    var isAgain = false
    var sent = 0
    /// When to ask again, or to take silence for an answer.
    var due: Instant
  }

  /// What all visits of one moment share.
  struct Round {
    let catalog: Catalog
    let time: Instant
    let mustProve: Bool
  }

  /// How many are in stock, at most; as many are asked for at once.
  static let count = 32
  /// So many more while nothing is given unproven: as many as went away without one.
  static let mostDemand = 512
  /// After the last miss it is forgotten.
  static let demandDuration = Duration.seconds(120)
  static let attemptCount = 3
  static let spacing = Duration.milliseconds(500)
  /// After the last attempt.
  static let patience = Duration.seconds(1)
  /// What did not leave is asked again then.
  static let failurePause = Duration.seconds(2)
  /// After it a proven address is asked for again.
  static let freshness = Duration.seconds(600)
  /// The same in the first minutes of a link: a switch may have swallowed the first questions, while
  /// it looked for loops (IEEE 802.1D: 30 s).
  static let earlyFreshness = Duration.seconds(60)
  static let earlyDuration = Duration.seconds(120)
  /// Addresses looked at in one search.
  static let searchCount = 1024
  /// Questions a second, and the same while nothing is given unproven.
  static let rate = 64
  static let urgentRate = 256
  /// Hosts that are remembered to answer for everything.
  static let mostLiars = 16

  var subnet: Subnet
  let way: Way
  /// When it is to be visited.
  var due: Instant
  private(set) var liars: [MACAddress] = []
  private let begun: Instant
  /// The longest ago put in first.
  private var proven: [Proven] = []
  private var probes: [IPv4Address: Probe] = [:]
  private var budget = ProbeBudget()
  /// Where the search for more goes on: a place among all addresses of its pools.
  private var place = 0
  /// Whether the round at hand takes only addresses that nobody ever had.
  private var isForFresh = true
  /// How many are lacking that are not asked for yet, as far as the pools have them.
  private var lack = 0
  /// Not before this is the search made again.
  private var retry = Instant.start
  /// Addresses that were answered for since one was not.
  private var answeredInARow = 0
  private var pause = Duration.zero
  private var demand = 0
  private var demandEnd = Instant.start

  init(_ subnet: Subnet, _ way: Way, at now: Instant) {
    self.subnet = subnet
    self.way = way
    due = now
    begun = now
  }

  private func pool(of address: IPv4Address) -> Pool? {
    subnet.pools.first { $0.contains(address) }
  }

  mutating func take(
    of pool: Pool, _ leases: borrowing LeaseTable, at now: Instant, mayGive: (IPv4Address) -> Bool
  ) -> IPv4Address? {
    var best: (index: Int, since: Instant)?
    for (index, proven) in proven.enumerated() {
      guard pool.contains(proven.address), isFresh(proven, at: now), mayGive(proven.address),
        let vacancy = leases.vacancy(of: proven.address, at: now)
      else { continue }
      let since =
        switch vacancy {
        case .fresh: Instant(nanoseconds: .min)
        case .remembered(let since): since
        }
      if let known = best, known.since <= since { continue }
      best = (index, since)
    }
    guard let best else { return nil }
    demand = max(0, demand - 1)
    return proven.remove(at: best.index).address
  }

  private func isFresh(_ proven: Proven, at now: Instant) -> Bool {
    now - proven.time < Self.freshness * 2
  }

  /// Whether `address` was proven; else it is asked for now.
  mutating func take(_ address: IPv4Address, at now: Instant) -> Bool {
    if let index = proven.firstIndex(where: { $0.address == address && isFresh($0, at: now) }) {
      proven.remove(at: index)
      return true
    }
    if probes[address] == nil, probes.count < Self.count + 2 * Self.mostDemand {
      probes[address] = Probe(due: now)
    }
    return false
  }

  mutating func miss(at now: Instant) {
    demand = min(demand + 1, Self.mostDemand)
    demandEnd = now + Self.demandDuration
  }

  /// The pool of an address that was asked for by these means.
  mutating func answered(_ address: IPv4Address, by means: ProbeMeans) -> Pool? {
    guard let probe = probes[address], probe.sent > 0, let pool = pool(of: address) else {
      return nil
    }
    switch means {
    case .arp(let interface): guard way.interface == interface else { return nil }
    case .echo(let mark): guard way.interface == nil, probe.mark == mark else { return nil }
    }
    probes[address] = nil
    proven.removeAll { $0.address == address }
    answeredInARow += 1
    return pool
  }

  mutating func disbelieve(_ host: MACAddress) {
    liars.append(host)
    if liars.count > Self.mostLiars { liars.removeFirst() }
    answeredInARow = 0
  }

  mutating func failed(_ address: IPv4Address, at now: Instant) {
    probes[address]?.sent = 0
    probes[address]?.due = now + Self.failurePause
  }

  mutating func failedAll(at now: Instant) {
    for (address, probe) in probes where probe.sent > 0 { failed(address, at: now) }
  }

  /// Asks and concludes what is due, and begins to ask for what is lacking.
  mutating func work(
    _ round: Round, _ leases: borrowing LeaseTable, _ mark: inout EchoMark,
    _ allowance: inout Int, into actions: inout Actions
  ) {
    let now = round.time
    let freshness = now < begun + Self.earlyDuration ? Self.earlyFreshness : Self.freshness
    conclude(at: now)
    refresh(round, leases, freshness)
    fill(round, leases)
    let isStarved = !ask(round, &mark, &allowance, into: &actions)
    var next = probes.values.reduce(Instant.never) { min($0, $1.due) }
    // For the next turn of all, or for more of the budget.
    if isStarved { next = max(next, now + (allowance > 0 ? .milliseconds(50) : .zero)) }
    for proven in proven where probes[proven.address] == nil {
      next = min(next, proven.time + freshness)
    }
    if lack > 0 { next = min(next, retry) }
    due = next
  }

  /// Takes long silence for an answer.
  private mutating func conclude(at now: Instant) {
    let silent = probes.filter { $0.value.due <= now && $0.value.sent >= Self.attemptCount }
    guard !silent.isEmpty else { return }
    for address in silent.keys { probes[address] = nil }
    proven.removeAll { silent[$0.address] != nil }
    proven += silent.keys.sorted().map { Proven(address: $0, time: now) }
    answeredInARow = 0
    pause = .zero
  }

  /// Drops what is given away or no longer to be given, and asks again for what was proven long ago.
  private mutating func refresh(
    _ round: Round, _ leases: borrowing LeaseTable, _ freshness: Duration
  ) {
    let subnet = subnet
    proven.removeAll { proven in
      leases.vacancy(of: proven.address, at: round.time) == nil
        || !subnet.mayGive(proven.address, round.catalog)
    }
    for proven in proven where round.time - proven.time >= freshness {
      guard probes[proven.address] == nil else { continue }
      probes[proven.address] = Probe(isAgain: true, due: round.time)
    }
  }

  /// Begins to ask for as many addresses as the stock lacks.
  private mutating func fill(_ round: Round, _ leases: borrowing LeaseTable) {
    let now = round.time
    if now >= demandEnd { demand = 0 }
    let underWay = probes.values.count { !$0.isAgain }
    lack = Self.count + (round.mustProve ? demand : 0) - proven.count - underWay
    guard lack > 0, now >= retry, !rests(round) else { return }
    let total = subnet.pools.reduce(0) { $0 + $1.count }
    let known = Set(proven.map(\.address))
    place = place < total ? place : 0
    var looked = 0
    // Those that somebody had come after all that nobody ever had.
    var rounds = isForFresh ? 2 : 1
    while lack > 0, looked < Self.searchCount {
      if place == total {
        place = 0
        rounds -= 1
        isForFresh = false
        guard rounds > 0 else { break }
      }
      guard let address = subnet.address(at: place) else { break }
      place += 1
      looked += 1
      guard !known.contains(address), probes[address] == nil,
        let vacancy = leases.vacancy(of: address, at: now), !isForFresh || vacancy == .fresh,
        subnet.mayGive(address, round.catalog)
      else { continue }
      probes[address] = Probe(due: now)
      lack -= 1
    }
    if lack > 0 { retry = now + (looked < Self.searchCount ? .seconds(5) : .seconds(1)) }
  }

  /// Where every address is answered for, ever longer is waited before more are tried. While nothing
  /// is given unproven, each is tried first: those that live by lost leases may be next to each other.
  private mutating func rests(_ round: Round) -> Bool {
    let total = subnet.pools.reduce(0) { $0 + $1.count }
    guard answeredInARow >= (round.mustProve ? total : min(total, Self.count)) else { return false }
    answeredInARow = 0
    pause = min(max(pause * 2, .seconds(5)), .seconds(60))
    retry = round.time + pause
    return true
  }

  /// - Returns: Whether all that was due has left; first what was begun before.
  private mutating func ask(
    _ round: Round, _ mark: inout EchoMark, _ allowance: inout Int, into actions: inout Actions
  ) -> Bool {
    let now = round.time
    let due = probes.filter { $0.value.due <= now }
      .sorted { ($0.value.sent == 0 ? 1 : 0, $0.key) < ($1.value.sent == 0 ? 1 : 0, $1.key) }
    for (address, known) in due {
      guard allowance > 0,
        budget.spend(round.mustProve ? Self.urgentRate : Self.rate, at: now)
      else { return false }
      allowance -= 1
      var probe = known
      if probe.sent == 0 {
        mark.sequence &+= 1
        probe.mark = mark
      }
      probe.sent += 1
      probe.due = now + (probe.sent < Self.attemptCount ? Self.spacing : Self.patience)
      probes[address] = probe
      let means = way.interface.map { ProbeMeans.arp(interface: $0) } ?? .echo(probe.mark)
      actions.append(.probe(address, by: means))
    }
    return true
  }
}

extension Subnet {
  fileprivate func mayGive(_ address: IPv4Address, _ catalog: Catalog) -> Bool {
    poolContains(address) && DHCPService.isLeasable(address, of: self)
      && !catalog.isReserved(address)
  }

  /// The address at a place among all of its pools, counted from 0.
  fileprivate func address(at place: Int) -> IPv4Address? {
    var place = place
    for pool in pools {
      if place < pool.count { return IPv4Address(pool.first.number + UInt32(place)) }
      place -= pool.count
    }
    return nil
  }
}
