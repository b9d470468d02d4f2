import Boot
import Network
import Store
import Testing

/// A machine armed for two hours at `stored`, read at `read`.
@Suite("Case 17: registry and two clocks") struct RegistryClockTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let read: ClockReading
    /// Seconds until the token ends.
    let remaining: Int64
    /// Seconds since it was armed, by the wall clock that people read.
    let age: Int64
  }

  private static let wall: Int64 = 1_800_000_000
  private static let year: Int64 = 365 * 86_400
  private static let stored = ClockReading.at(monotonic: 1000, wall: wall, boot: "one")

  @Test(arguments: [
    Row(
      testDescription: "another boot ten minutes later",
      read: .at(monotonic: 5, wall: wall + 600, boot: "two"), remaining: 6600, age: 600),
    Row(
      testDescription: "the same boot, wall clock a year ahead",
      read: .at(monotonic: 1600, wall: wall + year, boot: "one"), remaining: 6600, age: 600),
    Row(
      testDescription: "another boot, no battery clock: 1970",
      read: .at(monotonic: 5, wall: 12, boot: "two"), remaining: 0, age: 12 - wall),
    Row(
      testDescription: "off for a year: whether it was, or the clock is wrong, nobody knows",
      read: .at(monotonic: 5, wall: wall + year, boot: "two"), remaining: 0, age: year),
    Row(
      testDescription: "off for three hours",
      read: .at(monotonic: 5, wall: wall + 10_800, boot: "two"), remaining: -3600, age: 10_800),
  ])
  func remaining(_ row: Row) throws {
    let folder = try Folder()
    var provision = Provision.numbered(1)
    provision.since = Self.stored.now
    provision.arming?.expiry = Self.stored.now + .seconds(7200)
    do {
      let store = try RegistryStore.open(at: folder.registry, clock: Self.stored).store
      try store.commit([.provision(provision)], clock: Self.stored)
    }
    for _ in 0..<2 {
      let opened = try RegistryStore.open(at: folder.registry, clock: row.read)
      let found = try #require(opened.contents.provisions.first)
      #expect(found.arming?.expiry == row.read.now + .seconds(row.remaining))
      #expect(found.since == row.read.now + .seconds(-row.age))
      let entry = try #require(try opened.store.entries(of: "m1", clock: row.read).first)
      #expect(entry.time == found.since)
    }
  }

  @Test func aClockSetWhileRunningMovesAllTimesWithIt() throws {
    let folder = try Folder()
    var provision = Provision.numbered(1)
    let start = ClockReading.at(monotonic: 10, wall: 10, boot: "one")
    provision.since = start.now
    provision.arming?.expiry = start.now + .seconds(7200)
    do {
      let store = try RegistryStore.open(at: folder.registry, clock: start).store
      try store.commit([.provision(provision)], clock: start)
      // NTP has arrived 100 s later, and another machine is armed.
      let later = ClockReading.at(monotonic: 110, wall: Self.wall, boot: "one")
      try store.commit([.provision(.numbered(2))], clock: later)
    }
    let next = ClockReading.at(monotonic: 5, wall: Self.wall + 1000, boot: "two")
    let found = try #require(
      try RegistryStore.open(at: folder.registry, clock: next).contents.provisions.first)
    #expect(found.arming?.expiry == next.now + .seconds(7200 - 1100))
    #expect(found.since == next.now + .seconds(-1100))
  }
}
