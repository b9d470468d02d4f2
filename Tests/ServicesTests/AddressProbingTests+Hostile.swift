import Boot
import Network
import Services
import Testing
import Wire

/// Hosts that answer for what is not theirs, links that carry nothing, and losses of many leases.
extension AddressProbingTests {
  static let wide = Pool(IPv4Address(10, 77, 4, 0), IPv4Address(10, 77, 11, 255))
  static let relayed = IPv4Address(10, 78, 0, 100)

  private static func machine(_ number: Int) -> MACAddress {
    MACAddress(2, 1, 0, 0, UInt8(number >> 8), UInt8(number & 0xff))
  }

  private mutating func discover(_ machine: MACAddress, wish: IPv4Address? = nil) -> IPv4Address? {
    var discover = DHCPBench.question(.discover, machine)
    discover[50] = wish.map { octets($0) }
    bench.send(discover)
    return bench.answer?.address
  }

  private mutating func renew(_ machine: UInt8, _ address: IPv4Address) -> DHCPMessageType? {
    var renewal = DHCPBench.question(.request, machine)
    renewal.header.clientAddress = address
    renewal.source = Endpoint(address, 68)
    renewal.destination = DHCPBench.own
    bench.send(renewal)
    return bench.answer?.type
  }

  private mutating func beginAnew(
    _ machine: UInt8, _ address: IPv4Address
  ) -> DHCPMessageType? {
    var request = DHCPBench.question(.request, machine)
    request[50] = octets(address)
    request.header.relayAddress = DHCPBench.relay
    request.source = Endpoint(DHCPBench.relay, 67)
    bench.send(request)
    return bench.answer?.type
  }

  // Links

  @Test mutating func silenceOnALinkThatIsDownProvesNothing() {
    hosts[address(10)] = Self.squatter
    bench.service.linksAreDown([2])
    pass(.seconds(300))
    #expect(asked.isEmpty)
    // Now the switch runs, and what is there answers before anything is offered.
    bench.service.linksAreDown([])
    pass(.seconds(3))
    #expect(bench.boot(1) == address(11))
  }

  @Test mutating func aLinkThatComesBackIsAskedAllAnew() {
    pass(.seconds(900))
    bench.service.linksAreDown([2])
    pass(.seconds(10))
    asked = []
    bench.service.linksAreDown([])
    pass(.seconds(3))
    #expect(Set(asked).count == 10)
    // And again a minute later, for a switch swallows the first frames.
    asked = []
    pass(.seconds(70))
    #expect(Set(asked).count == 10)
  }

  @Test mutating func behindRelaysAChangedLinkIsAskedAnewToo() {
    configure(isRelayed: true)
    pass(.seconds(5))
    asked = []
    bench.service.linksAreDown([2, 3, 4])
    pass(.seconds(100))
    #expect(asked.isEmpty)
    bench.service.linksAreDown([3])
    pass(.seconds(5))
    #expect(Set(asked).count == 10)
  }

