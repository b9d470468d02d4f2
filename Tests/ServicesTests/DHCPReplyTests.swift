import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// What a reply holds, and where it goes.
@Suite struct DHCPReplyTests {
  var bench = DHCPBench()
  let first = IPv4Address(10, 77, 1, 10)

  @Test("RFC 2131 §4.1: to the link layer, or to everyone when asked so", arguments: [false, true])
  mutating func aClientWithoutAddressIsReachedAsItAsks(_ wantsBroadcast: Bool) {
    let all = Reply.Destination.endpoint(Endpoint(.broadcast, 68))
    let one = Reply.Destination.link(DHCPBench.mac(1), Endpoint(first, 68))
    bench.boot(1) { $0.header.flags = wantsBroadcast ? 0x8000 : 0 }
    #expect(bench.answer?.reply.destination == (wantsBroadcast ? all : one))
    #expect(bench.answer?.meaning.header.flags == (wantsBroadcast ? 0x8000 : 0))
    #expect(bench.answer?.reply.source == Endpoint(DHCPBench.own, 67))
    #expect(bench.answer?.reply.interface == 2)
  }

  @Test mutating func anAddressSetBeforeItIsGivenMeansNothing() {
    bench.boot(1) { $0.header.clientAddress = IPv4Address(10, 77, 9, 9) }
    #expect(bench.answer?.type == .ack)
    #expect(bench.answer?.reply.destination == .link(DHCPBench.mac(1), Endpoint(first, 68)))
    #expect(bench.answer?.meaning.header.clientAddress == .unspecified)
  }

  @Test mutating func aReplyHasTheFieldsOfItsRequest() {
    var discover = DHCPBench.question(.discover, 1)
    discover.header.secondsElapsed = 9
    discover.header.serverAddress = IPv4Address(1, 2, 3, 4)  // as a Raspberry Pi 4 sends it
    bench.send(discover)
    let header = bench.answer?.meaning.header
    #expect(header?.isRequest == false)
    #expect(header?.transactionID == discover.header.transactionID)
    #expect(header?.hardwareAddress == discover.header.hardwareAddress)
    #expect(header?.hops == 0 && header?.secondsElapsed == 0)
    #expect(header?.serverAddress == .unspecified)  // it asked for nothing to boot
  }

  @Test mutating func theSubnetIsTold() {
    bench.catalog = DHCPBench.catalog(options: [
      OptionSetting(code: 42, value: [10, 77, 0, 1]),
      OptionSetting(code: 150, value: [1, 2, 3, 4]),
    ])
    var discover = DHCPBench.question(.discover, 1)
    discover[55] = [1, 3, 6, 15, 28, 42]
    bench.send(discover)
    #expect(bench.answer?.meaning[1] == [255, 255, 0, 0])
    #expect(bench.answer?.meaning[3] == [10, 77, 0, 254])
    #expect(bench.answer?.meaning[6] == octets(DHCPBench.own))
    #expect(bench.answer?.text(15) == "lab.test")
    #expect(bench.answer?.meaning[28] == [10, 77, 255, 255])
    #expect(bench.answer?.meaning[42] == [10, 77, 0, 1])
    #expect(bench.answer?.meaning[150] == nil)  // not asked for
    #expect(bench.answer?.meaning[60] == nil)
  }

  @Test mutating func noOptionIsSentTwice() {
    bench.catalog = DHCPBench.catalog(
      options: [28, 66, 67, 175].map { OptionSetting(code: $0, value: [1, 2, 3, 4]) })
    bench.boot(1) { $0[93] = [0, 0] }
    #expect(bench.answer?.bootFile == "loaders/ipxe/undionly.kpxe")
    #expect(bench.answer?.meaning[28] == [10, 77, 255, 255])
    bench.boot(1)  // It boots nothing from here, so the operator's word holds.
    #expect(bench.answer?.meaning[67] == [1, 2, 3, 4])
  }

  @Test mutating func noReplyIsShorterThan300Bytes() {
    bench.send(DHCPBench.question(.discover, 1))
    #expect(bench.answer?.octets.count ?? 0 >= 300)
    var reboot = DHCPBench.question(.request, 1)
    reboot[50] = [1, 1, 1, 1]
    bench.send(reboot)
    #expect(bench.answer?.type == .nak && bench.answer?.octets.count == 300)
  }

