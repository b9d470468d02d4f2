import Network

/// What happened to each machine lately: some hundred events a machine, some thousand machines.
package struct Timeline: Sendable {
  /// An event and when it was.
  package struct Entry: Hashable, Sendable {
    package let time: UnixTime
    package let event: Event
  }

  private var byMAC: [MACAddress: [Entry]] = [:]
  /// Hardware addresses in the order of their first event: a ring once it is full.
  private var order: [MACAddress] = []
  private var oldest = 0
  private let machineLimit: Int
  private let entryLimit: Int

  package init(machines machineLimit: Int = 1024, entries entryLimit: Int = 256) {
    precondition(machineLimit > 0 && entryLimit > 1, "a timeline holds something")
    self.machineLimit = machineLimit
    self.entryLimit = entryLimit
  }

  /// The machines that it knows, in the order in which they were first seen.
  package var machines: [MACAddress] { Array(order[oldest...] + order[..<oldest]) }

  package subscript(machine: MACAddress) -> [Entry] { byMAC[machine] ?? [] }

  /// Keeps an event of a known machine; others have no line of their own.
  package mutating func record(_ event: Event, at time: UnixTime) {
    guard let machine = event.macAddress else { return }
    if byMAC[machine] == nil { makeRoom(for: machine) }
    byMAC[machine, default: []].append(Entry(time: time, event: event))
    // Half at once, so that a machine that never stops costs no move of the rest for each event.
    if byMAC[machine, default: []].count >= entryLimit {
      byMAC[machine]?.removeFirst(entryLimit / 2)
    }
  }

  private mutating func makeRoom(for machine: MACAddress) {
    if order.count < machineLimit {
      order.append(machine)
    } else {
      byMAC[order[oldest]] = nil
      order[oldest] = machine
      oldest = (oldest + 1) % machineLimit
    }
  }
}
