import Boot
import Bytes
import EventLoop
import Foundation
import Network
import Services
import Store
import Testing

@testable import Appliance

/// The journal over a real loop and a real database. A loop that nothing stops would not end, so
/// each test has one that stops by itself.
@Suite("Lease journal", .serialized) struct LeaseJournalTests {
  /// A journal on a loop of its own, with what it performed.
  private final class Bench {
    let folder: String
    let loop: EventLoop
    let journal: LeaseJournal
    private(set) var committed: [[String]] = []
    private(set) var failures: [String] = []

    init() throws {
      folder = NSTemporaryDirectory() + "journal-" + UUID().uuidString
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      loop = try EventLoop()
      let clock = ClockReading(now: loop.now, wallClock: loop.wallClock)
      journal = LeaseJournal(
        loop: loop, store: try LeaseStore.open(at: folder + "/leases.sqlite", clock: clock).store,
        boot: "")
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
