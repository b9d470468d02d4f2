import Boot
import Foundation
import Network
import Store
import Testing

@Suite("Case 11: crashes", .serialized) struct CrashTests {
  private static let clock = ClockReading.at(monotonic: 0, wall: 1_800_000_000, boot: "one")

  @Test(.timeLimit(.minutes(3)))
  func noAcknowledgedLeaseIsLostByKill() async throws {
    let folder = try Folder()
    for round in 0..<20 {
      let child = try Child("acknowledgesLeases", "\(folder.path)=\(round)")
      let before = acknowledged(folder).count
      let deadline = ContinuousClock.now + .seconds(30)
      let wanted = before + 1 + round * 3
      while acknowledged(folder).count < wanted, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(1))
      }
      kill(child.process.processIdentifier, SIGKILL)
      child.process.waitUntilExit()
      let promised = acknowledged(folder)
      #expect(promised.count >= wanted, "the child has committed something to lose")
      let opened = try LeaseStore.open(at: folder.database, clock: Self.clock)
      #expect(opened.setAside == nil && opened.unreadableRows == 0)
      let kept = Set(opened.leases.map(\.address.number))
      #expect(promised.allSatisfy { kept.contains($0) })
    }
  }

  /// Addresses that children have acknowledged: four octets each, appended with one `write`.
  private func acknowledged(_ folder: Folder) -> [UInt32] {
    let octets = FileManager.default.contents(atPath: folder.path + "/acknowledged") ?? Data()
    return stride(from: 0, to: octets.count - octets.count % 4, by: 4).map { start in
      octets[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  @Test(.enabled(if: Child.request("acknowledgesLeases") != nil))
  func acknowledgesLeases() throws {
    let parts = try #require(Child.request("acknowledgesLeases")?.split(separator: "="))
    let folder = String(parts[0])
    let round = try #require(UInt32(parts[1]))
    let store = try LeaseStore.open(at: folder + "/leases.sqlite", clock: Self.clock).store
    let acknowledgements = open(folder + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(acknowledgements) }
    // Bounded: it is killed long before.
    for batch in 0..<UInt32(20_000) {
      let first = 1 + round << 19 + batch * 4
      let leases = (first..<first + 1 + batch % 4).map { Lease.numbered($0) }
      try store.commit(leases.map { .put($0) }, clock: Self.clock)
      var octets: [UInt8] = []
      for lease in leases {
        withUnsafeBytes(of: lease.address.number.bigEndian) { octets += $0 }
      }
      #expect(write(acknowledgements, octets, octets.count) == octets.count)
    }
  }

  /// Edits of objects and armings in turn, killed in the middle.
  @Test(.timeLimit(.minutes(3)))
  func noAcknowledgedEditIsLostByKillAndNoneIsHalf() async throws {
    let folder = try Folder()
    var promised = 0
    for round in 0..<10 {
      let child = try Child("acknowledgesEdits", folder.path)
      let deadline = ContinuousClock.now + .seconds(30)
      while acknowledged(folder).count < promised + 1 + round, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(1))
      }
      kill(child.process.processIdentifier, SIGKILL)
      child.process.waitUntilExit()
      let opened = try RegistryStore.open(at: folder.registry, clock: Self.clock)
      #expect(opened.setAside == nil && opened.contents.unreadableRows == 0)
      let (objects, generation) = try opened.store.objects()
      #expect(acknowledged(folder).count > promised, "the child has committed something to lose")
      promised = acknowledged(folder).count
      #expect(generation >= promised)
      // Each edit makes four objects and approves one machine, whole or not at all.
      #expect(objects.count == Int(generation) * 4)
      #expect(opened.contents.provisions.count == Int(generation))
    }
  }

  @Test(.enabled(if: Child.request("acknowledgesEdits") != nil))
  func acknowledgesEdits() throws {
    let folder = try #require(Child.request("acknowledgesEdits"))
    let opened = try RegistryStore.open(at: folder + "/registry.sqlite", clock: Self.clock)
    let acknowledgements = open(folder + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(acknowledgements) }
    var generation = opened.contents.generation
    // Bounded: it is killed long before.
    for _ in 0..<20_000 {
      let writes = (0..<4).map {
        ObjectWrite(kind: .machines, name: "m\(generation)-\($0)", text: "{}")
      }
      let committed = try opened.store.commit(
        writes, [.provision(.numbered(generation))], after: generation, author: "", note: "",
        clock: Self.clock)
      generation = try #require(committed)
      #expect(write(acknowledgements, [0, 0, 0, 0], 4) == 4)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aFileThatMayNotGrowIsADiskFullAndThenWorksAgain() throws {
    let folder = try Folder()
    let child = try Child("meetsALimit", folder.path)
    child.process.waitUntilExit()
    #expect(child.process.terminationStatus == 0)
    #expect(try folder.names().contains("passed"))
  }

  @Test(.enabled(if: Child.request("meetsALimit") != nil))
  func meetsALimit() throws {
    let folder = try #require(Child.request("meetsALimit"))
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: 150_000, rlim_max: rlim_t.max)
    #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
    try fillThenGoOn(folder) {
      limit.rlim_cur = rlim_t.max
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }
    limit.rlim_cur = 250_000
    #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
    try fillRegistryThenGoOn(folder) {
      limit.rlim_cur = rlim_t.max
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }
    #expect(FileManager.default.createFile(atPath: folder + "/passed", contents: nil))
  }

  @Test(.enabled(if: geteuid() == 0, "mounts a small file system"), .timeLimit(.minutes(1)))
  func aFullDiskIsToldAndThenWorksAgain() throws {
    let folder = try Folder()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/disk", withIntermediateDirectories: false)
    let mount = "mount -t tmpfs -o size=512k tmpfs '\(folder.path)/disk' || exit 9; exec \"$@\""
    let child = try Child(
      "meetsAFullDisk", folder.path,
      through: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", mount, "sh"])
    child.process.waitUntilExit()
    #expect(child.process.terminationStatus == 0)
    #expect(try folder.names().contains("passed"))
  }

  @Test(.enabled(if: Child.request("meetsAFullDisk") != nil))
  func meetsAFullDisk() throws {
    let folder = try #require(Child.request("meetsAFullDisk"))
    let ballast = folder + "/disk/ballast"
    try Data(count: 200_000).write(to: URL(fileURLWithPath: ballast))
    try fillThenGoOn(folder + "/disk") { unlink(ballast) }
    #expect(FileManager.default.createFile(atPath: folder + "/passed", contents: nil))
  }

  /// Commits until there is no room, makes room, and finds every acknowledged lease.
  private func fillThenGoOn(_ folder: String, makeRoom: () -> Void) throws {
    let database = folder + "/leases.sqlite"
    let store = try LeaseStore.open(at: database, clock: Self.clock).store
    var stored: [Lease] = []
    var refusal: StoreError?
    while refusal == nil, stored.count < 20_000 {
      let batch = (1...50).map { Lease.numbered(UInt32(stored.count + $0)) }
      do throws(StoreError) {
        try store.commit(batch.map { .put($0) }, clock: Self.clock)
        stored += batch
      } catch {
        refusal = error
      }
    }
    #expect(refusal?.kind == .diskFull, "\(String(describing: refusal))")
    #expect(refusal?.path == database)
    #expect(!stored.isEmpty)
    #expect(try LeaseStore.open(at: database, clock: Self.clock).leases == stored)
    makeRoom()
    let last = Lease.numbered(65_000)
    try store.commit([.put(last)], clock: Self.clock)
    #expect(try LeaseStore.open(at: database, clock: Self.clock).leases == stored + [last])
  }

  private func fillRegistryThenGoOn(_ folder: String, makeRoom: () -> Void) throws {
    let database = folder + "/registry.sqlite"
    let store = try RegistryStore.open(at: database, clock: Self.clock).store
    var generation: UInt64 = 0
    var refusal: StoreError?
    func edit() throws(StoreError) {
      let writes = (0..<20).map {
        ObjectWrite(kind: .machines, name: "m\(generation)-\($0)", text: "{\"rack\":\"3\"}")
      }
      generation =
        try store.commit(
          writes, after: generation, author: "", note: "", clock: Self.clock) ?? 0
    }
    while refusal == nil, generation < 1000 {
      do throws(StoreError) { try edit() } catch { refusal = error }
    }
    #expect(refusal?.kind == .diskFull, "\(String(describing: refusal))")
    #expect(generation > 0)
    #expect(
      try RegistryStore.open(at: database, clock: Self.clock).contents.generation == generation)
    makeRoom()
    try edit()
    let objects = try RegistryStore.open(at: database, clock: Self.clock).store.objects().0
    #expect(objects.count == Int(generation) * 20)
  }
}
