import Boot
import Network
import Services

/// What a server remembers has its limits, and is forgotten once nobody asks any more.
struct BoundChecker: Sendable {
  private let mostAddresses: Int
  private let machineCount: Int
  /// Transfers that began and have not ended, by the events.
  private var open = 0

  init(mostAddresses: Int, machineCount: Int) {
    self.mostAddresses = mostAddresses
    self.machineCount = machineCount
  }

  mutating func stopped() { open = 0 }

  mutating func recorded(_ fact: Fact) {
    // All other events say nothing of transfers.
    if case .transferStarted = fact { open += 1 }
    if case .transferCompleted = fact { open -= 1 }
    if case .transferProbed = fact { open -= 1 }
    if case .transferFailed(_, let failure) = fact {
      if case .refused = failure { return }
      open -= 1
    }
  }

  func counted(
    _ counts: ApplianceCounts, at time: Instant, into complaints: inout Complaints
  ) {
    let limits = TFTPLimits()
    // A damaged datagram may show a machine that is none; there are never many.
    let rows: [(name: String, count: Int, limit: Int)] = [
      ("leases", counts.leases, mostAddresses),
      ("sightings", counts.sightings, 16_384), ("neighbours", counts.neighbours, 4096),
      ("provisions", counts.provisions, machineCount),
      ("transfers", counts.transfers, min(limits.transfers, machineCount * 8)),
      ("ports", counts.ports, counts.transfers),
      ("connections", counts.connections, machineCount * 4),
      ("waiting changes", counts.waiting, VirtualJournal.limit),
    ]
    for row in rows where row.count > row.limit {
      complaints.add(.bound, at: time, "\(row.count) \(row.name), more than \(row.limit)")
    }
  }

  /// Nobody has asked for a while.
  func quiet(_ counts: ApplianceCounts, at time: Instant, into complaints: inout Complaints) {
    let left = [
      ("transfers", counts.transfers), ("connections", counts.connections),
      ("changes", counts.waiting),
    ]
    for (name, count) in left where count > 0 {
      complaints.add(.bound, at: time, "\(count) \(name) are left when all is quiet")
    }
    if open != 0 {
      complaints.add(.event, at: time, "\(open) transfers began and never ended")
    }
  }
}
