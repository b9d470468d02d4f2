import Network

/// What happened to each machine lately: some hundred events a machine, some thousand machines.
package struct Timeline: Sendable {
  /// An event and when it was.
  package struct Entry: Hashable, Sendable {
    package let time: UnixTime
    package let event: Event
  }

  private var entries: RecentMachines<[Entry]>
  private let entryLimit: Int

  package init(machines machineLimit: Int = 1024, entries entryLimit: Int = 256) {
    precondition(entryLimit > 1, "a timeline holds something")
    entries = RecentMachines(limit: machineLimit)
    self.entryLimit = entryLimit
  }

  /// The machines that it knows, in the order in which they came.
  package var machines: [MACAddress] { entries.addresses }

  package subscript(machine: MACAddress) -> [Entry] { entries[machine] ?? [] }

  /// Keeps an event of a known machine's boot; others have no line of their own.
  package mutating func record(_ event: Event, at time: UnixTime) {
    guard let machine = event.macAddress, event.fact.isOfBoot else { return }
    let limit = entryLimit
    entries.update(machine, from: []) { list in
      // Half at once, so that a machine that never stops costs no move of the rest for each event.
      if list.count >= limit { list.removeFirst(limit / 2) }
      list.append(Entry(time: time, event: event))
    }
  }
}
