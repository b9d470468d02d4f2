import Boot
import Network
import Services
import Testing
import Wire

/// Hardening cases 13 and 15 to 16: who wants more addresses than one machine needs.
@Suite struct StarvationTests {
  var bench = DHCPBench()

  static func stranger(_ number: Int) -> MACAddress {
    MACAddress(number: 0x02ff_0000_0000 + UInt64(number))
  }

  /// A DISCOVER through a switch that names its port (RFC 3046), or without one.
  static func discover(_ number: Int, port: String? = nil) -> DHCPBench.Question {
    var discover = DHCPBench.question(.discover, stranger(number))
    if let port { discover[82] = [1, UInt8(port.utf8.count)] + Array(port.utf8) }
    return discover
  }

  /// How many of the strangers are offered an address.
  mutating func flood(_ numbers: Range<Int>, port: String? = nil) -> Int {
    var offers = 0
    for number in numbers {
      bench.send(Self.discover(number, port: port))
      if bench.answer != nil { offers += 1 }
      floods += bench.events.compactMap { if case .floodSeen = $0.fact { $0.fact } else { nil } }
    }
    return offers
  }
  /// Alarms so far.
  var floods: [Fact] = []

  /// DISCOVER and REQUEST of machine `number`; its address.
  mutating func boot(_ number: Int, port: String? = nil) -> IPv4Address? {
    bench.send(Self.discover(number, port: port))
    guard let offer = bench.answer else { return nil }
    var request = Self.discover(number, port: port)
    request[53] = [DHCPMessageType.request.rawValue]
    request[50] = octets(offer.address)
    request[54] = offer.meaning[54]
    bench.send(request)
    return bench.answer?.type == .ack ? bench.answer?.address : nil
  }

  static let wide = Pool(IPv4Address(10, 77, 16, 0), IPv4Address(10, 77, 127, 255))

  @Test("Case 13: a rack that DISCOVERs at once, and again, has distinct OFFERs and hears no NAK")
  mutating func nobodyIsOfferedAnothersAddress() {
    bench.catalog = DHCPBench.catalog(pools: [Self.wide])
    var offers: [Int: IPv4Address] = [:]
    for round in 0..<3 {
      for number in 0..<200 {
        bench.send(Self.discover(number))
        let address = bench.answer?.address
        #expect(address != nil && (round == 0 || address == offers[number]))
        offers[number] = address
      }
    }
    #expect(Set(offers.values).count == 200)
    for number in (0..<200).reversed() {
      #expect(boot(number) == offers[number])
      #expect(!bench.facts.contains("request.refused"))
    }
    // Who asks for what another was offered is refused.
    var thief = DHCPBench.question(.request, 0xee)
    thief[50] = offers[7].map { octets($0) }
    bench.send(thief)
    #expect(bench.answer?.type == .nak)
  }

  @Test("Case 15: a client that declines all that it is offered leaves the pool to the others")
  mutating func aFloodOfDeclines() {
    let pool = Pool(IPv4Address(10, 77, 1, 0), IPv4Address(10, 77, 1, 199))
    bench.catalog = DHCPBench.catalog(pools: [pool])
    let own = boot(100_000)
    for number in 0..<1_000 {
      // From one hardware address, and from ever new ones.
      let client = number % 2 == 0 ? 1 : number
      guard let address = boot(client) else { continue }
      var decline = Self.discover(client)
      decline[53] = [DHCPMessageType.decline.rawValue]
      decline[50] = octets(address)
      decline[54] = octets(DHCPBench.own)
      bench.send(decline)
      #expect(bench.facts == ["address.declined"])
    }
    var setAside = 0
    for number in pool.first.number...pool.last.number {
      let binding = bench.service.leases.binding(of: IPv4Address(number))
      if binding?.state == .quarantined { setAside += 1 }
    }
    #expect(setAside == LeaseTable.quarantineLimit)
    for number in 2_000..<2_030 { #expect(boot(number) != nil) }
    #expect(own != nil && boot(100_000) == own)
  }

  @Test("Case 15: a DECLINE of another's address, of the wrong hardware, changes nothing")
  mutating func aForgedDeclineIsIgnored() throws {
    let booted = boot(1)
    let address = try #require(booted)
    for number in 2..<200 {
      var decline = Self.discover(number)
      decline[53] = [DHCPMessageType.decline.rawValue]
      decline[50] = octets(address)
      bench.send(decline)
      #expect(bench.kinds.isEmpty && bench.facts == ["packet.dropped"])
    }
    #expect(boot(1) == address)
  }

  @Test("Case 16: a flood leaves leases, reservations and who was here before as they are")
  mutating func knownMachinesAreUnaffected() {
    bench.catalog = DHCPBench.catalog(
      pools: [Pool(IPv4Address(10, 77, 1, 0), IPv4Address(10, 77, 1, 255))])
    let mine = (0..<50).map { boot($0) }
    let offers = flood(1_000..<11_000)
    #expect(offers < 206)
    #expect((0..<50).map { boot($0) } == mine)
    #expect(bench.boot(0xa1) == IPv4Address(10, 77, 0, 7))
    #expect(floods.count == 1)
  }

  @Test("Case 16: a port of a relay has its quota, and others do not feel its flood")
  mutating func aPortHasItsQuota() {
    bench.catalog = DHCPBench.catalog(pools: [Self.wide])
    #expect(flood(0..<2_000, port: "p1") == NewcomerQuota.limitOfPort)
    #expect(
      floods == [
        .floodSeen(
          interface: "eth1", relayPort: Array("p1".utf8), clients: NewcomerQuota.limitOfPort)
      ])
    // The machine at that port that the operator named, and everybody elsewhere.
    var named = DHCPBench.question(.discover, 0xa1)
    named[82] = [1, 2] + Array("p1".utf8)
    bench.send(named)
    #expect(bench.answer?.address == IPv4Address(10, 77, 0, 7))
    #expect(boot(50_000, port: "p2") != nil && boot(50_001) != nil)
    // Who comes again is served, but not without end.
    #expect(flood(0..<2_000, port: "p1") == NewcomerQuota.limit)
    #expect(boot(50_002, port: "p2") == nil && boot(50_002, port: "p2") != nil)
    // Each minute anew; what one took up does not count.
    bench.now = bench.now + .seconds(61)
    let booted = (60_000..<60_100).filter { boot($0, port: "p1") != nil }
    #expect(booted.count == 100 && floods.count == 1)
    #expect(flood(70_000..<70_100, port: "p1") == NewcomerQuota.limitOfPort)
    #expect(floods.count == 2)
  }

