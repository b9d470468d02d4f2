import Network

/// Addresses of the pools that somebody uses without a lease of ours, found out by probes.
extension LeaseTable {
  /// At most so many of one pool are remembered, and half of it: who answers for every address must
  /// not empty it.
  package static let mostOccupied = 1024
  /// Who answers for more addresses of a pool than these, and than half of it, answers for all: an
  /// ARP proxy, or a liar.
  package static let mostOfOne = 16

  /// Sets `address` aside: `holder` answered for it, or nil somebody whose hardware address is not
  /// known. If it is the holder that asks for it, it may have it.
  ///
  /// - Returns: Whether that is news; false too when the address was given away meanwhile.
  package mutating func occupy(
    _ address: IPv4Address, by holder: MACAddress?, in pool: Pool, until expiry: Instant,
    at now: Instant
  ) -> Bool {
    let known = byAddress[address]
    if let known, known.isActive(at: now), known.state != .occupied { return false }
    let client = ClientIdentity.hardware(holder ?? .zero)
    if let known, known.client != client, byClient[known.client] == address {
      byClient[known.client] = nil
    }
    byAddress[address] = Binding(client: client, state: .occupied, expiry: expiry, hostName: [])
    if holder != nil, byClient[client] == nil { byClient[client] = address }
    if occupied[pool] == nil {
      // Of pools that were configured before.
      occupied = occupied.filter { $0.value.contains { byAddress[$0]?.isActive(at: now) == true } }
    }
    var here = occupied[pool, default: []]
    here.removeAll { $0 == address }
    here.append(address)
    occupied[pool] = here
    if here.count > min(max(1, pool.count / 2), Self.mostOccupied) { vacate(here[0], of: pool) }
    return known?.state != .occupied || known?.client != client
  }

  private mutating func vacate(_ address: IPv4Address, of pool: Pool) {
    occupied[pool]?.removeAll { $0 == address }
    guard let binding = byAddress[address], binding.state == .occupied else { return }
    if byClient[binding.client] == address { byClient[binding.client] = nil }
    byAddress[address] = nil
    reopen(address)
  }

  /// Whether `holder` would be said to use too many addresses to be believed, with `address`.
  package func occupiesTooMuch(
    _ holder: MACAddress, of pool: Pool, and address: IPv4Address
  ) -> Bool {
    let most = min(Self.mostOfOne, max(3, pool.count / 2))
    let others = occupied[pool, default: []].count {
      $0 != address && isOccupied($0, by: .hardware(holder))
    }
    return others >= most
  }

  /// Forgets what `holder` said to use of a pool.
  package mutating func vacate(all holder: MACAddress, of pool: Pool) {
    for address in occupied[pool, default: []] where isOccupied(address, by: .hardware(holder)) {
      vacate(address, of: pool)
    }
  }

  private func isOccupied(_ address: IPv4Address, by client: ClientIdentity) -> Bool {
    guard let binding = byAddress[address] else { return false }
    return binding.state == .occupied && binding.client == client
  }

  /// Whether somebody answers for `address` who may be anybody: a client that says it has it already
  /// is then believed.
  package func isOccupiedByStranger(_ address: IPv4Address, at now: Instant) -> Bool {
    isOccupied(address, by: .hardware(.zero)) && byAddress[address]?.isActive(at: now) == true
  }

  /// Whether somebody answers for `address` without a lease.
  package func isOccupied(_ address: IPv4Address, at now: Instant) -> Bool {
    guard let binding = byAddress[address], binding.isActive(at: now) else { return false }
    return binding.state == .occupied
  }

  /// An address that nobody has now.
  package enum Vacancy: Hashable, Sendable {
    /// Nobody ever had it, as far as is known.
    case fresh
    /// It is remembered for the client whose lease has ended then.
    case remembered(since: Instant)
  }

  /// Nil while somebody has `address`, or it is set aside.
  package func vacancy(of address: IPv4Address, at now: Instant) -> Vacancy? {
    guard let binding = byAddress[address] else { return .fresh }
    return binding.isActive(at: now) ? nil : .remembered(since: binding.expiry)
  }
}
