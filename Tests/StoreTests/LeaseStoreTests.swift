import Boot
import Foundation
import Network
import Store
import Testing

@Suite("Lease store") struct LeaseStoreTests {
  let folder: Folder
  let clock = ClockReading.at(monotonic: 0, wall: 1_800_000_000, boot: "one")

  init() throws { folder = try Folder() }

  private func open(_ clock: ClockReading? = nil) throws -> LeaseStore.Opened {
    try LeaseStore.open(at: folder.database, clock: clock ?? self.clock)
  }

  @Test func leasesComeBackAsTheyWereStored() throws {
    let identifier = Lease(
      address: IPv4Address(10, 0, 0, 9), client: .identifier([0xff, 0, 1, 10, 0x27]),
      expiry: .start + .seconds(60), hostName: [0, 10, 0x27, 0xff, 0x3b])
    let plain = Lease(
      address: IPv4Address(223, 0, 0, 1), client: .hardware(MACAddress(number: 2)),
      expiry: .start + .seconds(30))
    var opened = try open()
    #expect(opened.leases.isEmpty && opened.setAside == nil)
    try opened.store.commit([.put(plain), .put(.numbered(1)), .put(identifier)], clock: clock)
    opened = try open()
    #expect(opened.leases == [.numbered(1), identifier, plain].sorted { $0.address < $1.address })
    #expect(opened.unreadableRows == 0)
  }

