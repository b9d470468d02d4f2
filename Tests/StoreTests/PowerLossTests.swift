import Boot
import CrashDisk
import Foundation
import Network
import Store
import Testing

/// A power cut at any write, truncation, sync or deletion of SQLite's, and what the next start finds.
///
/// `make crashes` plays more rounds (``roundCount``) and prints the figures.
@Suite("Case 11: power loss", .serialized) struct PowerLossTests {
  private static let clock = ClockReading.at(monotonic: 0, wall: 1_800_000_000, boot: "one")
  private static let losses = [
    CRASH_NOTHING_SURVIVES, CRASH_ALL_SURVIVES, CRASH_BEGINNING_SURVIVES, CRASH_ANY_SURVIVES,
  ]
  private static let names = ["", "-wal", "-journal"]

  /// How many random crashes: 300 unless the environment says otherwise.
  private static var roundCount: Int {
    ProcessInfo.processInfo.environment["BOOTWIRE_CRASHES"].flatMap { Int($0) } ?? 300
  }

  /// What was acknowledged, and what was on its way when the power went.
  private struct Promise {
    var kept: [IPv4Address: Lease] = [:]
    /// Nil while no commit was under way.
    var underWay: [IPv4Address: Lease]?

    /// A commit is whole or not there, and nothing else is.
    func isHonoured(by found: [Lease]) -> Bool {
      let found = Dictionary(
        found.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
      return found == kept || found == underWay
    }
  }

  /// One life of a store: opened, used, closed and opened again, until the power goes.
  private func live(on disk: VirtualDisk, _ promise: inout Promise, _ dice: inout Dice) {
    let path = disk.path("leases.sqlite")
    let isWide = dice.roll(6) == 0
    for _ in 0..<(1 + dice.roll(3)) {
      guard let opened = try? LeaseStore.open(at: path, clock: Self.clock), opened.failure == nil
      else { return }
      for _ in 0..<(1 + dice.roll(isWide ? 60 : 12)) {
        var changes: [LeaseChange] = []
        var next = promise.kept
        for _ in 0..<(1 + dice.roll(isWide ? 150 : 6)) {
          let lease = Lease.numbered(
            UInt32(1 + dice.roll(3000)), expiry: Int64(60 + dice.roll(86_400)))
          if dice.roll(5) == 0 {
            changes.append(.erase(lease.address))
            next[lease.address] = nil
          } else {
            changes.append(.put(lease))
            next[lease.address] = lease
          }
        }
        promise.underWay = next
        guard (try? opened.store.commit(changes, clock: Self.clock)) != nil else { return }
        promise.kept = next
        promise.underWay = nil
      }
    }
  }

  /// The start after the power is back, on a real file system.
  private func start(_ files: [String: Data], in folder: Folder) throws -> LeaseStore.Opened {
    for name in try folder.names() {
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
    for (name, octets) in files {
      try octets.write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }
    return try LeaseStore.open(at: folder.database, clock: Self.clock)
  }

  private func files(of folder: Folder) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in Self.names.map({ "leases.sqlite" + $0 }) {
      files[name] = FileManager.default.contents(atPath: "\(folder.path)/\(name)")
    }
    return files
  }

