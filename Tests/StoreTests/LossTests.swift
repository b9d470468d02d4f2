import Boot
import CSQLite
import Foundation
import Network
import Testing

@testable import Store

/// A start that gives addresses as if nobody lived at them gives one to two machines; so what was lost
/// must be known for as long as the longest lease can last, whatever happens to the process.
@Suite("Case 11: what was lost stays known") struct LossTests {
  private static let wall: Int64 = 1_800_000_000
  private static let clock = ClockReading.at(monotonic: 0, wall: wall, boot: "one")
  private static let leases = (1...300).map { Lease.numbered(UInt32($0)) }
  let folder: Folder

  init() throws { folder = try Folder() }

  private func open(
    _ clock: ClockReading = LossTests.clock, isExpected: Bool = false
  ) throws -> LeaseStore.Opened {
    try LeaseStore.open(at: folder.database, clock: clock, isExpected: isExpected)
  }

  /// What a killed process has left: a database, and leases that are in its log alone.
  private func leaveLeases() throws {
    let other = try Folder()
    let store = try LeaseStore.open(at: other.database, clock: Self.clock).store
    try store.commit(Self.leases.map { .put($0) }, clock: Self.clock)
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: other.database + suffix, toPath: folder.database + suffix)
    }
    withExtendedLifetime(store) {}
  }

  private func rename(_ name: String, _ other: String) throws {
    try FileManager.default.moveItem(
      atPath: folder.database + name, toPath: folder.database + other)
  }

  @Test func aLossIsToldUntilTheLongestLeaseHasEnded() throws {
    try Data(repeating: 0xa5, count: 9000).write(to: URL(fileURLWithPath: folder.database))
    let opened = try open()
    #expect(opened.setAside != nil && opened.lost == .start)
    let day: Int64 = 86_400
    // The next start, another boot, one with its clock in 1970, and NTP after it.
    var clock = ClockReading.at(monotonic: 10, wall: Self.wall + 10, boot: "one")
    #expect(try open(clock).lost == .start)
    clock = .at(monotonic: 5, wall: Self.wall + day, boot: "two")
    #expect(try open(clock).lost == .start + .seconds(5 - day))
    clock = .at(monotonic: 5, wall: 3, boot: "three")
    let third = try open(clock)
    #expect(third.lost == .start + .seconds(5 - day) && third.setAside == nil)
    clock = .at(monotonic: 5 + day, wall: Self.wall + 3 * day, boot: "three")
    try third.store.commit([.put(.numbered(1, expiry: 2 * day))], clock: clock)
    #expect(try open(clock).lost == .start + .seconds(5 - day))
    clock = .at(monotonic: 5 + 30 * day, wall: Self.wall + 32 * day, boot: "three")
    #expect(try open(clock).lost == nil)
    clock = .at(monotonic: 5, wall: Self.wall + 32 * day, boot: "four")
    #expect(try !open(clock).mayLackLeases)
  }

  enum Cut: String, CaseIterable, Sendable {
    case afterTheDatabase = "the database was renamed, its log was not"
    case afterTheLog = "both were renamed"
    case afterTheNewFile = "the new database has no length"
    case afterTheNewSchema = "the new database has its tables and no row"
  }

  /// Killed while a damaged database is set aside and before the new one has taken over.
  @Test(arguments: Cut.allCases) func aSetAsideThatWasCutShortIsFinished(_ cut: Cut) throws {
    try leaveLeases()
    try rename("", ".damaged-1")
    if cut != .afterTheDatabase { try rename("-wal", ".damaged-1-wal") }
    switch cut {
    case .afterTheDatabase, .afterTheLog: break
    case .afterTheNewFile:
      #expect(FileManager.default.createFile(atPath: folder.database, contents: nil))
    case .afterTheNewSchema:
      let connection = try Connection(folder.database, .readWrite)
      try connection.makeDurable()
      try connection.migrate(LeaseRow.migrations)
    }
    let opened = try open()
    #expect(opened.leases == Self.leases && opened.mayLackLeases)
    let again = try open()
    #expect(again.leases == Self.leases && again.lost == .start && again.setAside == nil)
    #expect(try folder.names().filter { $0.hasSuffix("damaged-1") || $0.contains("-2") }.count == 1)
  }

  @Test func whatWasSetAsideLongAgoIsNotTakenOver() throws {
    try leaveLeases()
    try rename("", ".damaged-1")
    try rename("-wal", ".damaged-1-wal")
    let later = ClockReading.at(monotonic: 5, wall: Self.wall + 90 * 86_400, boot: "two")
    let opened = try open(later)
    #expect(opened.leases.isEmpty && opened.mayLackLeases)
  }

  @Test func aDatabaseThatIsNotThereAnyMoreIsMissed() throws {
    #expect(try !open().mayLackLeases, "the first start of all")
    for suffix in ["", "-wal", "-shm"] { unlink(folder.database + suffix) }
    #expect(try open(isExpected: true).isMissing)
    let again = try open(isExpected: true)
    #expect(again.mayLackLeases && !again.isMissing)
  }

  /// The process that knew the leases is killed before it has put them again.
  @Test func aDatabaseTakenAwayWhileInUseIsMissedByTheNextStart() throws {
    let store = try open().store
    try store.commit([.put(.numbered(1))], clock: Self.clock)
    for suffix in ["", "-wal", "-shm"] { unlink(folder.database + suffix) }
    #expect(throws: StoreError.self) { try store.commit([.put(.numbered(2))], clock: Self.clock) }
    #expect(try open().mayLackLeases)
  }

  /// The start could read only the database, and not its log.
  @Test func whatAStartCouldNotReadGoesBeforeWhatItRead() throws {
    let (former, latter) = (Lease.numbered(1), Lease.numbered(2))
    do { try open().store.commit([.put(former)], clock: Self.clock) }
    var opened: LeaseStore.Opened
    do {
      let holder = try Connection(folder.database, .readWrite)
      try holder.execute("PRAGMA locking_mode=EXCLUSIVE")
      try holder.execute("UPDATE lease SET client=x'525400000002', host_name=CAST('m2' AS BLOB)")
      opened = try open()
      #expect(opened.failure?.kind == .busy)
      #expect(opened.leases == [former] && opened.mayLackLeases)
      #expect(opened.store.takeFound().isEmpty)
    }
    let error = #expect(throws: StoreError.self) {
      try opened.store.commit([.put(former)], clock: Self.clock)
    }
    #expect(error?.kind == .removed)
    let found = opened.store.takeFound()
    #expect(found.map(\.address) == [former.address] && found.map(\.client) == [latter.client])
    #expect(opened.store.takeFound().isEmpty)
    let again = try open()
    #expect(again.leases == found && !again.mayLackLeases)
  }

  @Test(arguments: [
    (SQLITE_IOERR | 1 << 8, EIO, StoreError.Kind.corrupt),
    (SQLITE_IOERR | 33 << 8, EIO, .corrupt), (SQLITE_IOERR | 2 << 8, 0, .corrupt),
    (SQLITE_IOERR | 3 << 8, EIO, .other), (SQLITE_IOERR | 1 << 8, EINTR, .other),
    (SQLITE_CANTOPEN, EMFILE, .other), (SQLITE_CANTOPEN, ENFILE, .other),
    (SQLITE_CANTOPEN, EACCES, .unreadable), (SQLITE_CANTOPEN, EROFS, .readOnly),
  ])
  func theSystemsErrorTellsWhatToDo(_ code: Int32, _ reason: Int32, _ kind: StoreError.Kind) {
    #expect(StoreError(code: code, systemError: reason, message: "", path: "").kind == kind)
  }

  @Test(.timeLimit(.minutes(1))) func aShortageOfDescriptorsSetsNothingAside() throws {
    let child = try Child("meetsAShortage", folder.path)
    child.process.waitUntilExit()
    #expect(child.process.terminationStatus == 0)
    #expect(try folder.names().contains("passed"))
  }

  @Test(.enabled(if: Child.request("meetsAShortage") != nil))
  func meetsAShortage() throws {
    let path = try #require(Child.request("meetsAShortage"))
    let database = path + "/leases.sqlite"
    do {
      let store = try LeaseStore.open(at: database, clock: Self.clock).store
      try store.commit(Self.leases.map { .put($0) }, clock: Self.clock)
    }
    var limit = rlimit(rlim_cur: 200, rlim_max: 200)
    #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    var failures = 0
    for free in 0..<6 {
      var taken: [Int32] = []
      while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
      for _ in 0..<free { close(taken.removeLast()) }
      let opened = try LeaseStore.open(at: database, clock: Self.clock)
      for descriptor in taken { close(descriptor) }
      failures += opened.failure == nil ? 0 : 1
      #expect(opened.setAside == nil, "\(free) are free: \(String(describing: opened.failure))")
      #expect(opened.failure != nil || opened.leases == Self.leases)
    }
    #expect(failures > 1 && failures < 6)
    let opened = try LeaseStore.open(at: database, clock: Self.clock)
    #expect(opened.leases == Self.leases && !opened.mayLackLeases)
    #expect(FileManager.default.createFile(atPath: path + "/passed", contents: nil))
  }
}
