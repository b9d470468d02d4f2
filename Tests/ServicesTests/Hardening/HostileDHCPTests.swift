import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// DHCP messages that no honest client sends, as the whole service takes them.
@Suite struct HostileDHCPTests {
  var bench = DHCPBench()

  @Test(
    "Case 2: an option of no length is dropped, or asks for nothing",
    arguments: [
      (53, false), (50, false), (54, false), (82, true), (93, false), (118, true), (12, true),
      (43, true), (51, true), (55, true), (57, true), (60, true), (61, true), (77, true),
      (81, true), (97, true), (175, true),
    ] as [(UInt8, Bool)])
  mutating func anOptionOfNoLength(_ row: (code: UInt8, isAnswered: Bool)) {
    for type in DHCPMessageType.allOfClients {
      var question = DHCPBench.question(type, 1)
      question[50] = octets(IPv4Address(10, 77, 1, 10))
      question[row.code] = []
      bench.send(question)
      #expect(!bench.facts.isEmpty)
      if type == .discover { #expect((bench.answer != nil) == row.isAnswered, "\(bench.facts)") }
    }
  }

  @Test("Case 2: a repeated option is one, by RFC 3396")
  mutating func aRepeatedOptionIsJoined() {
    var discover = DHCPBench.question(.discover, 1)
    discover.options += [
      .init(code: 61, value: [1, 2, 3]), .init(code: 12, value: Array("ra".utf8)),
      .init(code: 61, value: [4, 5]), .init(code: 12, value: Array("ck".utf8)),
    ]
    bench.send(discover)
    #expect(bench.answer?.meaning[61] == [1, 2, 3, 4, 5])
    // Two halves of one address are one address.
    discover.options += [
      .init(code: 50, value: [10, 77]), .init(code: 50, value: [1, 13]),
    ]
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 10))
    discover.options.append(.init(code: 50, value: [0]))
    bench.send(discover)
    #expect(bench.kinds.isEmpty && bench.facts == ["packet.malformed"])
  }

  @Test("Case 3: BOOTP messages, a thousand of them, leave nothing behind")
  mutating func bootpLeavesNothing() {
    for number in 0..<1_000 as Range<UInt64> {
      var question = DHCPBench.question(.discover, MACAddress(number: 0x0200_0000_0000 + number))
      question[53] = nil
      if number % 2 == 0 { question.options = [] }
      bench.send(question)
      #expect(bench.kinds.isEmpty && bench.facts == ["packet.dropped"])
    }
    #expect(bench.service.leases.count == 0 && bench.service.sightings.count == 0)
  }

  @Test(
    "Case 4: every htype with hlen 0, 1, 6, 16",
    arguments: [0, 1, 2, 6, 7, 15, 16, 20, 24, 32, 255] as [UInt8], [0, 1, 6, 16] as [UInt8])
  mutating func anyHardwareIsKnownOrDropped(_ type: UInt8, _ length: UInt8) {
    var discover = DHCPBench.question(.discover, 1)
    discover.header.hardwareAddress = HardwareAddress(
      type: type, length: length, high: 0x5254_0000_0001_0000, low: 0)
    bench.send(discover)
    // Only Ethernet's whole address says who it is; other hardware needs option 61.
    #expect((bench.answer != nil) == (type == 1 && length == 6))
    guard type != 1 else { return }
    discover[61] = [255, 1, 2, 3, 4, 5]
    bench.send(discover)
    #expect(bench.answer?.type == .offer)
    #expect(bench.answer?.meaning.header.hardwareAddress == discover.header.hardwareAddress)
    #expect(bench.service.sightings.count == 0)
  }

  @Test("Case 4: InfiniBand's 20 octets in option 61 tell two ports of one card apart")
  mutating func infiniBandsAddressIsTheIdentity() {
    func question(_ port: UInt8) -> DHCPBench.Question {
      var question = DHCPBench.question(.discover, 1)
      question.header.hardwareAddress = HardwareAddress(type: 32, length: 0, high: 0, low: 0)
      question.header.flags = 0x8000
      let address: [UInt8] = [0x80, 0, 0, 0x48, 0xfe, 0x80] + [UInt8](repeating: 0, count: 13)
      question[61] = [32] + address + [port]
      return question
    }
    var addresses: Set<IPv4Address> = []
    for port: UInt8 in [1, 2, 1, 2] {
      bench.send(question(port))
      if let address = bench.answer?.address { addresses.insert(address) }
      #expect(bench.answer?.meaning[61]?.count == 21)
    }
    #expect(addresses.count == 2 && bench.service.leases.count == 2)
  }

  @Test("Case 6: option 82 of more than 255 bytes comes back as it was, and is kept by nobody")
  mutating func aLongOption82ComesBack() {
    // Two parts; the first sub-option runs over the border.
    let agent: [UInt8] = [1, 250] + [UInt8](repeating: 7, count: 250) + [2, 40] + Array(0..<40)
    var discover = DHCPBench.question(.discover, 1)
    discover.header.relayAddress = DHCPBench.relay
    discover.source = Endpoint(DHCPBench.relay, 67)
    discover.destination = DHCPBench.own
    discover[57] = [5, 0xdc]
    discover[82] = agent
    bench.send(discover)
    #expect(bench.answer?.meaning[82] == agent)
    #expect(bench.answer?.meaning.options.last?.code == 82)
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.relayPort.count == 250)
    // As long as it fits beside what the client needs; then not at all.
    discover[57] = nil
    bench.send(discover)
    #expect(bench.kinds.isEmpty && bench.facts == ["packet.malformed"])
  }

  @Test("Case 6: leasequeries, and whatever else is no client's, leave nothing behind")
  mutating func leaseQueriesLeaveNothing() {
    for type: UInt8 in 9...255 {
      for machine: UInt8 in 1...4 {
        var question = DHCPBench.question(.discover, machine)
        question[53] = [type]
        question[82] = [1, 4, 1, 2, 3, machine, 151, 0, 152, 0]
        question.header.clientAddress = IPv4Address(10, 77, 1, machine)
        bench.send(question)
        #expect(bench.kinds.isEmpty && bench.facts == ["packet.malformed"])
      }
    }
    #expect(bench.service.leases.count == 0 && bench.service.sightings.count == 0)
  }

  @Test(
    "Case 7: a unicast REQUEST from nowhere, with each option there is, is dropped in silence",
    arguments: 0...254 as ClosedRange<UInt8>)
  mutating func aStrangeRenewalIsDropped(_ code: UInt8) {
    for value in [[], [0], [10, 77, 1, 10], [UInt8](repeating: 255, count: 64)] as [[UInt8]] {
      var renewal = DHCPBench.question(.request, 1)
      renewal.header.clientAddress = IPv4Address(192, 0, 2, 9)
      renewal.source = Endpoint(IPv4Address(192, 0, 2, 9), 68)
      renewal.destination = DHCPBench.own
      if code != 0, code != 53, code != 255 { renewal[code] = value }
      bench.send(renewal)
      #expect(bench.kinds.isEmpty, "\(value) \(bench.facts)")
    }
    #expect(bench.service.leases.count == 0)
  }
}