  /// Each round begins with what the one before left, so that logs are recovered from recoveries.
  @Test(.timeLimit(.minutes(30)))
  func noAcknowledgedLeaseIsLostInRandomCrashes() throws {
    let folder = try Folder(isInMemory: true)
    let began = ContinuousClock.now
    var promise = Promise()
    var files: [String: Data] = [:]
    var (lost, replaced, cuts, operations) = (0, 0, 0, UInt64(0))
    var round = 0
    var alarms = 0
    // A life that came to its end before the power went is none of those counted.
    while cuts < Self.roundCount {
      round += 1
      var dice = Dice(UInt64(round))
      if dice.roll(40) == 0 { (files, promise) = ([:], Promise()) }
      let traits = VirtualDisk.Traits(
        sector: dice.roll(2) == 0 ? 512 : 4096, isPowersafe: dice.roll(2) == 0)
      let disk = try #require(VirtualDisk(seed: UInt64(round), traits, files: files))
      disk.cut(at: UInt64(1 + dice.roll(dice.roll(3) == 0 ? 2000 : 120)))
      live(on: disk, &promise, &dice)
      cuts += disk.isDown ? 1 : 0
      operations += disk.operationCount
      let loss = Self.losses[dice.roll(Self.losses.count)]
      files = disk.files(after: loss, Self.names.map { "leases.sqlite" + $0 })
      let opened = try start(files, in: folder)
      replaced += opened.setAside == nil && opened.failure == nil ? 0 : 1
      // Where a commit is padded to whole sectors, what is torn looks as damage does.
      alarms += traits.isPowersafe && opened.isLogDamaged ? 1 : 0
      if !promise.isHonoured(by: opened.leases) {
        lost += 1
        Issue.record("round \(round), \(traits), loss \(loss.rawValue)")
      }
      promise.kept = Dictionary(opened.leases.map { ($0.address, $0) }) { first, _ in first }
      promise.underWay = nil
      // The next life begins with what this start made of it, while its log is still there: as after
      // a kill.
      let isKilled = dice.roll(2) == 0
      if isKilled { files = try withExtendedLifetime(opened) { try self.files(of: folder) } }
    }
    let seconds = (ContinuousClock.now - began).components.seconds
    print(
      "crashes: \(cuts) power cuts in \(operations) disk operations of \(round) lives, \(seconds) s,"
        + " \(lost) with a lost lease, \(replaced) databases set aside")
    #expect(lost == 0 && replaced == 0)
    #expect(alarms * 100 <= cuts, "a power cut alone is no damage")
  }

  /// One history, from the making of the database to its closing, cut at each of its operations.
  @Test(arguments: [512, 4096] as [UInt32], [true, false])
  func noAcknowledgedLeaseIsLostAtAnyWriteBoundary(_ sector: UInt32, _ isPowersafe: Bool) throws {
    let folder = try Folder(isInMemory: true)
    let traits = VirtualDisk.Traits(sector: sector, isPowersafe: isPowersafe)
    var operation: UInt64 = 1
    while operation < 1_000 {
      var wasDown = false
      for (index, loss) in Self.losses.enumerated() {
        let seed = operation * 4 + UInt64(index)
        let disk = try #require(VirtualDisk(seed: seed, traits, files: [:]))
        disk.cut(at: operation)
        var promise = Promise()
        var dice = Dice(4)
        live(on: disk, &promise, &dice)
        wasDown = disk.isDown
        let files = disk.files(after: loss, Self.names.map { "leases.sqlite" + $0 })
        let opened = try start(files, in: folder)
        #expect(opened.setAside == nil && opened.failure == nil, "operation \(operation)")
        #expect(
          promise.isHonoured(by: opened.leases), "operation \(operation), loss \(loss.rawValue)")
      }
      guard wasDown else { break }
      operation += 1
    }
    #expect(operation > 30 && operation < 1_000)
  }

  /// The disk finds what it is there to find.
  @Test func aStoreThatDoesNotSyncIsCaught() throws {
    let folder = try Folder(isInMemory: true)
    let disk = try #require(VirtualDisk(seed: 1, .init(), files: [:]))
    let path = disk.path("leases.sqlite")
    _ = try LeaseStore.open(at: path, clock: Self.clock)
    let connection = try Connection(path, .readWrite)
    try connection.makeDurable()
    try connection.execute("PRAGMA synchronous=NORMAL")
    try connection.execute("INSERT INTO lease VALUES (167772161, 1, x'000000000001', x'', 9, 9)")
    let names = Self.names.map { "leases.sqlite" + $0 }
    #expect(try start(disk.files(after: CRASH_NOTHING_SURVIVES, names), in: folder).leases.isEmpty)
    #expect(try start(disk.files(after: CRASH_ALL_SURVIVES, names), in: folder).leases.count == 1)
  }

