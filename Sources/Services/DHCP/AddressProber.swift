import Boot
import Network

/// Finds out ahead of need which addresses of the pools nobody uses (RFC 2131 §2.2), so that no OFFER
/// waits for it: an OFFER takes a proven address from the stock, and beside the service the stock is
/// filled again.
///
/// On a wire of ours it asks by ARP probes (RFC 5227 §2.1.1): a host that answers none cannot be spoken
/// to there, and many answer no ping. Behind relays only ICMP echo reaches them. What nobody answers
/// for within two seconds is free.
struct AddressProber: Sendable {
  /// Proven addresses of one subnet, and how far its pools have been looked through.
  struct Stock: Sendable {
    /// The longest ago put in first.
    var proven: [Proven] = []
    /// Where the search for more goes on: a place among all addresses of its pools.
    var place = 0
    /// Whether the round at hand takes only addresses that nobody ever had.
    var isForFresh = true
    /// The search found the pools used up; not before this is it made again.
    var retry = Instant.start
  }

  struct Proven: Sendable {
    var address: IPv4Address
    var time: Instant
  }

  /// A question under way.
  struct Probe: Sendable {
    var network: IPv4Prefix
    var pool: Pool
    var interface: Int32?
    var sent = 0
    /// When to ask again, or to take silence for an answer.
    var due: Instant
  }

  /// How many a subnet has in stock, at most; as many are asked for at once.
  static let stockCount = 32
  static let attemptCount = 3
  static let spacing = Duration.milliseconds(500)
  /// After the last attempt.
  static let patience = Duration.seconds(1)
  /// After it a proven address is asked for again.
  static let freshness = Duration.seconds(600)
  /// The same in the first minutes: a switch may have swallowed the first questions, while it looked
  /// for loops (IEEE 802.1D: 30 s).
  static let earlyFreshness = Duration.seconds(60)
  /// Addresses looked at in one search.
  static let searchCount = 1024

  private(set) var stocks: [IPv4Prefix: Stock] = [:]
  private(set) var probes: [IPv4Address: Probe] = [:]
  private(set) var nextDeadline: Instant?
  private var settled: Instant?
  /// When leases were lost, of which somebody may still live.
  private var lost: Instant?

  /// Whether there is anything to be taken.
  var isStocked: Bool { !stocks.isEmpty }

  /// Begins, or begins anew with another catalog.
  mutating func begin() { nextDeadline = .start }

  /// From here on no address of a pool is given unproven, until all that was lost has ended.
  mutating func leasesWereLost(at now: Instant) {
    lost = now
    begin()
  }

  /// Whether somebody may live at any address of its pools by a lease that was lost.
  func mustProve(_ subnet: Subnet, at now: Instant) -> Bool {
    guard let lost else { return false }
    return now < lost + subnet.lease
  }

