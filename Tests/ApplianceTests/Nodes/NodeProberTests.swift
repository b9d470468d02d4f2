import EventLoop
import Network
import Testing

@testable import Appliance

/// Over a real loop and real sockets, in tenths of the seconds of production.
@Suite("Node prober", .serialized) struct NodeProberTests {
  private final class Bench {
    let loop: EventLoop
    let prober: NodeProber
    private(set) var results: [(name: String, isReachable: Bool)] = []
    var stopsAfter = Int.max

    init(_ rhythm: NodeProber.Rhythm, seconds: Int64 = 20) throws {
      loop = try EventLoop()
      prober = NodeProber(loop, rhythm: rhythm)
      let end = loop.now + .seconds(seconds)
      loop.nextDeadline = { end }
      loop.onDeadline = { [unowned loop] _ in loop.stop() }
      loop.every(.milliseconds(20)) { [unowned self] in prober.tick() }
      prober.onResult = { [unowned self] name, isReachable in
        results.append((name: name, isReachable: isReachable))
        if results.count >= stopsAfter { loop.stop() }
      }
    }

    func run() {
      loop.run()
      prober.close()
    }

    func target(
      _ name: String, _ addresses: [IPv4Address] = [IPv4Address(127, 0, 0, 1)],
      age: Duration = .seconds(3600)
    ) -> NodeProber.Target {
      NodeProber.Target(
        name: name, places: addresses.map { NodeProber.Place(address: $0, device: "lo") },
        installed: Instant(nanoseconds: loop.now.nanoseconds - age.nanoseconds),
        isReachable: false)
    }
  }

  private static func listen(_ loop: EventLoop) throws -> (StreamListener, UInt16) {
    let listener = try StreamListener(loop: loop, address: IPv4Address(127, 0, 0, 1), port: 0)
    return (listener, try #require(listener.local).port)
  }

  @Test func eachNodeIsAskedAndAgainAfterThePeriod() throws {
    let ear = try EventLoop()
    let (listener, port) = try Self.listen(ear)
    let bench = try Bench(.init(port: port, period: .milliseconds(300)))
    bench.stopsAfter = 4
    let start = bench.loop.now
    // 127.0.0.2 is this machine too; the listener is not there.
    bench.prober.follow([
      bench.target("there"), bench.target("away", [IPv4Address(127, 0, 0, 2)]),
      bench.target("nowhere", []),
    ])
    bench.run()
    let there = bench.results.filter { $0.name == "there" }.map(\.isReachable)
    let away = bench.results.filter { $0.name == "away" }.map(\.isReachable)
    #expect(there.count + away.count == 4)
    #expect(Set(there) == [true] && Set(away) == [false])
    #expect(bench.loop.now - start >= .milliseconds(300))
    listener.close()
  }

  @Test func anyOfItsAddressesWillDo() throws {
    let ear = try EventLoop()
    let (listener, port) = try Self.listen(ear)
    let bench = try Bench(.init(port: port))
    bench.stopsAfter = 1
    bench.prober.follow(
      bench.target("two", [IPv4Address(127, 0, 0, 2), IPv4Address(127, 0, 0, 1)]))
    bench.run()
    #expect(bench.results.map(\.isReachable) == [true])
    listener.close()
  }

  @Test func aNewNodeIsAskedOftenUntilItAnswers() throws {
    let ear = try EventLoop()
    let (listener, port) = try Self.listen(ear)
    listener.close()
    let bench = try Bench(
      .init(
        port: port, period: .seconds(60), eagerPeriod: .milliseconds(100), eagerFor: .seconds(10)))
    bench.stopsAfter = 3
    bench.prober.follow(bench.target("new", age: .zero))
    bench.prober.follow(bench.target("old", [IPv4Address(127, 0, 0, 2)]))
    bench.run()
    #expect(bench.results.filter { $0.name == "new" }.count == 2)
  }

  @Test func noMoreAreAskedAtOnceThanMayBe() throws {
    let ear = try EventLoop()
    let (listener, port) = try Self.listen(ear)
    let bench = try Bench(.init(port: port, mostAtOnce: 2))
    bench.stopsAfter = 5
    for index in 0..<5 { bench.prober.follow(bench.target("n\(index)")) }
    bench.prober.tick()
    #expect(bench.prober.probeCount == 2)
    bench.run()
    #expect(Set(bench.results.map(\.name)).count == 5)
    listener.close()
  }

  @Test func aNodeThatIsForgottenIsNotAsked() throws {
    let ear = try EventLoop()
    let (listener, port) = try Self.listen(ear)
    let bench = try Bench(.init(port: port, period: .milliseconds(50)), seconds: 1)
    bench.prober.follow([bench.target("one")])
    bench.prober.tick()
    bench.prober.forget("one")
    bench.run()
    #expect(bench.results.isEmpty)
    bench.prober.follow([])
    listener.close()
  }
}