  /// The same of objects and armings: each edit is whole or not there, and none that was promised is
  /// gone.
  @Test func noAcknowledgedEditIsLostInRandomCrashes() throws {
    let folder = try Folder(isInMemory: true)
    let names = Self.names.map { "registry.sqlite" + $0 }
    for round in 0..<max(60, Self.roundCount / 10) {
      var dice = Dice(UInt64(round) &+ 1 << 40)
      let traits = VirtualDisk.Traits(
        sector: dice.roll(2) == 0 ? 512 : 4096, isPowersafe: dice.roll(2) == 0)
      let disk = try #require(VirtualDisk(seed: UInt64(round), traits, files: [:]))
      disk.cut(at: UInt64(1 + dice.roll(200)))
      let promised = edit(disk)
      let files = disk.files(after: Self.losses[dice.roll(Self.losses.count)], names)
      for name in try folder.names() {
        try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
      }
      for (name, octets) in files {
        try octets.write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
      }
      let opened = try RegistryStore.open(at: folder.registry, clock: Self.clock)
      let (objects, generation) = try opened.store.objects()
      #expect(opened.setAside == nil && opened.contents.unreadableRows == 0, "round \(round)")
      #expect(generation == promised || generation == promised + 1, "round \(round)")
      #expect(objects.count == Int(generation) * 3, "round \(round)")
      #expect(opened.contents.provisions.count == Int(generation), "round \(round)")
    }
  }

  /// How many edits were acknowledged before the power went.
  private func edit(_ disk: VirtualDisk) -> UInt64 {
    let path = disk.path("registry.sqlite")
    guard let store = try? RegistryStore.open(at: path, clock: Self.clock).store else { return 0 }
    for generation in 0..<UInt64(30) {
      let writes = (0..<3).map {
        ObjectWrite(kind: .machines, name: "m\(generation)-\($0)", text: "{}")
      }
      let committed = try? store.commit(
        writes, [.provision(.numbered(generation))], after: generation, author: "", note: "",
        clock: Self.clock)
      guard committed == generation + 1 else { return generation }
    }
    return 30
  }

  /// A disk that lies about its syncs loses what it promised; but never a start, and never more than
  /// is worth a warning.
  @Test func aDiskThatForgetsItsSyncsNeverStopsAStart() throws {
    let folder = try Folder(isInMemory: true)
    var damaged = 0
    for round in 0..<max(150, Self.roundCount / 20) {
      var dice = Dice(UInt64(round) &+ 1 << 50)
      let disk = try #require(VirtualDisk(seed: UInt64(round), .init(), files: [:]))
      disk.cut(at: UInt64(5 + dice.roll(200)))
      var promise = Promise()
      live(on: disk, &promise, &dice)
      var files = disk.files(
        after: CRASH_ALL_SURVIVES, Self.names.map { "leases.sqlite" + $0 })
      for name in files.keys.sorted() {
        guard var octets = files[name], !octets.isEmpty else { continue }
        for _ in 0..<(1 + dice.roll(4)) {
          let start = dice.roll(octets.count)
          let end = min(octets.count, start + 1 + dice.roll(dice.roll(2) == 0 ? 16 : 5000))
          for index in start..<end { octets[index] = UInt8(dice.roll(256)) }
        }
        if dice.roll(3) == 0 { octets = octets.prefix(dice.roll(octets.count + 1)) }
        files[name] = octets
      }
      let opened = try start(files, in: folder)
      #expect(opened.failure == nil, "round \(round)")
      damaged += opened.mayLackLeases ? 1 : 0
      try opened.store.commit([.put(.numbered(1))], clock: Self.clock)
      #expect(try LeaseStore.open(at: folder.database, clock: Self.clock).setAside == nil)
    }
    #expect(damaged > 10)
  }
}
