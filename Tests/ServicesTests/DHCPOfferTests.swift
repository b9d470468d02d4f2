import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// DISCOVER: which address is offered, and to whom nothing is (RFC 2131 §4.3.1).
@Suite struct DHCPOfferTests {
  var bench = DHCPBench()

  @Test mutating func aNewMachineGetsTheFirstFreeAddress() {
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.answer?.type == .offer)
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 10))
    #expect(bench.facts == ["discover.received", "address.offered"])
    #expect(bench.kinds == ["send"])
  }

  @Test("Case 13: two machines that DISCOVER at once get two addresses")
  mutating func noAddressIsOfferedTwice() {
    var offered: Set<IPv4Address> = []
    for machine: UInt8 in 1...10 {
      bench.send(DHCPBench.question(.discover, machine))
      if let address = bench.answer?.address { offered.insert(address) }
    }
    #expect(offered.count == 10)
    bench.send(DHCPBench.question(.discover, 11))
    #expect(bench.answer == nil)
    #expect(bench.facts.contains("pool.exhausted"))
  }

  @Test mutating func aRepeatedDISCOVERIsOfferedTheSameAddress() {
    bench.send(DHCPBench.question(.discover, 1))
    bench.send(DHCPBench.question(.discover, 2))
    bench.now = bench.now + .seconds(5)
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 10))
  }

  @Test mutating func aReservationComesBeforeAllElse() {
    var discover = DHCPBench.question(.discover, 0xa1)
    discover[50] = octets(IPv4Address(10, 77, 1, 15))
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 77, 0, 7))
    #expect(bench.answer?.text(12) == "reserved")
  }

  @Test mutating func theAddressOfAnEarlierLeaseComesBeforeTheOneAskedFor() {
    let address = bench.boot(1)
    bench.now = bench.now + .seconds(7200)
    var discover = DHCPBench.question(.discover, 1)
    discover[50] = octets(IPv4Address(10, 77, 1, 15))
    bench.send(discover)
    #expect(bench.answer?.address == address)
  }

  @Test(arguments: [
    (IPv4Address(10, 77, 1, 15), IPv4Address(10, 77, 1, 15)),  // free, of the pool
    (IPv4Address(10, 77, 0, 7), IPv4Address(10, 77, 1, 10)),  // reserved for another
    (IPv4Address(10, 77, 2, 9), IPv4Address(10, 77, 1, 10)),  // of no pool
    (IPv4Address(10, 77, 0, 1), IPv4Address(10, 77, 1, 10)),  // our own
    (IPv4Address(10, 78, 0, 100), IPv4Address(10, 77, 1, 10)),  // of another wire
    (IPv4Address(0), IPv4Address(10, 77, 1, 10)), (.broadcast, IPv4Address(10, 77, 1, 10)),
  ]) mutating func theAddressAskedForIsOfferedWhenItMayBe(_ row: (IPv4Address, IPv4Address)) {
    var discover = DHCPBench.question(.discover, 1)
    discover[50] = octets(row.0)
    bench.send(discover)
    #expect(bench.answer?.address == row.1)
  }

  @Test mutating func anotherMachinesAddressIsNotOfferedThoughAskedFor() {
    let taken = bench.boot(1)
    var discover = DHCPBench.question(.discover, 2)
    discover[50] = taken.map { octets($0) }
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 11))
  }

  @Test mutating func anOfferThatIsNotRequestedIsFreeAfterAMinute() {
    for machine: UInt8 in 1...10 { bench.send(DHCPBench.question(.discover, machine)) }
    bench.now = bench.now + .seconds(59)
    bench.send(DHCPBench.question(.discover, 11))
    #expect(bench.answer == nil)
    bench.now = bench.now + .seconds(2)
    bench.send(DHCPBench.question(.discover, 11))
    #expect(bench.answer?.type == .offer)
  }

  @Test mutating func expiredLeasesAreUsedAgainWhenNothingElseIsFree() {
    for machine: UInt8 in 1...10 { bench.boot(machine) }
    bench.send(DHCPBench.question(.discover, 11))
    #expect(bench.answer == nil)
    bench.now = bench.now + .seconds(3600)
    #expect(bench.boot(11) != nil)
    #expect(bench.service.leases.count == 10)
  }

  @Test("Policy `ignore` is total silence", arguments: DHCPMessageType.allOfClients)
  mutating func anIgnoredMachineHearsNothing(_ type: DHCPMessageType) {
    var question = DHCPBench.question(type, 0xa2)
    question[50] = [10, 77, 1, 10]
    if type == .inform || type == .release {
      question.header.clientAddress = IPv4Address(10, 77, 1, 10)
    }
    bench.send(question)
    #expect(bench.kinds.isEmpty)
    #expect(bench.facts.contains("machine.ignored") || bench.facts.contains("packet.dropped"))
  }

  @Test mutating func whoMatchesNothingIsIgnoredWhenTheDefaultSaysSo() {
    bench.catalog = DHCPBench.catalog(defaultProfile: .ignore)
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.kinds.isEmpty)
    bench.send(DHCPBench.question(.discover, 0xa3))
    #expect(bench.answer?.type == .offer)
  }

  @Test(arguments: [Interface.Mode.proxy, .off])
  mutating func onlyAnAuthoritativeInterfaceGivesAddresses(_ mode: Interface.Mode) {
    bench.catalog = DHCPBench.catalog(mode: mode)
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.kinds.isEmpty && bench.facts == ["packet.dropped"])
  }

  @Test mutating func aWireWithoutSubnetHearsNothing() {
    var discover = DHCPBench.question(.discover, 1)
    discover.interface = 4
    bench.send(discover)
    #expect(bench.kinds.isEmpty && bench.facts.contains("packet.dropped"))
  }

  @Test(
    "Case 4: all-zero, multicast and broadcast chaddr; hlen 0, 1, 5, 16 of Ethernet",
    arguments: [
      HardwareAddress(.zero), HardwareAddress(.broadcast),
      HardwareAddress(MACAddress(1, 0, 0x5e, 0, 0, 1)),
      HardwareAddress(type: 1, length: 0, high: 0, low: 0),
      HardwareAddress(type: 1, length: 1, high: 0x5200_0000_0000_0000, low: 0),
      HardwareAddress(type: 1, length: 5, high: 0x5254_0000_0100_0000, low: 0),
      HardwareAddress(type: 1, length: 16, high: 0x5254_0000_0100_0000, low: 0),
      HardwareAddress(type: 32, length: 0, high: 0, low: 0),  // InfiniBand, but no option 61
    ]) mutating func whoHasNoHardwareAddressOfItsOwnIsDropped(_ hardware: HardwareAddress)
  {
    var discover = DHCPBench.question(.discover, 1)
    discover.header.hardwareAddress = hardware
    if hardware.type == 1 { discover[61] = [0, 1, 2, 3] }
    bench.send(discover)
    #expect(bench.kinds.isEmpty && bench.facts == ["packet.malformed"])
    #expect(bench.service.leases.count == 0 && bench.service.sightings.count == 0)
  }

  @Test("Case 4: InfiniBand: htype 32, hlen 0, known by option 61 (RFC 4390)")
  mutating func anInfiniBandMachineIsKnownByItsClientIdentifier() {
    func question(_ type: DHCPMessageType, _ last: UInt8) -> DHCPBench.Question {
      var question = DHCPBench.question(type, 1)
      question.header.hardwareAddress = HardwareAddress(type: 32, length: 0, high: 0, low: 0)
      question[61] = [0xff, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0xc9, 0, last]
      return question
    }
    bench.send(question(.discover, 1))
    let first = bench.answer
    #expect(first?.meaning[61]?.last == 1)
    #expect(first?.meaning.header.hardwareAddress.type == 32)
    // It has no Ethernet address that a frame could be sent to.
    #expect(first?.reply.destination == .endpoint(Endpoint(.broadcast, 68)))
    bench.send(question(.discover, 2))
    #expect(bench.answer?.address != first?.address)
    var request = question(.request, 1)
    request[50] = first.map { octets($0.address) }
    request[54] = octets(DHCPBench.own)
    bench.send(request)
    #expect(bench.answer?.type == .ack && bench.answer?.address == first?.address)
  }

  @Test("Case 14: three client identifiers of one machine keep one address")
  mutating func oneMachineWithThreeClientIdentifiersKeepsOneAddress() {
    let identifiers: [[UInt8]?] = [
      nil, [1, 0x52, 0x54, 0, 0, 0, 1],
      [0xff, 0, 0, 0, 1, 0, 4] + [UInt8](repeating: 9, count: 16),
    ]
    let addresses = identifiers.map { identifier in bench.boot(1) { $0[61] = identifier } }
    #expect(addresses == [IPv4Address?](repeating: IPv4Address(10, 77, 1, 10), count: 3))
    #expect(bench.service.leases.count == 1)
  }

  @Test("Case 3: BOOTP without option 53 gets no answer")
  mutating func aBOOTPMessageIsIgnored() {
    var question = DHCPBench.question(.discover, 1)
    question[53] = nil
    bench.send(question)
    #expect(bench.kinds.isEmpty && bench.facts == ["packet.dropped"])
  }

  @Test("Case 6: replies and leasequery types", arguments: [0, 2, 5, 6, 9, 10, 13, 255] as [UInt8])
  mutating func whatIsNoClientsMessageIsDropped(_ type: UInt8) {
    var question = DHCPBench.question(.discover, 1)
    question[53] = [type]
    bench.send(question)
    #expect(bench.kinds.isEmpty)
    question.header.isRequest = false
    question[53] = [1]
    bench.send(question)
    #expect(bench.kinds.isEmpty)
  }

  @Test(
    "Case 1: every truncation of a DISCOVER is dropped and counted", arguments: PacketFixture.all)
  mutating func aTruncatedMessageIsDropped(_ fixture: PacketFixture) {
    let arrival = Arrival(
      source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
      local: DHCPBench.own, interface: 2)
    for count in 0..<240 {
      bench.receive(Array(fixture.octets[..<count]), arrival)
      #expect(bench.kinds.isEmpty && bench.facts == ["packet.malformed"])
    }
    // Beyond that a prefix may be a shorter message; it is answered or not, but never traps.
    for count in 240..<fixture.octets.count {
      bench.receive(Array(fixture.octets[..<count]), arrival)
      #expect(!bench.facts.isEmpty && bench.answers.count <= 1)
    }
  }
}

extension DHCPMessageType {
  static let allOfClients: [Self] = [.discover, .request, .inform, .decline, .release]
}
