import Boot
import Bytes
import Network
import Services
import Testing
import Wire

/// Addresses that are asked for ahead of need. A host of the test answers at some addresses.
@Suite("Address probing") struct AddressProbingTests {
  static let pool = DHCPBench.pool
  static let large = Pool(IPv4Address(10, 77, 2, 0), IPv4Address(10, 77, 2, 199))
  static let own = MACAddress(2, 0, 0, 0, 0, 1)
  static let squatter = MACAddress(2, 0, 0, 0, 0, 0x99)
  var bench = DHCPBench()
  /// Who is at which address without a lease of ours.
  var hosts: [IPv4Address: MACAddress] = [:]
  var asked: [IPv4Address] = []
  var ways: Set<Int32?> = []
  var events: [Event] = []
  /// Whether what is asked leaves.
  var canSend = true
  /// Answers on the wire for every address, before who has it.
  var proxy: MACAddress?

  init() { configure() }

  mutating func configure(
    pools: [Pool] = [Self.pool], probe: Subnet.Probe = .ahead, isRelayed: Bool = false
  ) {
    let plain = DHCPBench.catalog(generation: bench.catalog.generation + 1, pools: pools)
    var subnets = plain.subnets
    for index in subnets.indices { subnets[index].probe = .off }
    subnets[isRelayed ? 1 : 0].probe = probe
    bench.catalog = Catalog(
      generation: plain.generation, interfaces: plain.interfaces, subnets: subnets,
      profiles: plain.profiles, machines: plain.machines, defaultProfile: plain.defaultProfile,
      loaders: plain.loaders)
    bench.service.catalogChanged()
  }

  /// Lets time pass; what is asked is answered at once by who is there.
  mutating func pass(_ duration: Duration) {
    let end = bench.now + duration
    var turns = 0
    while let due = bench.service.nextProbe, due <= end, turns < 100_000 {
      turns += 1
      bench.now = max(bench.now, due)
      var actions = Actions()
      bench.service.probe(bench.catalog, at: bench.now, into: &actions)
      for action in actions.list {
        guard case .probe(let address, let means) = action else { continue }
        asked.append(address)
        if case .arp(let number) = means { ways.insert(number) } else { ways.insert(nil) }
        guard canSend else {
          bench.service.probeFailed(address, at: bench.now)
          continue
        }
        if let proxy, means == .arp(interface: 2) { answer(address, proxy, means) }
        if let host = hosts[address] { answer(address, host, means) }
      }
    }
    #expect(turns < 100_000, "what is due comes to an end")
    bench.now = end
  }

  mutating func answer(
    _ address: IPv4Address, _ host: MACAddress, _ means: ProbeMeans = .arp(interface: 2)
  ) {
    var actions = Actions()
    switch means {
    case .echo(let mark):
      let packet = Self.echoReply(from: address, mark)
      bench.service.hearEcho(packet.rawSpan, at: bench.now, into: &actions)
    case .arp(let number):
      let frame = Self.arpReply(address, host)
      bench.service.hearARP(
        frame.rawSpan, on: number, own: Self.own, at: bench.now, into: &actions)
    }
    events += actions.list.compactMap { if case .record(let event) = $0 { event } else { nil } }
  }

  static func arpReply(_ address: IPv4Address, _ host: MACAddress) -> [UInt8] {
    var writer = ByteWriter()
    EthernetFrame.encodeHead(to: own, from: host, type: EtherType.arp, into: &writer)
    ARPPacket(
      .reply, senderHardware: host, sender: address, targetHardware: own, target: .unspecified
    ).encode(into: &writer)
    return writer.bytes
  }

  static func echoReply(
    from address: IPv4Address, _ mark: EchoMark = EchoMark(identifier: 7, sequence: 7)
  ) -> [UInt8] {
    var message = ByteWriter()
    EchoMessage.encodeRequest(mark, into: &message)
    var octets = message.bytes
    // Type 8 becomes 0, and the checksum is greater by as much.
    octets[0] = 0
    let sum = UInt32(octets[2]) << 8 + UInt32(octets[3]) + 0x800
    let folded = UInt16(truncatingIfNeeded: sum & 0xffff + sum >> 16)
    octets[2] = UInt8(folded >> 8)
    octets[3] = UInt8(folded & 0xff)
    var writer = ByteWriter()
    IPv4Packet.encodeHead(
      from: address, to: DHCPBench.own, protocolNumber: 1, payloadCount: octets.count,
      into: &writer)
    writer.write(octets)
    return writer.bytes
  }

  func address(_ last: UInt8) -> IPv4Address { IPv4Address(10, 77, 1, last) }