  @Test(
    "Option 57 bounds the reply; less than 576 counts as 576, more than an MTU as 1500",
    arguments: [
      (nil, 548), (0, 548), (300, 548), (576, 548), (1000, 972), (1472, 1444), (65280, 1472),
    ] as [(Int?, Int)])
  mutating func aReplyIsNoLongerThanTheClientTakes(_ row: (Int?, Int)) {
    bench.catalog = DHCPBench.catalog(
      options: (224...254).map {
        OptionSetting(code: $0, value: [UInt8](repeating: $0, count: 60))
      })
    bench.boot(1) { $0[57] = row.0.map { [UInt8($0 >> 8), UInt8($0 & 255)] } }
    #expect((row.1 - 62...row.1).contains(bench.answer?.octets.count ?? 0))
    #expect(bench.answer?.number(51) == 3600)
  }

  @Test mutating func whatMustComeBackComesBackAndOption82Last() {
    let identifier = [UInt8](repeating: 3, count: 19)
    let uuid = [0] + [UInt8](repeating: 8, count: 16)
    bench.boot(1) { question in
      question[82] = [1, 2, 0x70, 0x30, 2, 0]
      question[61] = identifier
      question[97] = uuid
    }
    #expect(bench.answer?.meaning[61] == identifier)
    #expect(bench.answer?.meaning[97] == uuid)
    #expect(bench.answer?.meaning[82] == [1, 2, 0x70, 0x30, 2, 0])
    #expect(bench.answer?.meaning.options.last?.code == 82)
    var reboot = DHCPBench.question(.request, 1)
    reboot[50] = [1, 1, 1, 1]
    reboot[61] = identifier
    reboot[82] = [1, 1, 9]
    bench.send(reboot)
    #expect(bench.answer?.type == .nak)
    #expect(bench.answer?.meaning.options.map(\.code) == [53, 54, 56, 61, 82])
  }

  @Test(
    "Case 6: option 82 that leaves no room, or is cut, promises nothing",
    arguments: [
      [UInt8](repeating: 9, count: 254), [1], [1, 200, 3], [0],
    ]) mutating func anImpossibleOption82IsRefused(_ value: [UInt8])
  {
    for type in [DHCPMessageType.discover, .request] {
      var question = DHCPBench.question(type, 1)
      question[50] = octets(first)
      question[82] = value.count < 200 ? value : [1, 252] + value[2...]
      if value.count >= 200 { question[61] = value }
      bench.send(question)
      #expect(bench.kinds.isEmpty && bench.facts.first == "packet.malformed")
    }
    #expect(bench.service.leases.count == 0)
  }

  @Test(
    "Case 10: a stranger's bytes are kept raw",
    arguments: [
      Array("<script>alert(1)</script>".utf8), Array("a\nlease 10.0.0.1".utf8),
      [0, 1, 255, 0xc0, 0x80],
      Array("'; $(reboot) ${x} {{y}}".utf8), Array("\u{202e}abc".utf8),
      [UInt8](repeating: 0x61, count: 255),
    ] + (0...255).map { [$0, 0x61] }) mutating func aHostNameIsKeptAsItCame(_ name: [UInt8])
  {
    bench.boot(1) { question in
      question[12] = name
      question[60] = name
      question[61] = name
    }
    #expect(bench.stored.first?.hostName == name)
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.vendorClass == name)
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.clientIdentifier == name)
    // Nothing of it goes to anybody else, and the name we give is our own.
    #expect(bench.answer?.meaning[12] == nil)
  }

  @Test mutating func whatIsLongerThanAnOptionIsNotKept() {
    bench.boot(1) { question in
      question[57] = [5, 0xc0]
      question[12] = [UInt8](repeating: 0x61, count: 256)
      question[60] = [UInt8](repeating: 0x61, count: 300)
    }
    #expect(bench.stored.map(\.hostName) == [[]])
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.vendorClass == [])
  }
}
