import Boot
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// Clients behind relays (RFC 1542, RFC 3046), and what a relay's address can be misused for.
@Suite struct DHCPRelayTests {
  var bench = DHCPBench()

  func relayed(
    _ type: DHCPMessageType, _ machine: UInt8, by relay: IPv4Address = DHCPBench.relay,
    hops: UInt8 = 1
  ) -> DHCPBench.Question {
    var question = DHCPBench.question(type, machine)
    question.header.relayAddress = relay
    question.header.hops = hops
    question.source = Endpoint(relay, 67)
    question.destination = DHCPBench.own
    return question
  }

  @Test mutating func aRelayedClientGetsAnAddressOfItsRelaysSubnet() {
    var discover = relayed(.discover, 1)
    discover[82] = [1, 2, 0x70, 0x30]
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 78, 0, 100))
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(DHCPBench.relay, 67)))
    #expect(bench.answer?.meaning.header.relayAddress == DHCPBench.relay)
    #expect(bench.answer?.meaning.header.hops == 0)
    #expect(bench.answer?.meaning[82] == [1, 2, 0x70, 0x30])
    #expect(bench.answer?.meaning.options.last?.code == 82)
    #expect(bench.answer?.meaning[6] == nil)  // dns: []
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.relayPort == [0x70, 0x30])
  }

  @Test(
    "A real relay's packets",
    arguments: [
      ("ipxe-bios-relayed-discover", DHCPMessageType.offer),
      // It names another server's identifier, that of the lab's.
      ("ipxe-bios-relayed-request", nil),
    ] as [(String, DHCPMessageType?)])
  mutating func aRecordedRelayIsAnswered(_ row: (String, DHCPMessageType?)) throws {
    let relay = IPv4Address(10, 77, 0, 254)
    let arrival = Arrival(
      source: Endpoint(relay, 67), destination: Endpoint(DHCPBench.own, 67),
      local: DHCPBench.own, interface: 4)
    bench.receive(try PacketFixture(row.0).octets, arrival)
    #expect(bench.answer?.type == row.1)
    if let answer = bench.answer {
      #expect(answer.reply.destination == .endpoint(Endpoint(relay, 67)))
      #expect(answer.meaning.options.last == .init(code: 82, value: [1, 2, 0x70, 0x30]))
      #expect(answer.bootFile == "http://10.77.0.1/boot.ipxe")
    }
  }

  @Test mutating func aRelayOfAnotherNetworkServesTheSubnetThatNamesIt() {
    bench.send(relayed(.discover, 1, by: IPv4Address(192, 0, 2, 1)))
    #expect(bench.answer?.address == IPv4Address(10, 79, 0, 100))
  }

  @Test mutating func aRefusalIsForTheRelayToBroadcast() {
    var reboot = relayed(.request, 1)
    reboot[50] = [10, 77, 1, 10]
    bench.send(reboot)
    #expect(bench.answer?.type == .nak)
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(DHCPBench.relay, 67)))
    #expect(bench.answer?.meaning.header.flags == 0x8000)
  }

  @Test("A rebinding client behind a relay is told that it moved")
  mutating func aRelayedRebindIsNoRenewal() {
    var rebind = relayed(.request, 1)
    rebind.header.clientAddress = IPv4Address(10, 77, 1, 10)
    bench.send(rebind)
    #expect(bench.answer?.type == .nak)
    rebind.header.clientAddress = IPv4Address(10, 78, 0, 105)
    bench.send(rebind)
    #expect(bench.answer?.type == .ack)
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(DHCPBench.relay, 67)))
  }

  @Test(
    "Case 19: giaddr of no subnet of ours",
    arguments: [
      IPv4Address(192, 0, 2, 77), IPv4Address(127, 0, 0, 1), .broadcast, IPv4Address(224, 0, 0, 1),
      IPv4Address(10, 77, 255, 255), IPv4Address(10, 77, 0, 0),
    ]) mutating func aSpoofedRelayIsNotAnswered(_ relay: IPv4Address)
  {
    bench.send(relayed(.discover, 1, by: relay))
    #expect(bench.kinds.isEmpty && bench.facts.contains("packet.dropped"))
    var request = relayed(.request, 1, by: relay)
    request[50] = [10, 77, 1, 10]
    bench.send(request)
    #expect(bench.kinds.isEmpty)
    #expect(bench.service.leases.count == 0)
  }

  @Test(
    "Case 19: hops over the limit",
    arguments: [(16, true), (17, false), (255, false)] as [(UInt8, Bool)])
  mutating func aMessageThatWentRoundIsDropped(_ row: (UInt8, Bool)) {
    bench.send(relayed(.discover, 1, hops: row.0))
    #expect((bench.answer != nil) == row.1)
  }

  @Test("Case 19: two relays forward one DISCOVER: one address is held")
  mutating func twoRelaysOfOneSubnetGiveOneAddress() {
    bench.send(relayed(.discover, 1))
    let first = bench.answer?.address
    bench.send(relayed(.discover, 1, by: IPv4Address(10, 78, 0, 253)))
    #expect(bench.answer?.address == first)
    #expect(bench.service.leases.count == 1)
    let other = Reply.Destination.endpoint(Endpoint(IPv4Address(10, 78, 0, 253), 67))
    #expect(bench.answer?.reply.destination == other)
  }

  @Test mutating func aMachineIsKnownByItsPortAsLongAsItHangsThere() {
    let machine = Machine(
      name: "port-p9", relayPort: Array("p9".utf8), address: IPv4Address(10, 78, 0, 9))
    bench.catalog = DHCPBench.catalog(machines: [machine])
    var discover = relayed(.discover, 1)
    discover[82] = [1, 2, 0x70, 0x39]
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 78, 0, 9))
    // The unicast renewal goes past the relay, and is the same machine's.
    var renewal = DHCPBench.question(.request, 1)
    renewal.header.clientAddress = IPv4Address(10, 78, 0, 9)
    renewal.destination = DHCPBench.own
    bench.send(renewal)
    #expect(bench.answer?.type == .ack)
    // Moved to our own wire it is nobody's port.
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 10))
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.relayPort == [])
  }
}

