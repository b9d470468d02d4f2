import Network

/// Who has which address, in memory. Everything durable passes through the store first.
///
/// Bounded by the pools and reservations: there is one entry an address, and none for others.
package struct LeaseTable: Sendable {
  var byAddress: [IPv4Address: Binding] = [:]
  var byClient: [ClientIdentity: IPv4Address] = [:]
  private var cursors: [Pool: PoolCursor] = [:]
  private var quarantine: [IPv4Address] = []
  /// In each pool, the longest ago first.
  var occupied: [Pool: [IPv4Address]] = [:]

  /// At most so many addresses of a pool are kept from newcomers in a flood.
  package static let mostReserved = 64

  /// At most so many addresses are set aside at once, so that DECLINEs cannot empty a pool.
  package static let quarantineLimit = 64

  package init() {}

  package var count: Int { byAddress.count }

  /// The binding of `address`, active or remembered.
  package func binding(of address: IPv4Address) -> Binding? { byAddress[address] }

  /// The address that `client` has or had last.
  package func address(of client: ClientIdentity) -> IPv4Address? { byClient[client] }

  /// The client that holds or leases `address` now.
  package func client(at address: IPv4Address, at now: Instant) -> ClientIdentity? {
    guard let binding = byAddress[address], binding.isActive(at: now) else { return nil }
    switch binding.state {
    case .held, .leased: return binding.client
    case .quarantined, .occupied: return nil
    }
  }

  /// Whether `client` could have `address` now: nobody else does.
  package func isFree(_ address: IPv4Address, for client: ClientIdentity, at now: Instant) -> Bool {
    guard let binding = byAddress[address], binding.isActive(at: now) else { return true }
    return binding.state != .quarantined && binding.client == client
  }

  /// The active leases, by address.
  package func leases(at now: Instant) -> [Lease] {
    byAddress.filter { $0.value.state == .leased && $0.value.isActive(at: now) }
      .map {
        Lease(
          address: $0.key, client: $0.value.client, expiry: $0.value.expiry,
          hostName: $0.value.hostName)
      }
      .sorted { $0.address < $1.address }
  }

  /// Takes a lease as it was stored: at the start of the appliance.
  package mutating func restore(_ lease: Lease) {
    byAddress[lease.address] = Binding(
      client: lease.client, state: .leased, expiry: lease.expiry, hostName: lease.hostName)
    if let known = byClient[lease.client], let binding = byAddress[known],
      known != lease.address, binding.expiry > lease.expiry
    {
      return
    }
    byClient[lease.client] = lease.address
  }

  /// Keeps `address` for `client` while its OFFER is out; a lease that it has lasts as long at least.
  package mutating func hold(
    _ address: IPv4Address, for client: ClientIdentity, until expiry: Instant, at now: Instant
  ) {
    if let binding = byAddress[address], binding.client == client, binding.state == .leased,
      binding.isActive(at: now)
    {
      if binding.expiry < expiry { byAddress[address]?.expiry = expiry }
      return
    }
    let wasFree = byAddress[address]?.isActive(at: now) != true
    bind(address, to: client, .held, until: expiry, hostName: [])
    guard wasFree else { return }
    for pool in cursors.keys where pool.contains(address) { cursors[pool]?.tally.hold() }
  }

  /// - Parameter network: A client has one lease in it: the one that it had before ends, or one
  ///   machine could take a whole pool.
  /// - Returns: The address of the lease that ended; nil when there was none.
  package mutating func grant(_ lease: Lease, within network: IPv4Prefix) -> IPv4Address? {
    let former = byClient[lease.client]
    if byAddress[lease.address]?.state == .held {
      for pool in cursors.keys where pool.contains(lease.address) { cursors[pool]?.tally.take() }
    }
    bind(
      lease.address, to: lease.client, .leased, until: lease.expiry, hostName: lease.hostName)
    guard let former, former != lease.address, network.contains(former),
      byAddress[former]?.state == .leased
    else { return nil }
    byAddress[former] = nil
    reopen(former)
    return former
  }

  /// Ends the binding of `address` if it is `client`'s; true when it was. The address stays
  /// remembered for the client.
  package mutating func release(
    _ address: IPv4Address, by client: ClientIdentity, at now: Instant
  ) -> Bool {
    guard let binding = byAddress[address], binding.client == client,
      binding.state != .quarantined, binding.isActive(at: now)
    else { return false }
    byAddress[address]?.expiry = now
    reopen(address)
    return true
  }

  /// Sets `address` aside if `client` has it: somebody else was found to use it. False when it has
  /// not, so that a stranger's DECLINE does nothing.
  package mutating func decline(
    _ address: IPv4Address, by client: ClientIdentity, until expiry: Instant, at now: Instant
  ) -> Bool {
    guard release(address, by: client, at: now) else { return false }
    byAddress[address]?.state = .quarantined
    byAddress[address]?.expiry = expiry
    if byClient[client] == address { byClient[client] = nil }
    quarantine.removeAll { $0 == address }
    quarantine.append(address)
    if quarantine.count > Self.quarantineLimit {
      let oldest = quarantine.removeFirst()
      if byAddress[oldest]?.state == .quarantined { byAddress[oldest] = nil }
      reopen(oldest)
    }
    return true
  }

  /// A free address of `pool`: one that nobody ever had, else one whose lease has ended, longest
  /// ago first as far as a round through the pool can tell; else one that was set aside, because
  /// DECLINEs must not empty a pool.
  ///
  /// - Parameter isReserved: Whether the address is promised to somebody else.
  /// - Complexity: O(1) on the average: a pool found full is not searched again until its first
  ///   lease ends.
  package mutating func freeAddress(
    in pool: Pool, at now: Instant, isReserved: (IPv4Address) -> Bool
  ) -> IPv4Address? {
    var cursor = cursors[pool] ?? PoolCursor(pool)
    defer { cursors[pool] = cursor }
    while let address = cursor.nextFresh(in: pool) {
      if byAddress[address] == nil, !isReserved(address) { return address }
      cursor.passFresh()
    }
    guard now >= cursor.fullUntil else { return nil }
    var earliest = Instant.never
    var setAside: IPv4Address?
    for _ in 0..<pool.count {
      let address = cursor.nextUsed(in: pool)
      guard !isReserved(address) else { continue }
      guard let binding = byAddress[address], binding.isActive(at: now) else { return address }
      if binding.state == .quarantined { setAside = setAside ?? address }
      earliest = min(earliest, binding.expiry)
    }
    if let setAside { return setAside }
    cursor.fullUntil = earliest
    return nil
  }

  /// Whether a client that was never heard of before may be offered an address of `pool`.
  ///
  /// No longer when few are left and as many are kept for OFFERs that nobody took: then somebody
  /// makes up clients, and the rest is for those who come again, as machines that boot do.
  ///
  /// - Complexity: O(1) while there are addresses that nobody ever had; else the pool is counted
  ///   once a second at most. A pool of a few addresses is given whole.
  package mutating func takesNewcomers(_ pool: Pool, at now: Instant) -> Bool {
    let reserve = min(Self.mostReserved, pool.count / 8)
    guard reserve > 1, byAddress.count + reserve >= pool.count else { return true }
    var cursor = cursors[pool] ?? PoolCursor(pool)
    defer { cursors[pool] = cursor }
    if now >= cursor.tally.end { cursor.tally = tally(pool, at: now) }
    return cursor.tally.free > reserve || cursor.tally.held <= cursor.tally.free
  }

  private func tally(_ pool: Pool, at now: Instant) -> PoolTally {
    var tally = PoolTally(end: now + .seconds(1))
    var number = pool.first.number
    for _ in 0..<pool.count {
      defer { number &+= 1 }
      guard let binding = byAddress[IPv4Address(number)], binding.isActive(at: now) else {
        tally.free += 1
        continue
      }
      if binding.state == .held { tally.held += 1 }
    }
    return tally
  }

  /// Pools and reservations are others now: every pool is searched from its beginning again.
  package mutating func searchAnew() { cursors.removeAll() }

  private mutating func bind(
    _ address: IPv4Address, to client: ClientIdentity, _ state: Binding.State,
    until expiry: Instant, hostName: [UInt8]
  ) {
    if let former = byAddress[address], former.client != client,
      byClient[former.client] == address
    {
      byClient[former.client] = nil
    }
    if let old = byClient[client], old != address, byAddress[old]?.state == .held {
      byAddress[old] = nil
      reopen(old)
    }
    byAddress[address] = Binding(
      client: client, state: state, expiry: expiry, hostName: hostName)
    byClient[client] = address
  }

  /// Pools that were full are searched again: reservations may have moved.
  package mutating func catalogChanged() { cursors.removeAll() }

  /// A pool that was full has room again.
  mutating func reopen(_ address: IPv4Address) {
    for pool in cursors.keys where pool.contains(address) {
      cursors[pool]?.fullUntil = .start
    }
  }
}

/// How much of a pool is free, as it was counted lately.
private struct PoolTally: Sendable {
  var free = 0
  /// Kept for OFFERs that were not taken up.
  var held = 0
  /// When it is to be counted anew.
  var end: Instant

  mutating func hold() {
    free = max(0, free - 1)
    held += 1
  }

  /// An OFFER was taken up.
  mutating func take() { held = max(0, held - 1) }
}

/// How far a pool has been given out.
private struct PoolCursor: Sendable {
  /// The first address that may never have been given; above the pool's end when all were.
  private var fresh: UInt64
  /// Where the next round through the used addresses begins.
  private var used: UInt32
  /// No address is free before this.
  var fullUntil = Instant.start
  var tally = PoolTally(end: .start)

  init(_ pool: Pool) {
    fresh = UInt64(pool.first.number)
    used = pool.first.number
  }

  func nextFresh(in pool: Pool) -> IPv4Address? {
    fresh <= UInt64(pool.last.number) ? IPv4Address(UInt32(fresh)) : nil
  }

  mutating func passFresh() { fresh += 1 }

  mutating func nextUsed(in pool: Pool) -> IPv4Address {
    defer { used = used == pool.last.number ? pool.first.number : used + 1 }
    return IPv4Address(used)
  }
}
