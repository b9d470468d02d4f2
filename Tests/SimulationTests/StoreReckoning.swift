import Boot
import Network
import Replay

@testable import Store

extension VirtualStore.Reckoning {
  /// The store's own code, without its database.
  static let store = VirtualStore.Reckoning(
    row: { lease, reading in
      let row = LeaseRow(lease, ClockReading(reading))
      return VirtualStore.Row(
        client: row.client, hostName: row.hostName, expiry: row.expiry, duration: row.duration)
    },
    lease: { address, row, now, wallClock in
      LeaseRow(
        address: address, client: row.client, hostName: row.hostName, expiry: row.expiry,
        duration: row.duration
      ).lease(now: now, wallClock: wallClock)
    },
    elapsed: { ClockReading($1).elapsed(since: ClockReading($0)) },
    step: { ClockReading($1).step(since: ClockReading($0), elapsed: $2) })

  /// What a store would do that believes the wall clock, whatever happened to it.
  static let wallClock = VirtualStore.Reckoning(
    row: store.row, lease: store.lease,
    elapsed: { .seconds($1.wallClock.seconds - $0.wallClock.seconds) }, step: { _, _, _ in 0 })
}

extension ClockReading {
  fileprivate init(_ reading: VirtualStore.Reading) {
    self.init(now: reading.time, wallClock: reading.wallClock, boot: reading.boot)
  }
}
