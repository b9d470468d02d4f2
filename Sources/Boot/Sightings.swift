import Network

/// The machines seen lately, by hardware address; bounded, the one seen first goes first.
package struct Sightings: Sendable {
  private var byMAC: [MACAddress: Sighting] = [:]
  /// Hardware addresses in the order of their first sighting: a ring once it is full.
  private var order: [MACAddress] = []
  private var oldest = 0
  private let limit: Int

  package init(limit: Int = 16_384) {
    precondition(limit > 0, "a table of sightings holds at least one")
    self.limit = limit
  }

  package var count: Int { byMAC.count }

  package subscript(address: MACAddress) -> Sighting? { byMAC[address] }

  package mutating func record(_ sighting: Sighting) {
    let address = sighting.macAddress
    if byMAC.updateValue(sighting, forKey: address) != nil { return }
    if order.count < limit {
      order.append(address)
    } else {
      byMAC[order[oldest]] = nil
      order[oldest] = address
      oldest = (oldest + 1) % limit
    }
  }
}