/// What relays say beside `giaddr`, in option 82.
@Suite struct RelayAgentTests {
  var bench = DHCPBench()

  static let relay = IPv4Address(192, 0, 2, 9)

  func relayed(
    _ type: DHCPMessageType, _ agent: [UInt8]?, by relay: IPv4Address = relay
  ) -> DHCPBench.Question {
    var question = DHCPBench.question(type, 1)
    question.header.relayAddress = relay
    question.header.hops = 1
    question.source = Endpoint(relay, 67)
    question.destination = DHCPBench.own
    question[82] = agent
    return question
  }

  @Test(
    "RFC 3527: the subnet is the selected one, the reply goes to giaddr, 82 comes back as it was")
  mutating func aLinkIsSelected() {
    // The network's own address is what most relays send.
    for selection in [[10, 78, 0, 0], [10, 78, 0, 254]] as [[UInt8]] {
      bench.send(relayed(.discover, [1, 1, 7, 5, 4] + selection))
      #expect(bench.answer?.address == IPv4Address(10, 78, 0, 100))
      #expect(bench.answer?.reply.destination == .endpoint(Endpoint(Self.relay, 67)))
      #expect(bench.answer?.meaning.header.relayAddress == Self.relay)
      #expect(
        bench.answer?.meaning.options.last == .init(code: 82, value: [1, 1, 7, 5, 4] + selection))
    }
    bench.send(relayed(.discover, [5, 4, 172, 16, 0, 1]))
    #expect(bench.kinds.isEmpty && bench.facts.last == "packet.dropped")
  }

  @Test("RFC 3527: it goes before a giaddr that has a subnet of its own")
  mutating func selectionGoesBeforeTheRelay() {
    bench.send(relayed(.discover, [5, 4, 10, 79, 0, 1], by: DHCPBench.relay))
    #expect(bench.answer?.address == IPv4Address(10, 79, 0, 100))
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(DHCPBench.relay, 67)))
  }

  @Test("Case 19: a client's own option 82 and 118 select nothing")
  mutating func clientsSelectNothing() {
    var discover = DHCPBench.question(.discover, 1)
    discover[82] = [5, 4, 10, 78, 0, 0, 11, 4, 10, 78, 0, 1]
    discover[118] = [10, 78, 0, 0]
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 10))
    #expect(bench.answer?.meaning[54] == octets(DHCPBench.own))
    #expect(bench.answer?.meaning[118] == nil)
    #expect(bench.answer?.meaning[82] == discover[82])
  }

  @Test("RFC 3011: option 118 counts through a relay, and comes back; 82.5 goes before it")
  mutating func aSubnetIsSelected() {
    var discover = relayed(.discover, [1, 1, 7])
    discover[118] = [10, 78, 0, 0]
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 78, 0, 100))
    #expect(bench.answer?.meaning[118] == [10, 78, 0, 0])
    #expect(bench.answer?.meaning.options.last?.code == 82)
    discover[82] = [5, 4, 10, 79, 0, 0]
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 79, 0, 100))
  }

  @Test("RFC 5107: option 54 is the relay's, whose REQUEST is ours; files come from us")
  mutating func theServersIdentifierIsOverridden() {
    let agent: [UInt8] = [5, 4, 10, 78, 0, 0, 11, 4, 10, 78, 0, 254]
    var discover = relayed(.discover, agent)
    discover[93] = [0, 0]
    bench.send(discover)
    #expect(bench.answer?.meaning[54] == [10, 78, 0, 254])
    #expect(bench.answer?.meaning.header.serverAddress == DHCPBench.own)
    #expect(bench.answer?.text(66) == "10.77.0.1")
    var request = relayed(.request, agent)
    request[50] = [10, 78, 0, 100]
    request[54] = [10, 78, 0, 254]
    bench.send(request)
    #expect(bench.answer?.type == .ack && bench.answer?.meaning[54] == [10, 78, 0, 254])
    request[50] = [10, 78, 0, 5]
    bench.send(request)
    #expect(bench.answer?.type == .nak && bench.answer?.meaning[54] == [10, 78, 0, 254])
  }

  @Test(
    "RFC 5010: a unicast REQUEST through a relay is a renewal",
    arguments: [(0x80 as UInt8, Fact.RequestState.renewing), (0, .rebinding), (nil, .rebinding)]
      as [(UInt8?, Fact.RequestState)])
  mutating func theRelaySaysHowItWasSent(_ row: (flags: UInt8?, state: Fact.RequestState)) {
    var request = relayed(
      .request, [5, 4, 10, 78, 0, 0] + (row.flags.map { [10, 1, $0] } ?? []))
    request.header.clientAddress = IPv4Address(10, 78, 0, 105)
    bench.send(request)
    #expect(bench.answer?.type == .ack)
    let state = bench.events.compactMap { event in
      if case .requestReceived(let state, _) = event.fact { state } else { nil }
    }
    #expect(state == [row.state])
  }

  @Test(
    "Case 6, case 19: bad lengths in option 82",
    arguments: [
      [5], [5, 4, 10, 78], [5, 3, 10, 78, 0], [5, 0], [11, 5, 1, 2, 3, 4, 5], [1, 255, 1], [0, 1],
    ] as [[UInt8]]) mutating func damagedAgentInformationIsDropped(_ agent: [UInt8])
  {
    bench.send(relayed(.discover, agent, by: DHCPBench.relay))
    #expect(bench.kinds.isEmpty && bench.facts == ["packet.malformed"])
  }

  @Test("Case 19: unknown sub-options are nobody's business but come back")
  mutating func unknownSubOptionsComeBack() {
    let agent: [UInt8] = [151, 3, 0, 1, 2, 200, 0, 9, 4, 1, 2, 3, 4]
    bench.send(relayed(.discover, agent, by: DHCPBench.relay))
    #expect(bench.answer?.meaning[82] == agent)
  }

  @Test("Case 19: giaddr from who has no address itself is forged")
  mutating func aClientIsNoRelay() {
    for type in [DHCPMessageType.discover, .request, .inform] {
      var question = relayed(type, nil, by: DHCPBench.relay)
      question.source = Endpoint(.unspecified, 68)
      question[50] = [10, 78, 0, 100]
      bench.send(question)
      #expect(bench.kinds.isEmpty && bench.facts == ["packet.dropped"])
    }
    #expect(bench.service.leases.count == 0)
  }

  @Test("Case 19: a relay on this box, whose address is ours") mutating func theRelayMayBeHere() {
    var discover = relayed(.discover, nil, by: DHCPBench.own)
    discover.source = Endpoint(DHCPBench.own, 67)
    discover.local = DHCPBench.own
    bench.send(discover)
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 10))
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(DHCPBench.own, 67)))
  }

  @Test("Case 19: the same message by two relays, byte for byte but giaddr, has one address")
  mutating func oneMessageByTwoRelays() {
    var addresses: Set<IPv4Address> = []
    for (relay, agent) in [(Self.relay, [5, 4, 10, 78, 0, 0]), (DHCPBench.relay, [1, 1, 9])]
      as [(IPv4Address, [UInt8])]
    {
      bench.send(relayed(.discover, agent, by: relay))
      #expect(bench.answer?.reply.destination == .endpoint(Endpoint(relay, 67)))
      if let answer = bench.answer { addresses.insert(answer.address) }
    }
    #expect(addresses.count == 1 && bench.service.leases.count == 1)
  }
}
