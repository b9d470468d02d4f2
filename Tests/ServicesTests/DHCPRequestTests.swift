import Boot
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// REQUEST in its four states (RFC 2131 §4.3.2), and what gives an address back.
@Suite struct DHCPRequestTests {
  var bench = DHCPBench()
  let first = IPv4Address(10, 77, 1, 10)

  func request(
    _ machine: UInt8, _ address: IPv4Address?, server: IPv4Address? = nil,
    client: IPv4Address = .unspecified, to destination: IPv4Address = .broadcast
  ) -> DHCPBench.Question {
    var request = DHCPBench.question(.request, machine)
    request[50] = address.map { octets($0) }
    request[54] = server.map { octets($0) }
    request.header.clientAddress = client
    request.destination = destination
    return request
  }

  @Test("Case 12: the lease is stored before the ACK leaves")
  mutating func aLeaseIsStoredBeforeItsACK() {
    #expect(bench.boot(1) == first)
    #expect(bench.kinds == ["store", "send"])
    #expect(bench.stored.map(\.address) == [first])
    #expect(bench.stored.first?.expiry == bench.now + .seconds(3600))
    #expect(bench.facts == ["request.received", "lease.granted"])
  }

  @Test mutating func whoTakesAnothersOfferGivesOursBack() {
    bench.send(DHCPBench.question(.discover, 1))
    bench.send(request(1, IPv4Address(10, 77, 5, 5), server: IPv4Address(10, 77, 0, 2)))
    #expect(bench.kinds.isEmpty && bench.facts.contains("offer.declined"))
    bench.send(DHCPBench.question(.discover, 2))
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 11))
    for machine: UInt8 in 3...11 { bench.send(DHCPBench.question(.discover, machine)) }
    #expect(bench.answer?.address == first)
  }

  @Test mutating func aRebootedClientIsGivenItsAddressAgain() {
    bench.boot(1)
    bench.send(request(1, first))
    #expect(bench.answer?.type == .ack && bench.answer?.address == first)
  }

  @Test mutating func aRebootedClientOnAnotherWireIsRefused() {
    bench.send(request(1, IPv4Address(192, 168, 1, 5)))
    #expect(bench.answer?.type == .nak)
    #expect(bench.answer?.text(56) == "wrong subnet")
    #expect(bench.answer?.address == .unspecified)
    #expect(bench.answer?.meaning[54] == octets(DHCPBench.own))
    #expect(bench.answer?.meaning[51] == nil && bench.answer?.meaning[1] == nil)
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(.broadcast, 68)))
    #expect(bench.facts.contains("request.refused"))
  }

  @Test(
    "Case 8: refusals of an authoritative server",
    arguments: [
      (IPv4Address(10, 77, 1, 11), "taken"), (IPv4Address(10, 77, 0, 7), "taken"),
      (IPv4Address(10, 77, 2, 1), "not ours to give"),
      (IPv4Address(10, 77, 0, 1), "not ours to give"),
      (IPv4Address(10, 77, 0, 254), "not ours to give"),
      (IPv4Address(10, 77, 255, 255), "not ours to give"),
      (IPv4Address(10, 78, 0, 100), "wrong subnet"),
      (IPv4Address(0), "wrong subnet"), (.broadcast, "wrong subnet"),
    ]) mutating func whatMayNotBeIsRefused(_ row: (IPv4Address, String))
  {
    bench.boot(1)
    bench.boot(2)
    bench.send(request(3, row.0))
    #expect(bench.answer?.type == .nak)
    #expect(bench.answer?.text(56) == row.1)
    #expect(bench.stored.isEmpty)
  }

  @Test mutating func aMachineWhoseReservationIsAnotherIsRefused() {
    bench.send(request(0xa1, first))
    #expect(bench.answer?.type == .nak)
    #expect(bench.answer?.text(56) == "another address is reserved")
  }

  @Test("A REQUEST after our restart, its hold forgotten, is granted when free")
  mutating func aForgottenOfferIsGranted() {
    bench.send(request(1, first, server: DHCPBench.own))
    #expect(bench.answer?.type == .ack && bench.answer?.address == first)
    #expect(bench.kinds == ["store", "send"])
    bench.send(request(2, first, server: DHCPBench.own))
    #expect(bench.answer?.type == .nak)
  }

  @Test mutating func aRenewalLengthensTheLease() {
    bench.boot(1)
    bench.now = bench.now + .seconds(1800)
    bench.send(request(1, nil, client: first, to: DHCPBench.own))
    #expect(bench.answer?.type == .ack)
    #expect(bench.stored.first?.expiry == Instant.start + .seconds(5400))
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(first, 68)))
    #expect(bench.answer?.meaning.header.clientAddress == first)
    #expect(bench.answer?.address == first)
  }

  @Test mutating func aRenewalThroughARouterIsGranted() {
    let address = IPv4Address(10, 78, 0, 100)
    var renewal = request(1, nil, client: address, to: DHCPBench.own)
    renewal.source = Endpoint(address, 68)
    bench.send(renewal)
    #expect(bench.answer?.type == .ack && bench.answer?.address == address)
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(address, 68)))
    #expect(bench.answer?.meaning[3] == octets(DHCPBench.relay))
  }

  @Test("Case 7: a unicast REQUEST of no subnet of ours, with odd options, is dropped")
  mutating func aRenewalOfNobodysSubnetIsDropped() {
    var renewal = request(1, nil, client: IPv4Address(192, 0, 2, 9), to: DHCPBench.own)
    for code: UInt8 in [43, 77, 93, 94, 97, 119, 121, 125, 150, 175, 224] {
      renewal[code] = [0, 0]
    }
    bench.send(renewal)
    #expect(bench.kinds.isEmpty && bench.facts.contains("packet.dropped"))
  }

  @Test mutating func aRebindingClientOfAnotherWireIsRefused() {
    bench.send(request(1, nil, client: IPv4Address(10, 78, 0, 100)))
    #expect(bench.answer?.type == .nak)
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(.broadcast, 68)))
  }

  @Test mutating func anAddressOfItsOwnCountsMoreThanTheOneAskedFor() {
    bench.boot(1)
    bench.send(request(1, IPv4Address(10, 77, 1, 15), client: first, to: DHCPBench.own))
    #expect(bench.answer?.address == first)
  }

  @Test mutating func aRequestThatNamesNoAddressIsDropped() {
    bench.send(request(1, nil))
    #expect(bench.kinds.isEmpty && bench.facts.contains("packet.malformed"))
    bench.send(request(1, nil, server: DHCPBench.own))
    #expect(bench.kinds.isEmpty)
  }

  @Test(
    "The client may ask for less time, not for more",
    arguments: [
      (nil, 3600), (60, 60), (30, 30), (29, 30), (0, 30), (3600, 3600), (UInt32.max, 3600),
    ] as [(UInt32?, UInt32)])
  mutating func theLeaseIsAsLongAsAskedAtMost(_ row: (UInt32?, UInt32)) {
    bench.boot(1) { question in
      question[51] = row.0.map { seconds in (0..<4).map { UInt8(seconds >> (24 - 8 * $0) & 255) } }
    }
    #expect(bench.answer?.number(51) == row.1)
    #expect(bench.answer?.number(58) == row.1 / 2)
    #expect(bench.answer?.number(59) == row.1 * 7 / 8)
    #expect(bench.stored.first?.expiry == .start + .seconds(Int64(row.1)))
  }

  @Test mutating func oneMachineHasOneLeaseInASubnet() {
    for last: UInt8 in 10...19 {
      bench.send(request(1, IPv4Address(10, 77, 1, last)))
      #expect(bench.answer?.type == .ack)
    }
    #expect(
      bench.service.leases.leases(at: bench.now).map(\.address) == [IPv4Address(10, 77, 1, 19)])
    #expect(bench.kinds == ["store", "erase", "send"])
    #expect(bench.erased == [IPv4Address(10, 77, 1, 18)])
    #expect(bench.boot(2) != nil)
  }

  @Test mutating func aReleasedAddressIsFreeAndRemembered() {
    bench.boot(1)
    var release = DHCPBench.question(.release, 1)
    release.header.clientAddress = first
    release.destination = DHCPBench.own
    bench.send(release)
    #expect(bench.kinds == ["erase"] && bench.erased == [first])
    #expect(bench.facts == ["lease.released"])
    #expect(bench.service.leases.client(at: first, at: bench.now) == nil)
    bench.send(DHCPBench.question(.discover, 2))
    #expect(bench.answer?.address != first)
    #expect(bench.boot(1) == first)
  }

  @Test(
    "Case 15: a stranger's RELEASE and DECLINE do nothing",
    arguments: [DHCPMessageType.release, .decline])
  mutating func aStrangerReleasesAndDeclinesNothing(_ type: DHCPMessageType) {
    bench.boot(1)
    var question = DHCPBench.question(type, 2)
    question.header.clientAddress = first
    question[50] = octets(first)
    bench.send(question)
    #expect(bench.kinds.isEmpty)
    #expect(bench.service.leases.client(at: first, at: bench.now)?.macAddress == DHCPBench.mac(1))
  }

  @Test mutating func aDeclinedAddressRestsForTenMinutes() {
    bench.boot(1)
    decline(1, first)
    #expect(bench.kinds == ["erase"] && bench.facts == ["address.declined"])
    #expect(bench.boot(1) == IPv4Address(10, 77, 1, 11))
    bench.send(request(2, first))
    #expect(bench.answer?.type == .nak)
    bench.now = bench.now + .seconds(601)
    bench.send(request(2, first))
    #expect(bench.answer?.type == .ack)
  }

  @Test("Case 15: DECLINEs cannot empty the pool")
  mutating func declinesDoNotEmptyThePool() {
    for machine: UInt8 in 1...10 {
      if let address = bench.boot(machine) { decline(machine, address) }
    }
    #expect(bench.service.leases.leases(at: bench.now).isEmpty)
    #expect(bench.boot(11) != nil)
  }

  private mutating func decline(_ machine: UInt8, _ address: IPv4Address) {
    var decline = DHCPBench.question(.decline, machine)
    decline[50] = octets(address)
    decline[54] = octets(DHCPBench.own)
    bench.send(decline)
  }

  @Test mutating func anINFORMIsAnsweredWithoutLease() {
    var inform = DHCPBench.question(.inform, 1)
    inform.header.clientAddress = IPv4Address(10, 77, 9, 9)
    inform[93] = [0, 0]
    inform[60] = Array("PXEClient:Arch:00000:UNDI:002001".utf8)
    bench.send(inform)
    #expect(bench.answer?.type == .ack && bench.kinds == ["send"])
    #expect(bench.answer?.address == .unspecified)
    #expect(bench.answer?.meaning[51] == nil && bench.answer?.meaning[58] == nil)
    #expect(bench.answer?.bootFile == "loaders/ipxe/undionly.kpxe")
    let home = Endpoint(IPv4Address(10, 77, 9, 9), 68)
    #expect(bench.answer?.reply.destination == .endpoint(home))
    inform.header.clientAddress = .unspecified
    bench.send(inform)
    #expect(bench.kinds.isEmpty)
  }
}