  @Test mutating func whatCouldNotBeAskedIsNotProven() {
    canSend = false
    hosts[address(10)] = Self.squatter
    bench.service.leasesWereLost(at: bench.now)
    pass(.seconds(30))
    #expect(!asked.isEmpty && asked.count < 32 * 30)
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.answer == nil, "none is proven")
    canSend = true
    pass(.seconds(5))
    #expect(bench.boot(1) == address(11))
  }

  @Test mutating func aFrameThatDidNotLeaveIsAskedAgain() {
    hosts = [:]
    pass(.milliseconds(1500))
    bench.service.probesFailed(on: 3, at: bench.now)
    bench.service.probesFailed(on: 2, at: bench.now)
    hosts[address(10)] = Self.squatter
    pass(.seconds(6))
    #expect(bench.boot(1) == address(11))
  }

  // Who answers for everything

  @Test mutating func anARPProxyIsToldOnceAndBelievedNoMore() {
    proxy = Self.squatter
    configure(pools: [Self.wide])
    let lived = IPv4Address(10, 77, 4, 20)
    hosts[lived] = DHCPBench.mac(0x99)
    pass(.seconds(60))
    let told = events.count { $0.fact == .answersDisbelieved(Self.wide, by: Self.squatter) }
    #expect(told == 1)
    #expect(events.count <= 20)
    // Who is there is found out all the same.
    let given = (1...20 as ClosedRange<UInt8>).compactMap { bench.boot($0) }
    #expect(given.count == 20 && !given.contains(lived))
    #expect(bench.boot(0x99) == lived)
  }

  @Test mutating func anARPProxyDoesNotStarveNewcomersAfterALoss() {
    proxy = Self.squatter
    bench.service.leasesWereLost(at: bench.now)
    pass(.seconds(10))
    #expect(bench.boot(1) != nil)
    #expect(events.count < 20)
  }

  /// Many hosts, or one that makes up hardware addresses.
  @Test mutating func whereEveryAddressIsAnsweredForLittleIsAsked() {
    configure(pools: [Self.wide])
    for number in 0..<Self.wide.count {
      hosts[IPv4Address(Self.wide.first.number + UInt32(number))] = Self.machine(number)
    }
    pass(.seconds(600))
    #expect(asked.count < 64 * 30, "\(asked.count)")
    #expect(events.count < 64 * 30)
  }

  @Test mutating func questionsLeaveNoFasterThanTheirRate() {
    configure(pools: [Self.wide])
    pass(.seconds(2))
    for number in 1...200 { _ = discover(Self.machine(number)) }
    asked = []
    pass(.seconds(1))
    #expect(asked.count <= 128)
    pass(.seconds(9))
    #expect(asked.count <= 64 * 11)
  }

  @Test("Case 11: a renewal is believed, whoever answered first")
  mutating func aRenewalIsBelievedWhoeverAnsweredFirst() {
    bench.service.leasesWereLost(at: bench.now)
    hosts[address(10)] = Self.squatter
    pass(.seconds(5))
    #expect(bench.service.leases.isOccupied(address(10), at: bench.now))
    #expect(renew(3, address(10)) == .ack)
    // Not where no lease was lost.
    bench = DHCPBench()
    configure()
    hosts[address(10)] = Self.squatter
    pass(.seconds(5))
    #expect(renew(3, address(10)) == .nak)
  }

  @Test mutating func oneSubnetsMarksDoNotPushOutAnothers() {
    var table = LeaseTable()
    let small = Pool(IPv4Address(10, 0, 0, 0), IPv4Address(10, 0, 0, 99))
    let large = Pool(IPv4Address(10, 1, 0, 0), IPv4Address(10, 1, 255, 255))
    let later = Instant.start + .seconds(600)
    _ = table.occupy(small.first, by: Self.squatter, in: small, until: later, at: .start)
    for number in 0..<3000 as Range<UInt32> {
      let address = IPv4Address(large.first.number + number)
      _ = table.occupy(
        address, by: Self.machine(Int(number)), in: large, until: later, at: .start)
    }
    #expect(table.isOccupied(small.first, at: .start))
    let held = (0..<3000 as Range<UInt32>).count {
      table.isOccupied(IPv4Address(large.first.number + $0), at: .start)
    }
    #expect(held == LeaseTable.mostOccupied)
  }

  // Losses

  @Test("Cases 11 and 21: after a loss a thousand newcomers have addresses within a minute")
  mutating func aThousandNewcomersAfterALoss() {
    configure(pools: [Self.wide], probe: .off)
    bench.service.leasesWereLost(at: bench.now)
    // A thousand others live on by leases that nobody knows of.
    for number in 0..<1000 {
      hosts[IPv4Address(Self.wide.first.number + UInt32(number))] = Self.machine(5000 + number)
    }
    var waiting = Array(1...1000)
    var given: Set<IPv4Address> = []
    // They ask after 0, 4, 12 and 28 s, as boot ROMs do (PXE 2.1 §2.2.2), and go on to the next try.
    for wait in [4, 8, 16, 32] {
      waiting.removeAll {
        guard let address = discover(Self.machine($0)) else { return false }
        given.insert(address)
        return true
      }
      pass(.seconds(wait))
    }
    #expect(waiting.isEmpty, "\(waiting.count) went away")
    #expect(given.count == 1000 && given.isDisjoint(with: hosts.keys))
  }

  @Test("Case 11: after a loss a DISCOVER's wish is proven first")
  mutating func aWishIsProvenFirstAfterALoss() {
    configure(pools: [Self.large], probe: .off)
    bench.service.leasesWereLost(at: bench.now)
    pass(.seconds(5))
    // Beyond what is in stock: one that another lives at, and one that is free.
    let (taken, free) = (IPv4Address(10, 77, 2, 150), IPv4Address(10, 77, 2, 160))
    hosts[taken] = Self.squatter
    for wish in [taken, free] {
      #expect(discover(DHCPBench.mac(wish == taken ? 1 : 2), wish: wish) == nil)
    }
    pass(.seconds(4))
    let other = discover(DHCPBench.mac(1), wish: taken)
    #expect(other != nil && other != taken)
    #expect(discover(DHCPBench.mac(2), wish: free) == free)
    // It has it now, and so it has when it asks again.
    #expect(discover(DHCPBench.mac(2), wish: free) == free)
    // Who lives there may have what it wishes.
    #expect(discover(Self.squatter, wish: taken) == taken)
  }

  @Test("Case 11: who begins anew behind a relay does not get what another answers for")
  mutating func whoBeginsAnewIsNotBelieved() {
    configure(isRelayed: true)
    hosts[Self.relayed] = Self.squatter
    pass(.seconds(5))
    #expect(beginAnew(3, Self.relayed) == .nak)
    // While its lease may have been lost, it may be itself that answered.
    bench.service.leasesWereLost(at: bench.now)
    #expect(beginAnew(3, Self.relayed) == .ack)
  }

  // Answers and questions

  @Test mutating func anAnswerOnAnotherWireIsNotHeard() {
    pass(.milliseconds(10))
    answer(address(10), Self.squatter, .arp(interface: 3))
    answer(address(10), Self.squatter, .echo(EchoMark(identifier: 0, sequence: 1)))
    #expect(events.isEmpty)
    answer(address(10), Self.squatter)
    #expect(events.count == 1)
  }

  @Test mutating func anEchoThatWasNotAskedForIsNotHeard() {
    bench.service.beginProbing(seed: 0x1234_5678)
    configure(isRelayed: true)
    pass(.milliseconds(10))
    let right = EchoMark(identifier: 0x1234, sequence: 0x5679)
    for (identifier, sequence) in [(0x1235, 0x5679), (0x1234, 0x567a)] as [(UInt16, UInt16)] {
      let wrong = EchoMark(identifier: identifier, sequence: sequence)
      answer(Self.relayed, Self.squatter, .echo(wrong))
    }
    answer(Self.relayed, Self.squatter, .arp(interface: 2))
    #expect(events.isEmpty)
    answer(Self.relayed, Self.squatter, .echo(right))
    #expect(events.map(\.fact) == [.addressOccupied(Self.relayed, by: nil)])
  }

  /// The loop sleeps between questions.
  @Test mutating func afterAnOfferNothingIsDueUntilTheNextQuestion() {
    configure(pools: [Self.large])
    pass(.seconds(5))
    bench.send(DHCPBench.question(.discover, 1))
    var turns = 0
    let end = bench.now + .seconds(3)
    while let due = bench.service.nextProbe, due <= end {
      bench.now = max(bench.now, due)
      var actions = Actions()
      bench.service.probe(bench.catalog, at: bench.now, into: &actions)
      turns += 1
    }
    #expect(turns <= 6, "three questions and a conclusion: \(turns)")
  }

  @Test mutating func oneTurnAsksForAFewOnly() {
    let plain = bench.catalog
    let subnets = (0..<200 as Range<UInt8>).map { number in
      Subnet(
        network: IPv4Prefix(IPv4Address(10, 99, number, 0), length: 24),
        pools: [Pool(IPv4Address(10, 99, number, 1), IPv4Address(10, 99, number, 99))],
        probe: .ahead)
    }
    bench.catalog = Catalog(
      generation: plain.generation + 1, interfaces: plain.interfaces, subnets: subnets,
      profiles: plain.profiles, machines: [], defaultProfile: plain.defaultProfile,
      loaders: plain.loaders)
    bench.service.catalogChanged()
    var actions = Actions()
    bench.service.probe(bench.catalog, at: bench.now, into: &actions)
    #expect(actions.list.count == 64)
    pass(.seconds(20))
    #expect(Set(asked).count >= 200 * 32 - 64, "all have their turn")
  }
}