  /// A proven address of `pool`, out of the stock: one that nobody ever had, else the one whose lease
  /// ended longest ago; nil: there is none.
  mutating func take(
    of pool: Pool, in subnet: Subnet, _ leases: borrowing LeaseTable, at now: Instant,
    mayGive: (IPv4Address) -> Bool
  ) -> IPv4Address? {
    guard let stock = stocks[subnet.network] else { return nil }
    var best: (index: Int, since: Instant)?
    for (index, proven) in stock.proven.enumerated() {
      guard pool.contains(proven.address), now - proven.time < Self.freshness * 2,
        mayGive(proven.address), let vacancy = leases.vacancy(of: proven.address, at: now)
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
    // Many take at once when a rack is powered on: they are made up for together.
    nextDeadline = min(nextDeadline ?? .never, now + .milliseconds(50))
    return stocks[subnet.network]?.proven.remove(at: best.index).address
  }

  /// Somebody answered; nil unless that was asked.
  mutating func answered(_ address: IPv4Address, at now: Instant) -> Probe? {
    guard let probe = probes.removeValue(forKey: address) else { return nil }
    stocks[probe.network]?.proven.removeAll { $0.address == address }
    nextDeadline = min(nextDeadline ?? .never, now + .milliseconds(50))
    return probe
  }

  func isUnderWay(_ address: IPv4Address) -> Bool { probes[address] != nil }

  /// Asks and concludes what is due, and fills the stocks.
  mutating func work(
    _ catalog: Catalog, _ leases: borrowing LeaseTable, at now: Instant, into actions: inout Actions
  ) {
    let ways = ways(catalog, at: now)
    for network in stocks.keys where ways[network] == nil { stocks[network] = nil }
    probes = probes.filter { ways[$0.value.network]?.interface == $0.value.interface }
    let settled = settled ?? now + .seconds(120)
    self.settled = settled
    let freshness = now < settled ? Self.earlyFreshness : Self.freshness
    conclude(at: now)
    for subnet in catalog.subnets {
      guard let way = ways[subnet.network] else { continue }
      refresh(subnet, way, catalog, leases, freshness, at: now)
      fill(subnet, way, catalog, leases, at: now)
    }
    ask(at: now, into: &actions)
    let soonest = probes.values.map(\.due).min() ?? .never
    var next = soonest
    for stock in stocks.values {
      if let oldest = stock.proven.map(\.time).min() { next = min(next, oldest + freshness) }
      if stock.proven.count < Self.stockCount { next = min(next, max(stock.retry, now)) }
    }
    if let lost, !ways.isEmpty { next = min(next, max(lost, now) + .seconds(3600)) }
    nextDeadline = next == .never ? nil : max(next, now + .milliseconds(20))
  }

  /// How the addresses of a subnet are reached.
  struct Way: Equatable {
    /// nil: along the routes.
    var interface: Int32?
  }

  /// The subnets whose addresses are to be proven, with how they are reached.
  private func ways(_ catalog: Catalog, at now: Instant) -> [IPv4Prefix: Way] {
    let giving = catalog.interfaces.filter { $0.dhcp == .authoritative && $0.number > 0 }
    var ways: [IPv4Prefix: Way] = [:]
    for subnet in catalog.subnets where !subnet.pools.isEmpty {
      guard subnet.probe == .ahead || mustProve(subnet, at: now) else { continue }
      if let interface = giving.first(where: { $0.name == subnet.interface }) {
        ways[subnet.network] = Way(interface: interface.number)
      } else if !giving.isEmpty, subnet.interface == nil || !subnet.relays.isEmpty {
        ways[subnet.network] = Way(interface: nil)
      }
    }
    return ways
  }

  /// Takes long silence for an answer.
  private mutating func conclude(at now: Instant) {
    let silent = probes.filter { $0.value.due <= now && $0.value.sent >= Self.attemptCount }
    for (address, probe) in silent.sorted(by: { $0.key < $1.key }) {
      probes[address] = nil
      stocks[probe.network]?.proven.removeAll { $0.address == address }
      stocks[probe.network]?.proven.append(Proven(address: address, time: now))
    }
  }

  /// Drops what is given away or no longer to be given, and asks again for what was proven long ago.
  private mutating func refresh(
    _ subnet: Subnet, _ way: Way, _ catalog: Catalog, _ leases: borrowing LeaseTable,
    _ freshness: Duration, at now: Instant
  ) {
    guard var stock = stocks[subnet.network] else { return }
    stock.proven.removeAll { proven in
      leases.vacancy(of: proven.address, at: now) == nil
        || !Self.mayGive(proven.address, of: subnet, catalog)
    }
    for proven in stock.proven where now - proven.time >= freshness {
      guard let pool = subnet.pools.first(where: { $0.contains(proven.address) }) else { continue }
      begin(proven.address, pool, subnet, way, at: now)
    }
    stocks[subnet.network] = stock
  }

  private mutating func begin(
    _ address: IPv4Address, _ pool: Pool, _ subnet: Subnet, _ way: Way, at now: Instant
  ) {
    guard probes[address] == nil else { return }
    probes[address] = Probe(
      network: subnet.network, pool: pool, interface: way.interface, due: now)
  }

  /// Begins to ask for as many addresses as the stock lacks.
  private mutating func fill(
    _ subnet: Subnet, _ way: Way, _ catalog: Catalog, _ leases: borrowing LeaseTable,
    at now: Instant
  ) {
    var stock = stocks[subnet.network] ?? Stock()
    defer { stocks[subnet.network] = stock }
    let known = Set(stock.proven.map(\.address))
    let underWay = probes.count(where: {
      $0.value.network == subnet.network && !known.contains($0.key)
    })
    var wanted = Self.stockCount - known.count - underWay
    guard wanted > 0, now >= stock.retry else { return }
    let total = subnet.pools.reduce(0) { $0 + $1.count }
    stock.place = stock.place < total ? stock.place : 0
    var looked = 0
    // Those that somebody had come after all that nobody ever had.
    var rounds = stock.isForFresh ? 2 : 1
    while wanted > 0, looked < Self.searchCount {
      if stock.place == total {
        stock.place = 0
        rounds -= 1
        stock.isForFresh = false
        guard rounds > 0 else { break }
      }
      guard let (address, pool) = subnet.address(at: stock.place) else { break }
      stock.place += 1
      looked += 1
      guard !known.contains(address), probes[address] == nil,
        let vacancy = leases.vacancy(of: address, at: now), !stock.isForFresh || vacancy == .fresh,
        Self.mayGive(address, of: subnet, catalog)
      else { continue }
      begin(address, pool, subnet, way, at: now)
      wanted -= 1
    }
    if wanted > 0 { stock.retry = now + (looked < Self.searchCount ? .seconds(5) : .seconds(1)) }
  }

  private static func mayGive(
    _ address: IPv4Address, of subnet: Subnet, _ catalog: Catalog
  ) -> Bool {
    subnet.poolContains(address) && DHCPService.isLeasable(address, of: subnet)
      && !catalog.isReserved(address)
  }

  private mutating func ask(at now: Instant, into actions: inout Actions) {
    let due = probes.filter { $0.value.due <= now }.sorted { $0.key < $1.key }
    for (address, known) in due {
      var probe = known
      probe.sent += 1
      probe.due = now + (probe.sent < Self.attemptCount ? Self.spacing : Self.patience)
      probes[address] = probe
      actions.append(.probe(address, interface: probe.interface))
    }
  }
}

extension Subnet {
  /// The address at a place among all of its pools, counted from 0, and whose pool it is.
  fileprivate func address(at place: Int) -> (IPv4Address, Pool)? {
    var place = place
    for pool in pools {
      if place < pool.count {
        return (IPv4Address(pool.first.number + UInt32(place)), pool)
      }
      place -= pool.count
    }
    return nil
  }
}
