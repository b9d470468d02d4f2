import Network

/// Something kept for each machine heard of lately, by hardware address; bounded.
///
/// When it is full a newcomer takes the place of the machine that was heard of once only, or not
/// since its turn last came: a flood of made-up addresses pushes out itself, not the machines that
/// keep coming.
struct RecentMachines<Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    var value: Value
    /// Heard of again since the ring last passed it.
    var isAgain = false
  }

  private var entries: [MACAddress: Entry] = [:]
  /// Hardware addresses in the order of their first coming: a ring once it is full.
  private var order: [MACAddress] = []
  private var hand = 0
  private let limit: Int

  init(limit: Int) {
    precondition(limit > 0, "a table of machines holds at least one")
    self.limit = limit
  }

  var count: Int { entries.count }

  /// In the order in which they came, as far as the ring remembers it.
  var addresses: [MACAddress] { Array(order[hand...] + order[..<hand]) }

  subscript(address: MACAddress) -> Value? { entries[address]?.value }

  /// Changes the machine's value in place; `initial` is that of a machine not known before.
  mutating func update(_ address: MACAddress, from initial: Value, _ change: (inout Value) -> Void)
  {
    if entries[address] == nil {
      makeRoom(for: address)
      entries[address] = Entry(value: initial)
    } else {
      entries[address]?.isAgain = true
    }
    change(&entries[address, default: Entry(value: initial)].value)
  }

  private mutating func makeRoom(for address: MACAddress) {
    guard order.count == limit else { return order.append(address) }
    while entries[order[hand]]?.isAgain == true {
      entries[order[hand]]?.isAgain = false
      hand = (hand + 1) % limit
    }
    entries[order[hand]] = nil
    order[hand] = address
    hand = (hand + 1) % limit
  }
}