  @Test mutating func anAddressThatSomebodyHasIsNeverOffered() {
    for last in [10, 11, 14, 19] as [UInt8] { hosts[address(last)] = Self.squatter }
    pass(.seconds(5))
    #expect(ways == [2])
    var given: Set<IPv4Address> = []
    for machine in 1...6 as ClosedRange<UInt8> {
      if let address = bench.boot(machine) { given.insert(address) }
    }
    #expect(given == Set([12, 13, 15, 16, 17, 18].map { address($0) }))
    // The pool is used up, and nobody is given what another has.
    bench.send(DHCPBench.question(.discover, 7))
    #expect(bench.answer == nil && bench.facts.contains("pool.exhausted"))
    #expect(events.map(\.fact.name) == Array(repeating: "address.occupied", count: 4))
    #expect(events.allSatisfy { $0.macAddress == Self.squatter })
  }

  @Test mutating func anOfferNeitherWaitsNorAsks() {
    pass(.seconds(5))
    asked = []
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.answer?.address == address(10))
    #expect(bench.kinds == ["send"])
    #expect(asked.isEmpty)
  }

  @Test mutating func withAnEmptyStockAnAddressIsOfferedUnproven() {
    // Nothing was asked yet.
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.answer?.address == address(10))
    // Whole racks take more than is in stock.
    configure(pools: [Self.large])
    pass(.seconds(5))
    var given: Set<IPv4Address> = []
    for machine in 1...100 as ClosedRange<UInt8> {
      bench.send(DHCPBench.question(.discover, machine))
      if let address = bench.answer?.address { given.insert(address) }
    }
    #expect(given.count == 100)
  }

  @Test mutating func aStockIsBoundedAndFilledAgain() {
    configure(pools: [Self.large])
    pass(.seconds(5))
    #expect(Set(asked).count == 32)
    #expect(asked.count == 96, "each is asked three times")
    asked = []
    for machine in 1...10 as ClosedRange<UInt8> {
      bench.send(DHCPBench.question(.discover, machine))
    }
    pass(.seconds(5))
    #expect(Set(asked).count == 10)
    #expect(Set(asked).isDisjoint(with: (0..<32).map { IPv4Address(10, 77, 2, $0) }))
  }

  @Test mutating func whatWasProvenLongAgoIsAskedAgain() {
    pass(.seconds(130))
    asked = []
    pass(.seconds(1200))
    let rounds = asked.count / 3 / Self.pool.count
    #expect(rounds == 2 || rounds == 1, "every ten minutes: \(asked.count)")
    // Somebody has moved in meanwhile.
    hosts[address(10)] = Self.squatter
    pass(.seconds(700))
    #expect(bench.boot(1) == address(11))
  }

  @Test mutating func whoAnswersMayHaveWhatItHas() {
    hosts[address(12)] = DHCPBench.mac(3)
    pass(.seconds(5))
    let other = bench.boot(4)
    #expect(other == address(10))
    let own = bench.boot(3)
    #expect(own == address(12))
    #expect(bench.service.leases.binding(of: address(12))?.state == .leased)
  }

  @Test mutating func anOccupiedAddressIsAskedForAgainAfterAWhile() {
    hosts[address(10)] = Self.squatter
    pass(.seconds(5))
    hosts = [:]
    pass(.seconds(700))
    #expect(events.count == 1)
    let given = (1...10 as ClosedRange<UInt8>).compactMap { bench.boot($0) }
    #expect(Set(given).count == 10, "it is given when nobody has it any more")
  }

  /// Whoever they are, they have at most half of a pool.
  @Test mutating func whoAnswersForEverythingDoesNotEmptyThePool() {
    for last in 10...19 as ClosedRange<UInt8> {
      hosts[address(last)] = MACAddress(2, 0, 0, 0, 1, last)
    }
    pass(.seconds(30))
    let given = (1...10 as ClosedRange<UInt8>).compactMap { bench.boot($0) }
    #expect(given.count == 5)
    #expect(events.count < 40)
  }

  @Test mutating func answersToNobodysQuestionAreNotHeard() {
    pass(.seconds(5))
    answer(address(10), Self.squatter)
    answer(DHCPBench.own, Self.squatter)
    #expect(events.isEmpty)
    #expect(bench.boot(1) == address(10))
    // Nor is our own voice.
    configure(pools: [Self.large])
    hosts[IPv4Address(10, 77, 2, 0)] = Self.own
    pass(.seconds(5))
    #expect(events.isEmpty)
  }

  @Test mutating func behindARelayPingsAreSent() {
    configure(isRelayed: true)
    let taken = IPv4Address(10, 78, 0, 100)
    hosts[taken] = Self.squatter
    pass(.seconds(5))
    #expect(ways == [nil] && asked.contains(taken))
    #expect(events.map(\.fact) == [.addressOccupied(taken, by: nil)])
    let given = bench.boot(1) {
      $0.header.relayAddress = DHCPBench.relay
      $0.source = Endpoint(DHCPBench.relay, 67)
    }
    #expect(given == IPv4Address(10, 78, 0, 101))
  }

  @Test mutating func withoutTheSettingNothingIsAsked() {
    configure(probe: .off)
    pass(.seconds(1000))
    #expect(asked.isEmpty && bench.service.nextProbe == nil)
    // Nor after a reload that turns it off.
    configure()
    pass(.seconds(5))
    configure(probe: .off)
    asked = []
    pass(.seconds(1000))
    #expect(asked.isEmpty && bench.service.nextProbe == nil)
  }

  @Test mutating func reservedAddressesAreNeitherAskedForNorGiven() {
    let reservation = Machine(name: "m", macAddress: DHCPBench.mac(0x77), address: address(11))
    bench.catalog = DHCPBench.catalog(generation: 9, machines: [reservation])
    var subnets = bench.catalog.subnets
    subnets[0].probe = .ahead
    bench.catalog = Catalog(
      generation: 10, interfaces: bench.catalog.interfaces, subnets: subnets,
      profiles: bench.catalog.profiles, machines: bench.catalog.machines,
      defaultProfile: bench.catalog.defaultProfile, loaders: bench.catalog.loaders)
    bench.service.catalogChanged()
    pass(.seconds(5))
    #expect(!asked.contains(address(11)) && Set(asked).count == 9)
  }

  // Case 11

  @Test("Case 11: after a loss addresses are probed before they are given again")
  mutating func afterALossAddressesAreProvenFirst() {
    configure(probe: .off)
    bench.service.leasesWereLost(at: bench.now)
    // Machine 3 lives at an address by a lease that nobody knows of any more.
    hosts[address(10)] = DHCPBench.mac(3)
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.answer == nil && bench.facts.contains("packet.dropped"))
    // A reservation and a client that begins anew with what it had need no proof.
    #expect(bench.boot(0xa1) == IPv4Address(10, 77, 0, 7))
    var request = DHCPBench.question(.request, 5)
    request[50] = octets(address(15))
    bench.send(request)
    #expect(bench.answer?.type == .ack && bench.answer?.address == address(15))
    pass(.seconds(3))
    #expect(asked.contains(address(10)))
    #expect(bench.boot(1) == address(11))
    // It renews, and keeps what it has.
    var renewal = DHCPBench.question(.request, 3)
    renewal.header.clientAddress = address(10)
    renewal.source = Endpoint(address(10), 68)
    renewal.destination = DHCPBench.own
    bench.send(renewal)
    #expect(bench.answer?.type == .ack && bench.answer?.address == address(10))
    // When all that was lost has ended, all is as before.
    pass(.seconds(2 * 3600 + 60))
    asked = []
    pass(.seconds(7200))
    #expect(asked.isEmpty)
    #expect(bench.boot(8) != nil)
  }

  @Test("Case 11: behind a relay who says that it has the address is believed")
  mutating func behindARelayARenewalIsBelieved() {
    configure(probe: .off)
    bench.service.leasesWereLost(at: bench.now)
    let lived = IPv4Address(10, 78, 0, 100)
    hosts[lived] = DHCPBench.mac(3)
    pass(.seconds(5))
    #expect(bench.service.leases.isOccupiedByStranger(lived, at: bench.now))
    var renewal = DHCPBench.question(.request, 3)
    renewal.header.clientAddress = lived
    renewal.source = Endpoint(lived, 68)
    renewal.destination = DHCPBench.own
    bench.send(renewal)
    #expect(bench.answer?.type == .ack && bench.answer?.address == lived)
  }

  @Test func noPrefixOrChangedOctetTraps() {
    var service = DHCPService()
    var actions = Actions()
    for bytes in [
      Self.arpReply(IPv4Address(10, 77, 1, 10), Self.squatter),
      Self.echoReply(from: IPv4Address(10, 78, 0, 100)),
    ] {
      for index in bytes.indices {
        for octet in [0, 1, 255] as [UInt8] {
          var mutant = bytes
          mutant[index] = octet
          for octets in [mutant, Array(bytes.prefix(index))] {
            service.hearARP(
              octets.rawSpan, on: 2, own: Self.own, at: .start, into: &actions)
            service.hearEcho(octets.rawSpan, at: .start, into: &actions)
          }
        }
      }
    }
    #expect(actions.list.isEmpty)
    let whole = Self.echoReply(from: IPv4Address(10, 78, 0, 100))
    let reply = (try? EchoMessage.reply(in: whole.rawSpan)) ?? nil
    #expect(reply?.source == IPv4Address(10, 78, 0, 100))
    #expect(reply?.mark == EchoMark(identifier: 7, sequence: 7))
  }
}
