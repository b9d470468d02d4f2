import Boot
import Foundation
import Network
import Store
import Testing

/// What lies in the place of a database, and the start that it must not stop.
@Suite("Case 11: data never stops a start") struct DamageTests {
  private static let clock = ClockReading.at(monotonic: 0, wall: 1_800_000_000, boot: "one")
  private static let leases = (1...300).map { Lease.numbered(UInt32($0)) }

  /// What a process that was killed has left: a database, and leases that are in its log alone.
  private struct Remains {
    let folder: Folder
    var database: String { folder.database }
    var log: String { folder.database + "-wal" }
    var index: String { folder.database + "-shm" }

    init() throws {
      folder = try Folder()
      let other = try Folder()
      let store = try LeaseStore.open(at: other.database, clock: DamageTests.clock).store
      try store.commit(DamageTests.leases.map { .put($0) }, clock: DamageTests.clock)
      try store.commit([.put(DamageTests.leases[299])], clock: DamageTests.clock)
      for name in try other.names() {
        try FileManager.default.copyItem(
          atPath: "\(other.path)/\(name)", toPath: "\(folder.path)/\(name)")
      }
      #expect(try folder.names().count == 3)
    }
  }

  enum Damage: String, CaseIterable, Sendable {
    case none = "nothing"
    case emptyDatabase = "a database of no length"
    case noDatabase = "a log without a database"
    case cutLog = "a log cut off in its middle"
    case emptyLog = "a log of no length"
    case noiseInLog = "noise in place of the log"
    case noiseAfterLog = "noise after the log"
    case flippedLog = "one octet of the log's last commit is another"
    case flippedAmidLog = "one octet of the log is another, of a commit before the last"
    case noiseInIndex = "noise in place of the log's index"
    case longIndex = "an index far too long"
    case noIndex = "no index"
    case folderForDatabase = "a folder in place of the database"
    case folderForLog = "a folder in place of the log"
    case folderForIndex = "a folder in place of the index"
    case pipe = "a pipe in place of the database"
    case danglingLink = "a link that leads nowhere"
    case noise = "noise in place of all three"
    case otherSchema = "a database of somebody else's"
    case wildVersion = "a schema version that nobody wrote"
    case unreadable = "a database that may only be read"
  }

