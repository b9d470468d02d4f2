import Boot
import Bytes
import EventLoop
import Foundation
import Network
import Services
import Store
import Testing
import Wire

@testable import Appliance

/// The journal over a real loop and a real database. A loop that nothing stops would not end, so
/// each test has one that stops by itself.
@Suite("Case 12: no ACK before its lease is durable", .serialized) struct LeaseJournalTests {
  /// By how much the wall clock was set.
  private final class Step {
    var seconds: Int64 = 0
  }

  /// A journal on a loop of its own, with what it performed.
  private final class Bench {
    let folder: String
    let loop: EventLoop
    let journal: LeaseJournal
    let step: Step
    private(set) var committed: [[String]] = []
    private(set) var failures: [String] = []

    init() throws {
      folder = NSTemporaryDirectory() + "journal-" + UUID().uuidString
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      loop = try EventLoop()
      let clock = ClockReading(now: loop.now, wallClock: loop.wallClock)
      let step = Step()
      self.step = step
      journal = LeaseJournal(
        loop: loop, store: try LeaseStore.open(at: folder + "/leases.sqlite", clock: clock).store,
        boot: "",
        clock: { [loop] in
          let wallClock = UnixTime(seconds: loop.wallClock.seconds + step.seconds)
          return ClockReading(now: loop.now, wallClock: wallClock)
        })
      journal.onCommitted = { [unowned self] actions in
        committed.append(Self.texts(actions))
        if journal.isIdle { loop.stop() }
      }
      journal.onFailed = { [unowned self] error in
        failures.append("\(error)")
        loop.stop()
      }
      loop.onEndOfTurn = { [unowned self] in journal.commit() }
      let end = loop.now + .seconds(20)
      loop.nextDeadline = { end }
      loop.onDeadline = { [unowned loop] _ in loop.stop() }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// What is on disk, by another connection.
    func stored() throws -> [IPv4Address] {
      let clock = ClockReading(now: loop.now, wallClock: loop.wallClock)
      return try LeaseStore.open(at: folder + "/leases.sqlite", clock: clock).leases.map(\.address)
    }

    /// An ACK, as the journal is handed it, whose arena is used for other things at once.
    func hold(_ text: String) {
      var actions = Actions()
      actions.writer.write("what was written before")
      let start = actions.writer.count
      actions.writer.write(text)
      let endpoint = Endpoint(IPv4Address(10, 0, 0, 1), 68)
      journal.hold(
        .send(
          Reply(
            payload: actions.written(since: start), destination: .endpoint(endpoint),
            source: endpoint, interface: 1)), of: actions)
      actions.clear()
    }

    static func texts(_ actions: Actions) -> [String] {
      actions.list.compactMap { action in
        guard case .send(let reply) = action else { return nil }
        return String(decoding: actions.octets(reply.payload), as: UTF8.self)
      }
    }
  }

  private static func lease(_ number: UInt32, _ loop: EventLoop) -> Lease {
    Lease(
      address: IPv4Address(0x0a00_0000 + number),
      client: .hardware(MACAddress(number: UInt64(number))), expiry: loop.now + .seconds(3600))
  }

  @Test func anACKFollowsItsLeaseToTheDisk() throws {
    let bench = try Bench()
    var isOnDisk: [Bool] = []
    let committed = bench.journal.onCommitted
    bench.journal.onCommitted = { actions in
      let stored = (try? bench.stored()) ?? []
      isOnDisk.append(stored == [IPv4Address(10, 0, 0, 7)])
      committed(actions)
    }
    #expect(bench.journal.isIdle)
    let isTaken = bench.journal.add(.put(Self.lease(7, bench.loop)))
    bench.hold("ack 7")
    #expect(isTaken && !bench.journal.isIdle && bench.committed.isEmpty)
    bench.loop.run()
    #expect(isOnDisk == [true])
    #expect(bench.committed == [["ack 7"]] && bench.failures.isEmpty && bench.journal.isIdle)
  }

  @Test func whatComesDuringACommitIsTheNext() throws {
    let bench = try Bench()
    _ = bench.journal.add(.put(Self.lease(1, bench.loop)))
    bench.hold("first")
    bench.journal.commit()
    #expect(bench.journal.isCommitting)
    for number: UInt32 in 2...200 {
      _ = bench.journal.add(.put(Self.lease(number, bench.loop)))
      bench.hold("ack \(number)")
    }
    _ = bench.journal.add(.erase(IPv4Address(10, 0, 0, 1)))
    bench.journal.commit()
    bench.loop.run()
    #expect(bench.committed.count == 2)
    #expect(bench.committed.first == ["first"])
    #expect(bench.committed.last == (2...200).map { "ack \($0)" })
    #expect(try bench.stored() == (2...200).map { IPv4Address(0x0a00_0000 + $0) })
  }

