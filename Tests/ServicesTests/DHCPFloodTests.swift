import Boot
import Network
import Services
import Testing
import Wire

@Suite("Case 16: DISCOVERs of clients that do not exist") struct DHCPFloodTests {
  static let pool = Pool(IPv4Address(10, 77, 1, 0), IPv4Address(10, 77, 1, 199))
  var bench = DHCPBench()

  init() { bench.catalog = DHCPBench.catalog(pools: [Self.pool]) }

  /// `count` DISCOVERs, each of another client; how many were offered an address.
  private mutating func flood(_ count: Int, from first: Int = 0, wishes: Bool = false) -> Int {
    var offers = 0
    for number in first..<first + count {
      let address = MACAddress(
        0x02, 0xff, 0, UInt8(number >> 16 & 0xff), UInt8(number >> 8 & 0xff), UInt8(number & 0xff))
      var discover = DHCPBench.question(.discover, address)
      if wishes { discover[50] = [10, 77, 1, UInt8(number % 200)] }
      bench.send(discover)
      if bench.answer != nil { offers += 1 }
    }
    return offers
  }

  @Test(arguments: [false, true])
  mutating func aMachineThatBootsGetsAnAddressAllTheSame(_ wishes: Bool) throws {
    let offers = flood(2_000, wishes: wishes)
    #expect(offers == 175)
    #expect(bench.facts.contains("pool.exhausted"))
    // Its first DISCOVER could be anybody's; its second has its address.
    let first = bench.boot(1)
    #expect(first == nil)
    let more = flood(2_000, from: 10_000, wishes: wishes)
    #expect(more == 0)
    bench.now = bench.now + .seconds(4)
    let second = bench.boot(1)
    let address = try #require(second)
    // It keeps it, and what is named or was here before needs no second.
    let last = flood(2_000, from: 20_000, wishes: wishes)
    #expect(last == 0)
    let again = bench.boot(1)
    #expect(again == address)
    let reserved = bench.boot(0xa1)
    #expect(reserved == IPv4Address(10, 77, 0, 7))
    // A minute after the flood all is as before.
    bench.now = bench.now + .seconds(61)
    let later = bench.boot(2)
    #expect(later != nil)
  }

  @Test mutating func aPoolOfAFewAddressesIsGivenWhole() {
    bench.catalog = DHCPBench.catalog(pools: [DHCPBench.pool])
    for machine in 1...10 as ClosedRange<UInt8> {
      let address = bench.boot(machine)
      #expect(address != nil)
    }
  }

  @Test(
    "Case 21: a fleet as large as the pool that is powered on at once", arguments: [false, true])
  mutating func aFleetBoots(_ allAtOnce: Bool) {
    bench.catalog = DHCPBench.catalog(
      pools: [Pool(IPv4Address(10, 77, 1, 1), IPv4Address(10, 77, 1, 150))])
    var left = Array(1...150 as ClosedRange<UInt8>)
    for _ in 0..<3 {
      if allAtOnce {
        for machine in left { bench.send(DHCPBench.question(.discover, machine)) }
      }
      left.removeAll { bench.boot($0) != nil }
      bench.now = bench.now + .seconds(2)
    }
    #expect(left.isEmpty)
    #expect(bench.service.leases.leases(at: bench.now).count == 150)
  }
}
