import Boot
import Network
import Services

/// What a server remembers has its limits, and is forgotten once nobody asks any more.
struct BoundChecker: Sendable {
  private let mostAddresses: Int
  private let machineCount: Int
  /// What a damaged datagram shows may be a machine that is none.
  private let isDamaging: Bool
  /// Transfers that began and have not ended, by the events.
  private var open = 0

  init(mostAddresses: Int, machineCount: Int, isDamaging: Bool) {
    self.mostAddresses = mostAddresses
    self.machineCount = machineCount
    self.isDamaging = isDamaging
  }

  mutating func stopped() { open = 0 }

  mutating func recorded(_ fact: Fact) {
    if case .transferStarted = fact { open += 1 }
    if fact.endsTransfer { open -= 1 }
  }

  func counted(
    _ counts: ApplianceCounts, at time: Instant, into complaints: inout Complaints
  ) {
    let limits = TFTPLimits()
    // Without damage nothing is remembered of anybody but the machines.
    let (sightings, neighbours) = isDamaging ? (16_384, 4096) : (machineCount, machineCount)
    let rows: [(name: String, count: Int, limit: Int)] = [
      ("leases", counts.leases, mostAddresses),
      ("sightings", counts.sightings, sightings), ("neighbours", counts.neighbours, neighbours),
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

extension Fact {
  /// Whether a transfer that began is over.
  var endsTransfer: Bool {
    if case .transferFailed(_, .refused) = self { return false }
    if case .transferFailed = self { return true }
    if case .transferCompleted = self { return true }
    // All other events say nothing of transfers.
    return if case .transferProbed = self { true } else { false }
  }
}