  private func inflict(_ damage: Damage, on remains: Remains) throws {
    let files = FileManager.default
    func write(_ octets: Data, _ path: String) throws {
      try octets.write(to: URL(fileURLWithPath: path))
    }
    func replaceByFolder(_ path: String) throws {
      try? files.removeItem(atPath: path)
      try files.createDirectory(atPath: path + "/x", withIntermediateDirectories: true)
    }
    let noise = Data((0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) })
    let log = try Data(contentsOf: URL(fileURLWithPath: remains.log))
    switch damage {
    case .none: break
    case .emptyDatabase: try write(Data(), remains.database)
    case .noDatabase: try files.removeItem(atPath: remains.database)
    case .cutLog: try write(log.prefix(log.count / 2 + 7), remains.log)
    case .emptyLog: try write(Data(), remains.log)
    case .noiseInLog: try write(noise, remains.log)
    case .noiseAfterLog: try write(log + noise, remains.log)
    case .flippedLog:
      var octets = log
      octets[octets.count - 2000] ^= 0x10
      try write(octets, remains.log)
    case .flippedAmidLog:
      var octets = log
      octets[octets.count / 2] ^= 0x10
      try write(octets, remains.log)
    case .noiseInIndex: try write(noise.prefix(32_768), remains.index)
    case .longIndex: try write(noise + noise + noise, remains.index)
    case .noIndex: try files.removeItem(atPath: remains.index)
    case .folderForDatabase: try replaceByFolder(remains.database)
    case .folderForLog: try replaceByFolder(remains.log)
    case .folderForIndex: try replaceByFolder(remains.index)
    case .pipe:
      try files.removeItem(atPath: remains.database)
      #expect(mkfifo(remains.database, 0o600) == 0)
    case .danglingLink:
      try files.removeItem(atPath: remains.database)
      #expect(symlink("/no-such-folder/leases.sqlite", remains.database) == 0)
    case .noise:
      for path in [remains.database, remains.log, remains.index] { try write(noise, path) }
    case .otherSchema:
      for path in [remains.database, remains.log, remains.index] {
        try files.removeItem(atPath: path)
      }
      let connection = try Connection(remains.database, .readWrite)
      try connection.execute("CREATE TABLE lease (a); PRAGMA user_version=1")
    case .wildVersion:
      let connection = try Connection(remains.database, .readWrite)
      try connection.execute("PRAGMA user_version=-2000000")
    case .unreadable:
      #expect(chmod(remains.database, 0) == 0)
    }
  }

  @Test(arguments: Damage.allCases) func aStartComesToItsEnd(_ damage: Damage) throws {
    let remains = try Remains()
    try inflict(damage, on: remains)
    let opened = try LeaseStore.open(at: remains.database, clock: Self.clock)
    #expect(opened.failure == nil)
    // What is there is true, and what is lost is told or was nowhere to be found.
    #expect(Set(opened.leases).isSubset(of: Self.leases))
    switch damage {
    case .none, .noiseAfterLog, .noiseInIndex, .longIndex, .noIndex:
      #expect(opened.leases == Self.leases && !opened.mayLackLeases)
    case .folderForDatabase, .folderForLog, .folderForIndex, .noise, .otherSchema, .wildVersion:
      #expect(opened.setAside != nil && opened.mayLackLeases)
    case .emptyDatabase, .noDatabase, .pipe, .danglingLink:
      #expect(opened.setAside != nil && opened.mayLackLeases)
    case .emptyLog, .noiseInLog:
      #expect(opened.leases.isEmpty && opened.isMissing && opened.mayLackLeases)
    // Root may read it all the same.
    case .unreadable: #expect(opened.mayLackLeases == (opened.setAside != nil))
    case .flippedAmidLog: #expect(opened.isLogDamaged && opened.mayLackLeases)
    // No other than what a power cut leaves of a commit that was under way.
    case .cutLog, .flippedLog: break
    }
    try opened.store.commit([.put(.numbered(9_999))], clock: Self.clock)
    let again = try LeaseStore.open(at: remains.database, clock: Self.clock)
    #expect(again.leases == opened.leases + [.numbered(9_999)])
    #expect(again.lost == opened.lost && again.mayLackLeases == opened.mayLackLeases)
    #expect(again.setAside == nil && !again.isMissing, "it is told once")
  }

  @Test func aDatabaseDamagedWhileInUseIsSetAsideAndMadeAnew() throws {
    let folder = try Folder()
    let store = try LeaseStore.open(at: folder.database, clock: Self.clock).store
    try store.commit(Self.leases.map { .put($0) }, clock: Self.clock)
    do {
      // Into the database itself, so that its pages are read from there.
      let other = try Connection(folder.database, .readWrite)
      try other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
    let descriptor = open(folder.database, O_WRONLY)
    let noise = [UInt8](repeating: 0xa5, count: 65_536)
    #expect(pwrite(descriptor, noise, noise.count, 4_096) == noise.count)
    close(descriptor)
    // Pages that are still remembered hide it for a while; another's commit makes them forgotten.
    var error: StoreError?
    for number in UInt32(1)...20 where error == nil {
      do throws(StoreError) {
        try store.commit([.put(.numbered(number, expiry: 7200))], clock: Self.clock)
      } catch let refusal { error = refusal }
    }
    #expect(error?.kind == .removed, "\(String(describing: error))")
    try store.commit(Self.leases.map { .put($0) }, clock: Self.clock)
    #expect(try LeaseStore.open(at: folder.database, clock: Self.clock).leases == Self.leases)
    #expect(try folder.names().contains { $0.contains("damaged-1") })
  }

  @Test(.enabled(if: geteuid() == 0, "mounts a small file system"), arguments: ["ro", "full"])
  func aDiskThatTakesNothingIsReadAtTheStart(_ kind: String) throws {
    let folder = try Folder()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/disk", withIntermediateDirectories: false)
    let mount = "mount -t tmpfs -o size=1m tmpfs '\(folder.path)/disk' || exit 9; exec \"$@\""
    let child = try Child(
      "startsOnADiskThatTakesNothing", "\(kind)=\(folder.path)",
      through: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", mount, "sh"])
    child.process.waitUntilExit()
    #expect(child.process.terminationStatus == 0)
    #expect(try folder.names().contains("passed"))
  }

  @Test(.enabled(if: Child.request("startsOnADiskThatTakesNothing") != nil))
  func startsOnADiskThatTakesNothing() throws {
    let request = try #require(Child.request("startsOnADiskThatTakesNothing"))
    let parts = request.split(separator: "=").map(String.init)
    let disk = parts[1] + "/disk"
    let (leases, registry) = (disk + "/leases.sqlite", disk + "/registry.sqlite")
    do {
      let store = try LeaseStore.open(at: leases, clock: Self.clock).store
      try store.commit(Self.leases.map { .put($0) }, clock: Self.clock)
      let other = try RegistryStore.open(at: registry, clock: Self.clock).store
      try other.commit([.provision(.numbered(1))], clock: Self.clock)
    }
    let isFull = parts[0] == "full"
    if isFull {
      let ballast = open(disk + "/ballast", O_WRONLY | O_CREAT, 0o600)
      let block = [UInt8](repeating: 0, count: 4096)
      while write(ballast, block, block.count) > 0 {}
      close(ballast)
    } else {
      try remount(disk, "ro")
    }
    let opened = try LeaseStore.open(at: leases, clock: Self.clock)
    // SQLite tells a file that it cannot make there as one that it cannot open.
    let kinds: [StoreError.Kind?] = isFull ? [.diskFull] : [.readOnly, .unreadable]
    #expect(kinds.contains(opened.failure?.kind))
    #expect(opened.leases == Self.leases && opened.setAside == nil && opened.mayLackLeases)
    let machines = try RegistryStore.open(at: registry, clock: Self.clock)
    #expect(kinds.contains(machines.failure?.kind))
    #expect(machines.contents.provisions == [.numbered(1)])
    #expect(throws: StoreError.self) {
      try opened.store.commit([.put(.numbered(400))], clock: Self.clock)
    }
    #expect(throws: StoreError.self) {
      try machines.store.commit([.provision(.numbered(2))], clock: Self.clock)
    }
    #expect(try machines.store.objects().0.isEmpty, "it can still be read")

    if isFull { unlink(disk + "/ballast") } else { try remount(disk, "rw") }
    for _ in 0..<2 {
      let changes = [LeaseChange.put(.numbered(400))]
      _ = try? opened.store.commit(changes, clock: Self.clock)
      _ = try? machines.store.commit([.provision(.numbered(2))], clock: Self.clock)
    }
    #expect(
      try LeaseStore.open(at: leases, clock: Self.clock).leases == Self.leases + [.numbered(400)])
    #expect(try RegistryStore.open(at: registry, clock: Self.clock).contents.provisions.count == 2)
    #expect(FileManager.default.createFile(atPath: parts[1] + "/passed", contents: nil))
  }

  private func remount(_ disk: String, _ mode: String) throws {
    let mount = Process()
    mount.executableURL = URL(fileURLWithPath: "/bin/mount")
    mount.arguments = ["-o", "remount,\(mode)", disk]
    try mount.run()
    mount.waitUntilExit()
    #expect(mount.terminationStatus == 0)
  }
}
