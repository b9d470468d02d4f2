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
    "19: giaddr of no subnet of ours",
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
    "19: hops over the limit",
    arguments: [(16, true), (17, false), (255, false)] as [(UInt8, Bool)])
  mutating func aMessageThatWentRoundIsDropped(_ row: (UInt8, Bool)) {
    bench.send(relayed(.discover, 1, hops: row.0))
    #expect((bench.answer != nil) == row.1)
  }

  @Test("19: two relays forward one DISCOVER: one address is held")
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
