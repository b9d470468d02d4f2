import Boot
import Network
import Wire

/// Finds out ahead of need which addresses of the pools nobody uses (RFC 2131 §2.2), so that no OFFER
/// waits for it: an OFFER takes a proven address from the stock, and beside the service the stock is
/// filled again.
///
/// On a wire of ours it asks by ARP probes (RFC 5227 §2.1.1): a host that answers none cannot be spoken
/// to there, and many answer no ping. Behind relays only ICMP echo reaches them. What nobody answers
/// for within two seconds is free, if the question has left.
struct AddressProber: Sendable {
  /// Questions that leave in one turn of all subnets together: who boots waits for no more.
  static let mostAtOnce = 64
  /// The next turn.
  static let turn = Duration.milliseconds(20)

  private(set) var stocks: [IPv4Prefix: ProbeStock] = [:]
  private(set) var nextDeadline: Instant?
  /// When leases were lost, of which somebody may still live.
  private var lost: Instant?
  /// Interfaces where nothing can be asked now.
  private var down: Set<Int32> = []
  /// When it is looked again which subnets are to be proven, and how.
  private var survey = Instant.start
  private var generation: UInt64?
  /// Of the echo request made last: no other program of this box, and nobody elsewhere, knows it.
  private var mark = EchoMark(identifier: 0, sequence: 0)

  /// Whether there is anything to be taken.
  var isStocked: Bool { !stocks.isEmpty }

  /// Begins, or begins anew with another catalog.
  mutating func begin() {
    survey = .start
    nextDeadline = .start
  }

  mutating func mark(by seed: UInt32) {
    mark = EchoMark(
      identifier: UInt16(truncatingIfNeeded: seed >> 16),
      sequence: UInt16(truncatingIfNeeded: seed))
  }

  /// From here on no address of a pool is given unproven, until all that was lost has ended.
  mutating func leasesWereLost(at now: Instant) {
    lost = now
    begin()
  }

  /// Nothing can be asked there: silence is no answer, and what was proven may have changed when it
  /// can be asked again.
  mutating func linksAreDown(_ numbers: Set<Int32>) {
    guard numbers != down else { return }
    down = numbers
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
    let address = stocks[subnet.network]?.take(of: pool, leases, at: now, mayGive: mayGive)
    // Many take at once when a rack is powered on: they are made up for together.
    if address != nil { wake(subnet.network, at: now + .milliseconds(50)) }
    return address
  }

  /// Takes this address out of the stock; false: it is not proven, and is asked for now.
  mutating func take(_ address: IPv4Address, in subnet: Subnet, at now: Instant) -> Bool {
    guard let isProven = stocks[subnet.network]?.take(address, at: now) else { return false }
    wake(subnet.network, at: isProven ? now + .milliseconds(50) : now)
    return isProven
  }

  /// A client heard nothing, because the stock was empty.
  mutating func missed(in subnet: Subnet, at now: Instant) {
    stocks[subnet.network]?.miss(at: now)
    wake(subnet.network, at: now + .milliseconds(50))
  }

  /// Where and in which pool `address` is that somebody answered for; nil unless that was asked.
  ///
  /// - Parameter hardware: Who answered the probe of an interface; nil for an echo.
  mutating func answered(
    _ address: IPv4Address, by means: ProbeMeans, at now: Instant
  ) -> (network: IPv4Prefix, pool: Pool)? {
    for network in stocks.keys where network.contains(address) {
      guard let pool = stocks[network]?.answered(address, by: means) else { continue }
      wake(network, at: now + .milliseconds(50))
      return (network, pool)
    }
    return nil
  }

  /// Whether the answers of `host` count for nothing, for it answers for everything.
  func isLiar(_ host: MACAddress, for address: IPv4Address) -> Bool {
    stocks.contains { $0.key.contains(address) && $0.value.liars.contains(host) }
  }

  mutating func disbelieve(_ host: MACAddress, in network: IPv4Prefix) {
    stocks[network]?.disbelieve(host)
  }

  /// The question for `address` did not leave: silence says nothing.
  mutating func failed(_ address: IPv4Address, at now: Instant) {
    for network in stocks.keys where network.contains(address) {
      stocks[network]?.failed(address, at: now)
      wake(network, at: now + ProbeStock.failurePause)
    }
  }

  /// Something that we sent on the interface did not leave, perhaps a question.
  mutating func failed(on interface: Int32, at now: Instant) {
    for (network, stock) in stocks where stock.way.interface == interface {
      stocks[network]?.failedAll(at: now)
      wake(network, at: now + ProbeStock.failurePause)
    }
  }

  private mutating func wake(_ network: IPv4Prefix, at time: Instant) {
    guard let due = stocks[network]?.due else { return }
    stocks[network]?.due = min(due, time)
    nextDeadline = min(nextDeadline ?? .never, time)
  }

  /// Asks and concludes what is due, and fills the stocks.
  mutating func work(
    _ catalog: Catalog, _ leases: borrowing LeaseTable, at now: Instant, into actions: inout Actions
  ) {
    if now >= survey || generation != catalog.generation { lookAround(catalog, at: now) }
    var allowance = Self.mostAtOnce
    let due = stocks.values.filter { $0.due <= now }
      .sorted { ($0.due, $0.subnet.network.network) < ($1.due, $1.subnet.network.network) }
      .map(\.subnet.network)
    for network in due {
      // The others are the first of the next turn.
      guard allowance > 0, var stock = stocks.removeValue(forKey: network) else { break }
      let round = ProbeStock.Round(
        catalog: catalog, time: now, mustProve: mustProve(stock.subnet, at: now))
      stock.work(round, leases, &mark, &allowance, into: &actions)
      stocks[network] = stock
    }
    let next = stocks.values.reduce(survey) { min($0, $1.due) }
    nextDeadline = next == .never ? nil : max(next, now + Self.turn)
  }

  /// Stocks live on as long as their addresses are reached as before.
  private mutating func lookAround(_ catalog: Catalog, at now: Instant) {
    generation = catalog.generation
    survey = .never
    let giving = catalog.interfaces.filter { $0.dhcp == .authoritative && $0.number > 0 }
    var kept: [IPv4Prefix: ProbeStock] = [:]
    for subnet in catalog.subnets where !subnet.pools.isEmpty {
      if subnet.probe == .off {
        guard let lost, mustProve(subnet, at: now) else { continue }
        survey = min(survey, lost + subnet.lease)
      }
      guard let way = way(to: subnet, by: giving) else { continue }
      var stock = ProbeStock(subnet, way, at: now)
      if let known = stocks[subnet.network], known.way == way { stock = known }
      stock.subnet = subnet
      stock.due = now
      kept[subnet.network] = stock
    }
    stocks = kept
  }

  /// How the addresses of a subnet are reached; nil: not now, or not by us.
  private func way(to subnet: Subnet, by giving: [Interface]) -> ProbeStock.Way? {
    if let interface = giving.first(where: { $0.name == subnet.interface }) {
      guard !down.contains(interface.number) else { return nil }
      return ProbeStock.Way(interface: interface.number, links: [])
    }
    guard subnet.interface == nil || !subnet.relays.isEmpty else { return nil }
    let links = giving.map(\.number).filter { !down.contains($0) }
    return links.isEmpty ? nil : ProbeStock.Way(interface: nil, links: links)
  }
}
