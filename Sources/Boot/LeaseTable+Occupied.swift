import Network

/// Addresses of the pools that somebody uses without a lease of ours, found out by probes.
extension LeaseTable {
  /// At most so many are remembered of all pools, and of one pool half: who answers for every
  /// address, an ARP proxy or a liar, must not empty it.
  package static let mostOccupied = 1024

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
    occupied.removeAll { $0 == address }
    occupied.append(address)
    let here = occupied.filter { pool.contains($0) }
    if here.count > max(1, pool.count / 2) { vacate(here[0]) }
    if occupied.count > Self.mostOccupied { vacate(occupied[0]) }
    return known?.state != .occupied || known?.client != client
  }

  private mutating func vacate(_ address: IPv4Address) {
    occupied.removeAll { $0 == address }
    guard let binding = byAddress[address], binding.state == .occupied else { return }
    if byClient[binding.client] == address { byClient[binding.client] = nil }
    byAddress[address] = nil
    reopen(address)
  }

  /// Whether somebody answers for `address` who may be anybody: a client that says it has it already
  /// is then believed.
  package func isOccupiedByStranger(_ address: IPv4Address, at now: Instant) -> Bool {
    guard let binding = byAddress[address], binding.isActive(at: now) else { return false }
    return binding.state == .occupied && binding.client == .hardware(.zero)
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
