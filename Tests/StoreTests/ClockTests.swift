import Boot
import Network
import Store
import Testing

/// A lease of 3600 s stored at `stored`, read at `read`: what is left of it.
@Suite("Case 17: two clocks") struct ClockTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stored: ClockReading
    let read: ClockReading
    let remaining: Int64
  }

  private static let wall: Int64 = 1_800_000_000
  private static let year: Int64 = 365 * 86_400
  private static let stored = ClockReading.at(monotonic: 1000, wall: wall, boot: "one")

  @Test(arguments: [
    Row(
      testDescription: "another boot ten minutes later", stored: stored,
      read: .at(monotonic: 5, wall: wall + 600, boot: "two"), remaining: 3000),
    Row(
      testDescription: "the same boot, wall clock in step", stored: stored,
      read: .at(monotonic: 1600, wall: wall + 600, boot: "one"), remaining: 3000),
    Row(
      testDescription: "the same boot, wall clock a year ahead", stored: stored,
      read: .at(monotonic: 1600, wall: wall + year, boot: "one"), remaining: 3000),
    Row(
      testDescription: "the same boot, wall clock in 1970", stored: stored,
      read: .at(monotonic: 1600, wall: 12, boot: "one"), remaining: 3000),
    Row(
      testDescription: "the same boot, summer time put on", stored: stored,
      read: .at(monotonic: 1600, wall: wall + 600 + 3600, boot: "one"), remaining: 3000),
    Row(
      testDescription: "the same boot, summer time taken off", stored: stored,
      read: .at(monotonic: 1600, wall: wall + 600 - 3600, boot: "one"), remaining: 3000),
    Row(
      testDescription: "another boot, summer time taken off", stored: stored,
      read: .at(monotonic: 5, wall: wall + 60 - 3600, boot: "two"), remaining: 3600),
    Row(
      testDescription: "another boot, no battery clock: 1970", stored: stored,
      read: .at(monotonic: 5, wall: 12, boot: "two"), remaining: 3600),
    Row(
      testDescription: "another boot, wall clock a year ahead", stored: stored,
      read: .at(monotonic: 5, wall: wall + year, boot: "two"), remaining: 3600),
    Row(
      testDescription: "another boot, wall clock a year behind", stored: stored,
      read: .at(monotonic: 5, wall: wall - year, boot: "two"), remaining: 3600),
    Row(
      testDescription: "stored in 1970, read with the right time",
      stored: .at(monotonic: 9, wall: 20, boot: "one"),
      read: .at(monotonic: 5, wall: wall, boot: "two"), remaining: 3600),
    Row(
      testDescription: "off for two hours", stored: stored,
      read: .at(monotonic: 5, wall: wall + 7200, boot: "two"), remaining: 0),
    Row(
      testDescription: "boot identifiers unknown", stored: .at(monotonic: 1000, wall: wall),
      read: .at(monotonic: 9000, wall: wall + 60), remaining: 3540),
  ])
  func remaining(_ row: Row) throws {
    let folder = try Folder()
    var lease = Lease.numbered(1)
    lease.expiry = row.stored.now + .seconds(3600)
    do {
      let store = try LeaseStore.open(at: folder.database, clock: row.stored).store
      try store.commit([.put(lease)], clock: row.stored)
    }
    let opened = try LeaseStore.open(at: folder.database, clock: row.read)
    #expect(opened.leases.first?.expiry == row.read.now + .seconds(row.remaining))
  }

  @Test func aClockSetWhileRunningMovesTheRowsWithIt() throws {
    let folder = try Folder()
    do {
      let start = ClockReading.at(monotonic: 10, wall: 10, boot: "one")
      let store = try LeaseStore.open(at: folder.database, clock: start).store
      try store.commit([.put(.numbered(1, expiry: 3610))], clock: start)
      // NTP has arrived 100 s later, and another lease is granted.
      let later = ClockReading.at(monotonic: 110, wall: Self.wall, boot: "one")
      try store.commit([.put(.numbered(2, expiry: 3710))], clock: later)
    }
    let next = ClockReading.at(monotonic: 5, wall: Self.wall + 1000, boot: "two")
    let leases = try LeaseStore.open(at: folder.database, clock: next).leases
    #expect(leases.map(\.expiry) == [.start + .seconds(2505), .start + .seconds(2605)])
  }

  /// A Raspberry Pi starts with the time of its last shutdown, on Friday, grants, hears from NTP that it
  /// is Sunday, and loses its power before the next lease. The appliance commits nothing, as it does
  /// when it sees that the clock was set.
  @Test func aClockSetByDaysEndsNoLeaseAtTheNextBoot() throws {
    let folder = try Folder()
    do {
      let friday = ClockReading.at(monotonic: 30, wall: Self.wall, boot: "one")
      let store = try LeaseStore.open(at: folder.database, clock: friday).store
      try store.commit([.put(.numbered(1, expiry: 30 + 43_200))], clock: friday)
      let slewed = ClockReading.at(monotonic: 60, wall: Self.wall + 31, boot: "one")
      #expect(!slewed.wasSet(since: friday))
      let sunday = ClockReading.at(monotonic: 90, wall: Self.wall + 60 + 2 * 86_400, boot: "one")
      #expect(sunday.wasSet(since: friday))
      try store.commit([], clock: sunday)
    }
    let next = ClockReading.at(monotonic: 5, wall: Self.wall + 120 + 2 * 86_400, boot: "two")
    let leases = try LeaseStore.open(at: folder.database, clock: next).leases
    #expect(leases.map(\.expiry) == [.start + .seconds(5 + 43_200 - 120)])
  }

  @Test func remainingTimeSurvivesManyStartsWithoutABatteryClock() throws {
    let folder = try Folder()
    do {
      let store = try LeaseStore.open(at: folder.database, clock: Self.stored).store
      try store.commit([.put(.numbered(1, expiry: 4600))], clock: Self.stored)
    }
    var expiry: Instant?
    for start in 0..<5 {
      let clock = ClockReading.at(monotonic: 5, wall: 3, boot: "boot \(start)")
      expiry = try LeaseStore.open(at: folder.database, clock: clock).leases.first?.expiry
    }
    #expect(expiry == .start + .seconds(3605))
    let right = ClockReading.at(monotonic: 5, wall: Self.wall + 60, boot: "right")
    let leases = try LeaseStore.open(at: folder.database, clock: right).leases
    #expect(leases.first?.expiry == .start + .seconds(3605))
  }

  /// A life of a box: it runs, its clock is set, by hours, days or years, it is off for a while and
  /// starts with the same error, in 1970, or a year off; by how much less it was set while it was off
  /// nobody can tell. No lease ever ends too early, and none lasts longer than from now.
  @Test("Case 17: no jump of a year and no start in 1970 ends a lease early", arguments: 0..<60)
  func noJumpEndsALeaseEarly(_ seed: Int) throws {
    let folder = try Folder(isInMemory: true)
    var dice = Dice(UInt64(seed))
    var elapsed: Int64 = 0
    var uptime: Int64 = 5
    var offset: Int64 = 0
    var boot = 0
    /// What the box's clocks say now; without a battery, wall time begins with the boot.
    func reading() -> ClockReading {
      let wall = offset == .min ? uptime : Self.wall + elapsed + offset
      return .at(monotonic: uptime, wall: wall, boot: "boot \(boot)")
    }
    func setClock() {
      let day: Int64 = 86_400
      let steps = [1, 3600, 2 * day, 20 * day, Self.year]
      offset = ([0, .min] + steps + steps.map { -$0 })[dice.roll(12)]
    }
    setClock()
    var opened = try LeaseStore.open(at: folder.database, clock: reading())
    let start = reading().now
    try opened.store.commit([.put(.numbered(1, expiry: uptime + 86_400))], clock: reading())
    #expect(start == .start + .seconds(uptime))
    for _ in 0..<8 {
      let ran = Int64(dice.roll(3000))
      (elapsed, uptime) = (elapsed + ran, uptime + ran)
      let before = reading()
      if dice.roll(2) == 0 { setClock() }
      if reading().wasSet(since: before) { try opened.store.commit([], clock: reading()) }
      if dice.roll(3) > 0 {
        try opened.store.commit([.put(.numbered(2, expiry: uptime + 60))], clock: reading())
      }
      if dice.roll(3) > 0 {
        let off = Int64(dice.roll(2000))
        elapsed += off
        uptime = 5
        boot += 1
        if dice.roll(2) == 0 { offset = [Self.year, -Self.year, .min][dice.roll(3)] }
      }
      opened = try LeaseStore.open(at: folder.database, clock: reading())
      let lease = try #require(opened.leases.first { $0.address == Lease.numbered(1).address })
      let remaining = (lease.expiry - reading().now).components.seconds
      // A second is lost where a clock was off by one, and is not worth touching every row.
      #expect(remaining >= 86_400 - elapsed - 20 && remaining <= 86_400)
    }
  }

  @Test func theKernelNamesItsBoot() {
    #expect(ClockReading.bootIdentifier().utf8.count == 36)
    #expect(ClockReading.bootIdentifier() == ClockReading.bootIdentifier())
  }
}