  /// Commits would go on succeeding, in a file without a name.
  @Test(arguments: [
    ["leases.sqlite", "leases.sqlite-wal", "leases.sqlite-shm"], ["leases.sqlite"],
  ])
  func aDatabaseTakenAwayIsNoticedAndMadeAnew(_ names: [String]) throws {
    let store = try open().store
    try store.commit([.put(.numbered(1))], clock: clock)
    for name in names { try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)") }
    let error = #expect(throws: StoreError.self) {
      try store.commit([.put(.numbered(2))], clock: clock)
    }
    #expect(error?.kind == .removed)
    try store.commit([.put(.numbered(1)), .put(.numbered(2))], clock: clock)
    #expect(try open().leases == [.numbered(1), .numbered(2)])
  }

  @Test func aFolderTakenAwayIsAnErrorUntilItIsBack() throws {
    let store = try open().store
    try FileManager.default.removeItem(atPath: folder.path)
    for _ in 0..<2 {
      let error = #expect(throws: StoreError.self) {
        try store.commit([.put(.numbered(1))], clock: clock)
      }
      #expect(error?.kind == .unreadable)
    }
    try FileManager.default.createDirectory(
      atPath: folder.path, withIntermediateDirectories: true)
    #expect(throws: StoreError.self) { try store.commit([.put(.numbered(1))], clock: clock) }
    try store.commit([.put(.numbered(1))], clock: clock)
    #expect(try open().leases == [.numbered(1)])
  }

  @Test func aLaterLeaseReplacesAndEraseForgets() throws {
    let store = try open().store
    try store.commit([.put(.numbered(1)), .put(.numbered(2))], clock: clock)
    try store.commit(
      [.put(.numbered(1, expiry: 7200)), .erase(Lease.numbered(2).address), .erase(.broadcast)],
      clock: clock)
    #expect(try open().leases == [.numbered(1, expiry: 7200)])
  }

  @Test func anEndlessLeaseIsKept() throws {
    var lease = Lease.numbered(1)
    lease.expiry = .never
    try open().store.commit([.put(lease)], clock: clock)
    let kept = try #require(try open().leases.first)
    #expect(kept.expiry > .start + .seconds(100 * 365 * 86_400))
  }

  @Test func aFileThatIsNoDatabaseIsSetAside() throws {
    let noise = Data((0..<9000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    for round in 1...11 {
      try noise.write(to: URL(fileURLWithPath: folder.database))
      let opened = try open()
      let setAside = try #require(opened.setAside)
      #expect(setAside.reason.kind == .corrupt)
      #expect(setAside.path == "\(folder.database).damaged-\(min(round, 9))")
      #expect(try Data(contentsOf: URL(fileURLWithPath: setAside.path)) == noise)
      try opened.store.commit([.put(.numbered(1))], clock: clock)
    }
    #expect(try open().leases == [.numbered(1)])
    #expect(try folder.names().count(where: { $0.contains("damaged") }) == 9)
  }

  @Test func aFolderInItsPlaceIsSetAside() throws {
    try FileManager.default.createDirectory(
      atPath: folder.database, withIntermediateDirectories: false)
    #expect(try open().setAside?.reason.kind == .unreadable)
  }

  @Test func whatADamagedDatabaseStillGivesIsTakenOver() throws {
    do {
      let store = try open().store
      try store.commit((1...4000).map { .put(.numbered($0)) }, clock: clock)
    }
    var octets = try Data(contentsOf: URL(fileURLWithPath: folder.database))
    let end = octets.count
    octets.replaceSubrange(end - 16384..<end, with: Data(repeating: 0xa5, count: 16384))
    try octets.write(to: URL(fileURLWithPath: folder.database))
    let opened = try open()
    let setAside = try #require(opened.setAside)
    #expect(setAside.salvaged > 1000 && setAside.salvaged == opened.leases.count)
    #expect(opened.leases.first == .numbered(1))
    #expect(try open().leases == opened.leases)
  }

  @Test(arguments: [0, 1, 16, 20, 100, 512, 4095, 4096, 5000])
  func aTruncatedDatabaseNeverStopsAStart(_ count: Int) throws {
    do { try open().store.commit((1...99).map { .put(.numbered($0)) }, clock: clock) }
    let octets = try Data(contentsOf: URL(fileURLWithPath: folder.database))
    try octets.prefix(count).write(to: URL(fileURLWithPath: folder.database))
    try open().store.commit([.put(.numbered(1))], clock: clock)
    #expect(try open().leases.contains(.numbered(1)))
  }

  @Test func aRowThatMakesNoSenseIsCountedAndSkipped() throws {
    do { try open().store.commit([.put(.numbered(1))], clock: clock) }
    do {
      let connection = try Connection(folder.database, .readWrite)
      try connection.execute("INSERT INTO lease VALUES (-1, 1, x'00', x'', 0, 0)")
      try connection.execute("INSERT INTO lease VALUES (167772165, 7, x'00', x'', 0, 0)")
      try connection.execute(
        "INSERT INTO lease VALUES (167772166, 2, x'00', x'', 9223372036854775807, 5)")
    }
    // The wall clock was set, so every row is moved, the damaged ones too.
    let opened = try open(.at(monotonic: 1, wall: 5, boot: "one"))
    #expect(opened.unreadableRows == 2)
    #expect(opened.leases.count == 2)
    #expect(opened.leases.last?.expiry == .start + .seconds(6))
    // Told once; what they may have held is missed for as long as a lease can last.
    let again = try open(.at(monotonic: 11, wall: 15, boot: "one"))
    #expect(again.unreadableRows == 0 && again.leases.count == 2)
    #expect(again.lost == .start + .seconds(1) && again.mayLackLeases)
  }

  @Test func aNewerSchemaIsRefusedInOneClearSentence() throws {
    do {
      let connection = try Connection(folder.database, .readWrite)
      try connection.execute("PRAGMA user_version=77")
    }
    let error = try #require(throws: StoreError.self) { _ = try open() }
    #expect(error.kind == .newerSchema)
    #expect(error.description.contains("version 77"))
    #expect(try folder.names() == ["leases.sqlite"])
  }

  @Test func aMissingFolderIsAFailureWithItsPathUntilItIsThere() throws {
    let path = folder.path + "/none/leases.sqlite"
    let opened = try LeaseStore.open(at: path, clock: clock)
    #expect(opened.failure?.kind == .unreadable && opened.failure?.path == path)
    #expect(opened.leases.isEmpty && opened.mayLackLeases)
    let error = #expect(throws: StoreError.self) {
      try opened.store.commit([.put(.numbered(1))], clock: clock)
    }
    #expect(error?.kind == .unreadable)
    try FileManager.default.createDirectory(
      atPath: folder.path + "/none", withIntermediateDirectories: false)
    #expect(throws: StoreError.self) { try opened.store.commit([.put(.numbered(1))], clock: clock) }
    try opened.store.commit([.put(.numbered(1))], clock: clock)
    #expect(try LeaseStore.open(at: path, clock: clock).leases == [.numbered(1)])
  }

  @Test func aLockedDatabaseIsBusyAndThenWorks() throws {
    let store = try open().store
    let other = try Connection(folder.database, .readWrite)
    try other.execute("BEGIN IMMEDIATE")
    let error = try #require(throws: StoreError.self) {
      try store.commit([.put(.numbered(1))], clock: clock)
    }
    #expect(error.kind == .busy)
    try other.execute("ROLLBACK")
    try store.commit([.put(.numbered(1))], clock: clock)
    #expect(try open().leases == [.numbered(1)])
  }
}
