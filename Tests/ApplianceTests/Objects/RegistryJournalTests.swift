import Boot
import EventLoop
import Foundation
import Network
import Services
import Store
import Testing

@testable import Appliance

/// What follows a change of the registry, in a real appliance.
@Suite("Registry journal", .serialized) struct RegistryJournalTests {
  private static let provision = Provision(
    machine: "m1", site: "nbg1", state: .armed, since: .start, cause: "operator")

  private static func lease(_ appliance: Appliance) -> Lease {
    Lease(
      address: IPv4Address(10, 0, 0, 7), client: .hardware(MACAddress(number: 7)),
      expiry: appliance.loop.now + .seconds(3600))
  }

  /// What is on both disks, by other connections.
  private static func onDisk(_ bench: ObjectBench) -> [Int] {
    let clock = bench.appliance.clockReading
    let leases = try? LeaseStore.open(at: bench.folder + "/state/leases.sqlite", clock: clock)
    let registry = try? RegistryStore.open(
      at: bench.folder + "/state/registry.sqlite", clock: clock)
    return [leases?.leases.count ?? -1, registry?.contents.provisions.count ?? -1]
  }

  private static func count(_ appliance: Appliance) -> Int {
    appliance.counters.all.first { $0.name == "configuration.warned" }?.count ?? 0
  }

  @Test(arguments: [true, false])
  func whatFollowsALeaseAndAChangeWaitsForBoth(isLeaseFirst: Bool) throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    var stored: [Int] = []
    let mark = Event(.configurationWarned(text: "after both"))
    _ = bench.play([
      .run { appliance in
        var actions = Actions()
        let change = Action.keep(.provision(Self.provision))
        let lease = Action.store(Self.lease(appliance))
        for action in isLeaseFirst ? [lease, change] : [change, lease] { actions.append(action) }
        actions.record(mark)
        appliance.perform(actions)
        #expect(Self.count(appliance) == 0)
      },
      .until { Self.count($0) == 1 },
      .run { _ in stored = Self.onDisk(bench) },
    ])
    #expect(stored == [1, 1])
  }

  @Test func whoKeepsIsToldWhenItIsDurable() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    var told: [Bool] = []
    var stored: [Int] = []
    _ = bench.play([
      .run { appliance in
        appliance.keep([.provision(Self.provision)]) { isKept in
          told.append(isKept)
          stored = Self.onDisk(bench)
        }
        #expect(told.isEmpty)
        appliance.keep([]) { told.append($0) }
        #expect(told == [true], "nothing is durable at once")
      },
      .until { _ in told.count == 2 },
    ])
    #expect(told == [true, true] && stored == [0, 1])
  }

  @Test func aFullJournalAndALostDatabaseAreToldToWhoKeeps() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    var told: [Bool] = []
    _ = bench.play([
      .run { appliance in
        let many = Array(
          repeating: RegistryChange.forgetNode(name: "x"), count: RegistryJournal.limit)
        #expect(appliance.registryJournal.add(many))
        appliance.keep([.provision(Self.provision)]) { told.append($0) }
        #expect(told == [false])
      },
      .until { $0.registryJournal.isIdle },
      .run { _ in
        for suffix in ["", "-wal", "-shm"] {
          let path = bench.folder + "/state/registry.sqlite" + suffix
          try? FileManager.default.removeItem(atPath: path)
        }
      },
      .run { $0.keep([.provision(Self.provision)]) { told.append($0) } },
      .until { _ in told.count == 2 },
      .run { $0.keep([.provision(Self.provision)]) { told.append($0) } },
      .until { _ in told.count == 3 },
    ])
    #expect(told == [false, false, true])
  }

  @Test func aLostRegistryIsFilledWithAllThatIsKept() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    var told: [Bool] = []
    _ = bench.play([
      .run { appliance in
        appliance.dhcp.provisions.restore(Self.provision)
        for suffix in ["", "-wal", "-shm"] {
          let path = bench.folder + "/state/registry.sqlite" + suffix
          try? FileManager.default.removeItem(atPath: path)
        }
        appliance.keep([.forgetNode(name: "x")]) { told.append($0) }
      },
      .until { _ in told == [false] },
      .until { $0.registryJournal.isIdle },
    ])
    let again = try bench.restarted()
    #expect(again.appliance.dhcp.provisions.all.map(\.machine) == ["m1"])
  }
}