  /// Else a lease that was granted before would have ended two days ago at the next boot.
  @Test("Case 17: a clock that is set is committed, though no lease changes")
  func aClockThatIsSetIsCommitted() throws {
    let bench = try Bench()
    let committed = bench.journal.onCommitted
    var isDue: [Bool] = []
    bench.journal.onCommitted = { [unowned bench] actions in
      bench.journal.followClock()
      isDue.append(!bench.journal.isIdle)
      bench.step.seconds = 2 * 86_400
      bench.journal.followClock()
      isDue.append(!bench.journal.isIdle)
      committed(actions)
    }
    _ = bench.journal.add(.put(Self.lease(1, bench.loop)))
    bench.hold("ack 1")
    bench.loop.run()
    #expect(isDue == [false, true, false, false], "the clock was set between the two commits")
    #expect(bench.committed == [["ack 1"], []] && bench.failures.isEmpty)
    let next = UnixTime(seconds: bench.loop.wallClock.seconds + 2 * 86_400 + 60)
    let clock = ClockReading(now: .start, wallClock: next, boot: "next")
    let lease = try LeaseStore.open(at: bench.folder + "/leases.sqlite", clock: clock).leases.first
    let remaining = ((lease?.expiry ?? .start) - .start).components.seconds
    #expect(remaining > 3500 && remaining <= 3600)
  }

  /// The start finds the database locked and reads it without its log, in which another machine has
  /// the address: that machine's ACK went out, and is worth more than what was read.
  @Test func aDatabaseThatCanBeReadAtLastIsBelieved() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let database = bench.folder + "/state/leases.sqlite"
    func count(_ name: String, _ appliance: Appliance) -> Int {
      appliance.counters.all.first { $0.name == name }?.count ?? 0
    }
    _ = bench.play([
      .run { Self.request(7, to: $0) }, .until { count("lease.granted", $0) == 1 },
    ])
    bench.end()
    var holder: HeldDatabase? = try HeldDatabase(database)
    try holder?.execute("UPDATE lease SET client=x'020000000008'")
    let again = try bench.restarted()
    var owner: ClientIdentity?
    _ = again.play([
      .run { appliance in
        holder = nil
        owner = appliance.dhcp.leases.binding(of: IPv4Address(10, 0, 0, 7))?.client
        Self.request(7, to: appliance)
      },
      .until { count("action.failed", $0) == 2 && $0.journal.isIdle },
    ])
    #expect(owner == .hardware(MACAddress(2, 0, 0, 0, 0, 7)), "without the log")
    let clock = again.appliance.clockReading
    let found = again.appliance.dhcp.leases.binding(of: IPv4Address(10, 0, 0, 7))?.client
    #expect(found == .hardware(MACAddress(2, 0, 0, 0, 0, 8)))
    let stored = try LeaseStore.open(at: database, clock: clock).leases
    #expect(stored.map(\.client) == [.hardware(MACAddress(2, 0, 0, 0, 0, 8))])
  }