  @Test("Case 16: an interface has its quota, and who comes again is served")
  mutating func anInterfaceHasItsQuota() {
    bench.catalog = DHCPBench.catalog(pools: [Self.wide])
    let offers = flood(0..<10_000)
    #expect(offers == NewcomerQuota.limit)
    #expect(
      floods == [.floodSeen(interface: "eth1", relayPort: [], clients: NewcomerQuota.limit)])
    #expect(boot(20_000) == nil)
    #expect(boot(20_000) != nil)
    var elsewhere = DHCPBench.question(.discover, 1)
    elsewhere.interface = 3
    bench.send(elsewhere)
    #expect(bench.answer?.type == .offer)
    bench.now = bench.now + .seconds(61)
    #expect(boot(20_001) != nil)
  }

  @Test("Case 16: ports that are made up have no more than the interface, and few alarms")
  mutating func madeUpPortsAreBounded() {
    bench.catalog = DHCPBench.catalog(pools: [Self.wide])
    var offers = 0
    for number in 0..<3_000 { offers += flood(number..<number + 1, port: "p\(number % 1500)") }
    #expect(offers == NewcomerQuota.limit)
    for port in 0..<40 { _ = flood(10_000..<10_040, port: "q\(port)") }
    for port in 0..<40 {
      for round in 0..<2 {
        let first = 20_000 + port * 50
        _ = (round, flood(first..<first + 50, port: "r\(port)"))
      }
    }
    #expect((1...NewcomerQuota.alarmLimit).contains(floods.count))
  }

  @Test("Case 16, case 21: a fleet that takes what it is offered meets no quota")
  mutating func aFleetMeetsNoQuota() {
    bench.catalog = DHCPBench.catalog(pools: [Self.wide])
    for number in 0..<3_000 {
      #expect(boot(number) != nil)
      floods += bench.events.map(\.fact).filter { $0.name == "flood.seen" }
    }
    #expect(floods.isEmpty && bench.service.leases.leases(at: bench.now).count == 3_000)
  }

  @Test("Case 21: a thousand machines at power-on, all before the first is answered")
  mutating func aThousandAtOnce() {
    bench.catalog = DHCPBench.catalog(pools: [Self.wide])
    var left = Array(0..<1_000)
    var granted: [Int: IPv4Address] = [:]
    // Firmware asks again when nothing comes, and each copy that waited is answered.
    for _ in 0..<3 {
      for number in left { bench.send(Self.discover(number)) }
      for number in left.reversed() { bench.send(Self.discover(number)) }
      left.removeAll { number in
        granted[number] = boot(number)
        return granted[number] != nil
      }
      bench.now = bench.now + .seconds(4)
    }
    #expect(left.isEmpty && Set(granted.values).count == 1_000)
    let leases = bench.service.leases.leases(at: bench.now)
    #expect(leases.count == 1_000 && bench.service.leases.count == 1_000)
    // No lease is lost: each machine has its own when it comes again.
    #expect((0..<1_000).allSatisfy { boot($0) == granted[$0] })
  }
}
