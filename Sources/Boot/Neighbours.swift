import Network

/// Which machine has which address where another server gives the addresses: TFTP and HTTP know
/// nothing of a machine but the address that it asks from.
///
/// Bounded: a machine keeps its place, and the one learnt first gives it up first. What it says is
/// what the machines themselves said.
package struct Neighbours: Sendable {
  private struct Entry: Sendable {
    var machine: MACAddress
    var address: IPv4Address
  }

  /// A ring once it is full.
  private var entries: [Entry] = []
  private var oldest = 0
  private var placeOfMachine: [MACAddress: Int] = [:]
  private var placeOfAddress: [IPv4Address: Int] = [:]
  private let limit: Int

  package init(limit: Int = 4096) {
    precondition(limit > 0, "a table of neighbours holds at least one")
    self.limit = limit
  }

  package var count: Int { entries.count }

  package func machine(at address: IPv4Address) -> MACAddress? {
    placeOfAddress[address].map { entries[$0].machine }
  }

  /// A machine has one address at a time, and an address belongs to the machine that named it last.
  package mutating func learn(_ machine: MACAddress, at address: IPv4Address) {
    let place = placeOfMachine[machine] ?? newPlace()
    if place < entries.count {
      let former = entries[place]
      if former.machine == machine, former.address == address, placeOfAddress[address] == place {
        return
      }
      if placeOfAddress[former.address] == place { placeOfAddress[former.address] = nil }
      if former.machine != machine { placeOfMachine[former.machine] = nil }
      entries[place] = Entry(machine: machine, address: address)
    } else {
      entries.append(Entry(machine: machine, address: address))
    }
    placeOfMachine[machine] = place
    placeOfAddress[address] = place
  }

  private mutating func newPlace() -> Int {
    guard entries.count == limit else { return entries.count }
    defer { oldest = (oldest + 1) % limit }
    return oldest
  }
}