  /// The registry beside it says that this is not the first start.
  @Test func aDatabaseThatIsGoneOrHasBadRowsIsTold() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let database = bench.folder + "/state/leases.sqlite"
    func failures(_ bench: ObjectBench) -> Int {
      _ = bench.play([])
      return bench.appliance.counters.all.first { $0.name == "action.failed" }?.count ?? 0
    }
    #expect(failures(bench) == 0)
    bench.end()
    for suffix in ["", "-wal", "-shm"] { unlink(database + suffix) }
    let second = try bench.restarted()
    #expect(failures(second) == 1)
    second.end()
    try Connection(database, .readWrite).execute(
      "INSERT INTO lease VALUES (-1, 1, x'00', x'', 0, 0)")
    let third = try second.restarted()
    #expect(failures(third) == 1)
    let fourth = try third.restarted()
    #expect(failures(fourth) == 0, "each is told once")
  }

  /// A database that somebody keeps for himself.
  private final class HeldDatabase {
    private let connection: Connection

    init(_ path: String) throws {
      connection = try Connection(path, .readWrite)
      try connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    }

    func execute(_ sql: String) throws { try connection.execute(sql) }
  }

  @Test func aFailedCommitDropsItsACKs() throws {
    let bench = try Bench()
    for name in ["leases.sqlite", "leases.sqlite-wal", "leases.sqlite-shm"] {
      try? FileManager.default.removeItem(atPath: bench.folder + "/" + name)
    }
    _ = bench.journal.add(.put(Self.lease(3, bench.loop)))
    bench.hold("never")
    bench.loop.run()
    #expect(bench.failures.count == 1 && bench.committed.isEmpty)
    #expect(bench.journal.isIdle, "what failed is not tried again: its clients ask again")
    #expect(try bench.stored().isEmpty)
  }

  /// A REQUEST through the DHCP service and a real appliance, whose database another process holds, and
  /// then takes away: the ACK's event, which comes after it, is told when the lease is on disk and not
  /// before.
  @Test func aSlowOrFailingDiskHoldsBackTheACK() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let database = bench.folder + "/state/leases.sqlite"
    let other = try Connection(database, .readWrite)
    var granted: [Int] = []
    var stored: [Int] = []
    func count(_ name: String, _ appliance: Appliance) -> Int {
      appliance.counters.all.first { $0.name == name }?.count ?? 0
    }
    func onDisk() -> Int {
      let rows = try? Connection(database, .readOnly).number("SELECT count(*) FROM lease")
      return Int(rows ?? -1)
    }
    var waits = 0
    _ = bench.play([
      .run { appliance in
        try? other.execute("BEGIN IMMEDIATE")
        Self.request(7, to: appliance)
        granted.append(count("lease.granted", appliance))
      },
      .until { appliance in
        waits += 1
        granted.append(count("lease.granted", appliance))
        return waits == 8
      },
      .run { _ in
        stored.append(onDisk())
        try? other.execute("ROLLBACK")
      },
      .until { count("lease.granted", $0) == 1 },
      .run { appliance in
        stored.append(onDisk())
        for suffix in ["", "-wal", "-shm"] { unlink(database + suffix) }
        Self.request(8, to: appliance)
      },
      .until { count("action.failed", $0) == 1 && $0.journal.isIdle },
      .run { granted.append(count("lease.granted", $0)) },
    ])
    #expect(granted.dropLast().allSatisfy { $0 == 0 } && granted.count == 10)
    #expect(granted.last == 1, "the second client got no ACK")
    #expect(stored == [0, 1])
    // It asks again. Both are on disk then, for the first was put again.
    let again = try bench.restarted()
    _ = again.play([
      .run { Self.request(8, to: $0) }, .until { count("lease.granted", $0) == 1 },
      .run { _ in stored.append(onDisk()) },
    ])
    #expect(stored == [0, 1, 2])
  }

  /// A REQUEST of a client that reboots and wants 10.0.0.`number`.
  private static func request(_ number: UInt8, to appliance: Appliance) {
    let catalog = Catalog(
      generation: 1, interfaces: [Interface(name: "lan", number: 9, dhcp: .authoritative)],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 0, 0, 0), length: 24), interface: "lan",
          pools: [Pool(IPv4Address(10, 0, 0, 2), IPv4Address(10, 0, 0, 99))])
      ],
      profiles: [Profile(name: "local", boot: .local)], machines: [],
      defaultProfile: .profile("local"), loaders: [])
    var header = DHCPHeader(
      hardwareAddress: HardwareAddress(MACAddress(2, 0, 0, 0, 0, number)))
    header.isRequest = true
    var output = ByteWriter()
    let writer = DHCPWriter(header, limit: 4000, into: &output)
    writer.option(53, [3], into: &output)
    writer.option(50, [10, 0, 0, number], into: &output)
    writer.finish(into: &output)
    let arrival = Arrival(
      source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
      local: IPv4Address(10, 0, 0, 1), interface: 9)
    let octets = output.bytes
    var actions = Actions()
    appliance.dhcp.receive(
      octets.rawSpan, from: arrival, catalog, at: appliance.loop.now, into: &actions)
    appliance.perform(actions)
    appliance.journal.commit()
  }

  @Test func aFullJournalTakesNoMorePromises() throws {
    let bench = try Bench()
    let lease = Self.lease(1, bench.loop)
    var taken = 0
    while bench.journal.add(.put(lease)) { taken += 1 }
    #expect(taken == LeaseJournal.limit)
    // What was there before the database was taken away goes in all the same.
    bench.journal.addAgain([Self.lease(2, bench.loop)])
    bench.loop.run()
    #expect(try bench.stored().count == 2)
    let isTaken = bench.journal.add(.put(lease))
    #expect(isTaken)
  }
}
