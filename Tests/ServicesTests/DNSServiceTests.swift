import Boot
import Bytes
import Network
import Testing
import Wire

@testable import Services

@Suite struct DNSServiceTests {
  static let soa = "lab.test. 6 box.lab.test."

  @Test func anAddressIsAnsweredWithAuthority() throws {
    var bench = try DNSBench()
    let seen = try bench.ask("WWW.lab.TEST")
    #expect(seen.code == 0)
    #expect(seen.isAuthoritative)
    #expect(seen.answers == ["www.lab.test. 1 10.77.0.9"])
    #expect(seen.lifetimes == [300])
    #expect(seen.header.id == 0x1234)
    #expect(seen.header.wantsRecursion)
    // The letters come back as they were sent.
    #expect(Array(seen.bytes[13..<16]) == Array("WWW".utf8))
    #expect(seen.edns == nil)
    #expect(bench.actions.list.count == 1)
  }

  @Test(arguments: [DNSType.aaaa, DNSType.txt, DNSType.srv, 65, 4711])
  func aNameWithoutSuchRecordIsThereAllTheSame(_ type: UInt16) throws {
    var bench = try DNSBench()
    for name in ["www.lab.test", "rack1.lab.test"] {
      let seen = try bench.ask(name, type)
      #expect(seen.code == 0)
      #expect(seen.answers == [])
      #expect(seen.authority == [Self.soa])
      #expect(seen.lifetimes == [60])
    }
  }

  @Test func aMissingNameIsToldWithTheSOA() throws {
    var bench = try DNSBench()
    let seen = try bench.ask("no.lab.test")
    #expect(seen.code == 3)
    #expect(seen.isAuthoritative)
    #expect(seen.authority == [Self.soa])
    let reverse = try bench.ask("200.0.77.10.in-addr.arpa", DNSType.ptr)
    #expect(reverse.code == 3)
    #expect(reverse.authority == ["0.77.10.in-addr.arpa. 6 box.lab.test."])
  }

  @Test func theZoneNamesItsServer() throws {
    var bench = try DNSBench()
    #expect(try bench.ask("lab.test", DNSType.soa).answers == [Self.soa])
    let servers = try bench.ask("lab.test", DNSType.ns)
    #expect(servers.answers == ["lab.test. 2 box.lab.test."])
    #expect(servers.sections[2] == ["box.lab.test. 1 10.77.0.1"])
    #expect(
      try bench.ask("0.77.10.in-addr.arpa", DNSType.ns).answers == [
        "0.77.10.in-addr.arpa. 2 box.lab.test."
      ])
  }

  @Test func theWayBackIsKnown() throws {
    var bench = try DNSBench()
    #expect(
      try bench.ask("9.0.77.10.in-addr.arpa", DNSType.ptr).answers == [
        "9.0.77.10.in-addr.arpa. 12 www.lab.test."
      ])
  }

  @Test func whatLiesBetweenANameAndItsZoneExists() throws {
    var bench = try DNSBench { $0.add(try DNSBench.name("a.b.lab.test"), IPv4Address(10, 0, 0, 1)) }
    #expect(try bench.ask("b.lab.test").code == 0)
    #expect(try bench.ask("c.b.lab.test").code == 3)
  }

  @Test("Case 35: an alias is followed, and no circle of them is endless")
  func anAliasIsFollowedAndNoCircleIsEndless() throws {
    var bench = try DNSBench { draft in
      for (name, target) in [
        ("ftp", "www.lab.test"), ("one", "two.lab.test"), ("two", "one.lab.test"),
        ("out", "example.org"), ("gone", "nothing.lab.test"),
      ] {
        draft.add(
          try DNSBench.name("\(name).lab.test"), .cname, try DNSBench.name(target).octets)
      }
    }
    #expect(
      try bench.ask("ftp.lab.test").answers == [
        "ftp.lab.test. 5 www.lab.test.", "www.lab.test. 1 10.77.0.9",
      ])
    let alias = try bench.ask("ftp.lab.test", DNSType.cname)
    #expect(alias.answers == ["ftp.lab.test. 5 www.lab.test."])
    #expect(try bench.ask("one.lab.test").answers.count == 9)
    #expect(try bench.ask("out.lab.test").answers == ["out.lab.test. 5 example.org."])
    #expect(try bench.ask("gone.lab.test").code == 3)
  }

  @Test func aCutLeadsToItsServers() throws {
    var bench = try DNSBench { draft in
      draft.add(
        try DNSBench.name("sub.lab.test"), .ns, try DNSBench.name("ns.sub.lab.test").octets)
      draft.add(try DNSBench.name("ns.sub.lab.test"), .a, [10, 77, 0, 3])
    }
    for name in ["sub.lab.test", "deep.sub.lab.test"] {
      let seen = try bench.ask(name)
      #expect(seen.answers == [])
      #expect(!seen.isAuthoritative)
      #expect(seen.authority == ["sub.lab.test. 2 ns.sub.lab.test."])
      #expect(seen.sections[2] == ["ns.sub.lab.test. 1 10.77.0.3"])
    }
  }

  @Test func aCutsKeysAreTheParents() throws {
    var bench = try DNSBench { draft in
      draft.add(
        try DNSBench.name("sub.lab.test"), .ns, try DNSBench.name("ns.sub.lab.test").octets)
    }
    let seen = try bench.ask("sub.lab.test", DNSType.ds)
    #expect(seen.code == 0 && seen.isAuthoritative && seen.answers == [])
    #expect(seen.authority == [Self.soa])
  }

  @Test("Resolvers that ask label by label must not hear that nothing is there (RFC 8020)")
  func whatLiesAboveALeasesReverseNameExists() throws {
    var bench = try DNSBench()
    let network = try #require(IPv4Prefix("10.80.0.0/16"))
    let draft = ZoneDraft(
      forward: DomainName("lab.test"), host: "box", networks: [network], serial: 7)
    bench.catalog = Catalog(
      interfaces: [Interface(name: "s0", number: 3)],
      subnets: [Subnet(network: network, interface: "s0")],
      machines: [Machine(name: "rack1", macAddress: MACAddress("52:54:00:00:00:01"))],
      zones: draft.zones())
    bench.lease(IPv4Address(10, 80, 5, 9), to: 5, called: "pc")
    #expect(try bench.ask("5.80.10.in-addr.arpa", DNSType.ns, from: DNSBench.stranger).code == 0)
    #expect(
      try bench.ask("9.5.80.10.in-addr.arpa", DNSType.ptr).answers == [
        "9.5.80.10.in-addr.arpa. 12 pc.lab.test."
      ])
    #expect(try bench.ask("10.5.80.10.in-addr.arpa", DNSType.ptr).code == 3)
    #expect(try bench.ask("x.80.10.in-addr.arpa", DNSType.ptr).code == 3)
  }

  // MARK: Leases

  @Test func aMachineIsKnownByItsLeaseWhileThatRuns() throws {
    var bench = try DNSBench()
    bench.lease(IPv4Address(10, 77, 0, 100), to: 1, called: "liar")
    let seen = try bench.ask("rack1.lab.test")
    #expect(seen.answers == ["rack1.lab.test. 1 10.77.0.100"])
    #expect(seen.lifetimes == [60])
    #expect(
      try bench.ask("100.0.77.10.in-addr.arpa", DNSType.ptr).answers == [
        "100.0.77.10.in-addr.arpa. 12 rack1.lab.test."
      ])
    #expect(try bench.ask("liar.lab.test").code == 3)
    bench.lease(IPv4Address(10, 77, 0, 101), to: 1)
    #expect(try bench.ask("rack1.lab.test").answers == ["rack1.lab.test. 1 10.77.0.101"])
    bench.wait(.seconds(3601))
    #expect(try bench.ask("rack1.lab.test").code == 0)
    #expect(try bench.ask("rack1.lab.test").answers == [])
    #expect(try bench.ask("101.0.77.10.in-addr.arpa", DNSType.ptr).code == 3)
  }

  @Test func aClientMayNameItself() throws {
    var bench = try DNSBench()
    for (index, name) in ["Laptop", "pc.lab.test"].enumerated() {
      bench.lease(IPv4Address(10, 77, 0, 110 + UInt8(index)), to: 2 + UInt64(index), called: name)
    }
    #expect(try bench.ask("laptop.lab.test").answers == ["laptop.lab.test. 1 10.77.0.110"])
    #expect(try bench.ask("laptop.lab.test", DNSType.aaaa).code == 0)
    #expect(try bench.ask("pc.lab.test").answers == ["pc.lab.test. 1 10.77.0.111"])
    bench.service.names.remove(IPv4Address(10, 77, 0, 110))
    #expect(try bench.ask("laptop.lab.test").code == 3)
  }

  @Test(
    "Case 37: a client may not have another's name",
    arguments: [
      "wpad", "ISATAP", "localhost", "box", "rack1", "www", "a b", "-a", "a_b", "ä",
      "x.example.org", "a\n10.0.0.1", "www.lab.test", "", ".", "a..lab.test",
      String(repeating: "a", count: 64),
    ])
  func aClientMayNotHaveAnothersName(_ name: String) throws {
    var bench = try DNSBench()
    let before = try bench.ask("www.lab.test").answers
    bench.lease(IPv4Address(10, 77, 0, 120), to: 5, called: name)
    #expect(bench.service.names.isEmpty)
    #expect(try bench.ask("120.0.77.10.in-addr.arpa", DNSType.ptr).code == 3)
    #expect(try bench.ask("www.lab.test").answers == before)
  }

  @Test("Case 37: an active name stays its owner's")
  func anActiveNameStaysItsOwners() throws {
    var bench = try DNSBench()
    bench.lease(IPv4Address(10, 77, 0, 120), to: 5, called: "pc")
    bench.lease(IPv4Address(10, 77, 0, 121), to: 6, called: "PC")
    #expect(try bench.ask("pc.lab.test").answers == ["pc.lab.test. 1 10.77.0.120"])
    bench.wait(.seconds(3601))
    bench.lease(IPv4Address(10, 77, 0, 121), to: 6, called: "PC")
    #expect(try bench.ask("pc.lab.test").answers == ["pc.lab.test. 1 10.77.0.121"])
  }

  // MARK: What is refused

  @Test("Case 33: what is not ours is refused", arguments: [DNSBench.client, DNSBench.stranger])
  func whatIsNotOursIsRefused(_ client: IPv4Address) throws {
    var bench = try DNSBench()
    for name in ["example.org", "test", "", "9.1.77.10.in-addr.arpa"] {
      let seen = try bench.ask(name, from: client)
      #expect(seen.code == 5)
      #expect(!seen.isAuthoritative)
    }
    #expect(try bench.ask("www.lab.test", from: client).code == 0)
  }

  @Test("Case 33: a stranger is never forwarded")
  func aStrangerIsNeverForwarded() throws {
    var bench = try DNSBench(forwarders: [DNSBench.server])
    let seen = try bench.ask("example.org", from: DNSBench.stranger)
    #expect(seen.code == 5)
    #expect(seen.header.flags & DNSHeader.recursionAvailable == 0)
    #expect(bench.asked == nil)
    // Nor a client of ours that does not want it.
    bench.receive(DNSBench.query("example.org", flags: 0))
    #expect(try bench.answers.first?.code == 5)
  }

  @Test("Case 33: transfers, NOTIFY, UPDATE and our version are refused, ANY is one type")
  func whatWouldGiveEverythingAwayIsRefused() throws {
    var bench = try DNSBench()
    for type in [DNSType.axfr, DNSType.ixfr] {
      #expect(try bench.ask("lab.test", type).code == 5)
    }
    for opcode: UInt16 in [4, 5] {
      bench.receive(DNSBench.query("lab.test", DNSType.soa, flags: opcode << 11))
      #expect(try bench.answers.first?.code == 5)
    }
    bench.receive(DNSBench.query("version.bind", DNSType.txt, recordClass: 3))
    #expect(try bench.answers.first?.code == 5)
    // ANY: one type of what there is.
    let any = try bench.ask("lab.test", DNSType.any)
    #expect(any.answers == [Self.soa])
  }

  @Test("Case 34: a stranger's flood is cut short, every second answer slips")
  func aStrangersFloodIsCutShort() throws {
    var bench = try DNSBench()
    var whole = 0
    var cut = 0
    for _ in 0..<300 {
      bench.receive(DNSBench.query("www.lab.test"), from: DNSBench.stranger)
      guard let seen = try bench.answers.first else { continue }
      if seen.header.isTruncated { cut += 1 } else { whole += 1 }
    }
    #expect(whole == 100)
    #expect(cut == 100)
    #expect(bench.service.counts.limited == 200)
    // Machines of ours are not held back, nor is the stranger a second later, nor by TCP.
    #expect(try bench.ask("www.lab.test").answers.count == 1)
    bench.receive(DNSBench.query("www.lab.test"), from: DNSBench.stranger, stream: true)
    #expect(try bench.answers.first?.answers.count == 1)
    bench.wait(.seconds(1))
    #expect(try bench.ask("www.lab.test", from: DNSBench.stranger).answers.count == 1)
  }

  @Test("Case 34: EDNS is capped at 1,232, then TC, then TCP")
  func aLongAnswerComesByTCP() throws {
    var bench = try DNSBench { draft in
      let name = try DNSBench.name("many.lab.test")
      for number in 0..<200 { draft.add(name, .a, [10, 0, 0, UInt8(number)]) }
    }
    let short = try bench.ask("many.lab.test")
    #expect(short.header.isTruncated)
    #expect(short.answers == [])
    #expect(short.bytes.count <= 512)
    let greedy = try bench.ask(
      "many.lab.test", edns: DNSExtension(payloadSize: 65535, wantsSecurity: true))
    #expect(greedy.header.isTruncated)
    #expect(greedy.edns == DNSExtension(payloadSize: 1232, wantsSecurity: true))
    bench.receive(DNSBench.query("many.lab.test"), stream: true)
    let whole = try #require(try bench.answers.first)
    #expect(whole.answers.count == 200)
    guard case .answer(let id, let bytes)? = bench.actions.list.first else {
      Issue.record("no answer on the stream")
      return
    }
    #expect(id == ConnectionID(1))
    let framed = Array(bench.actions.octets(bytes))
    #expect(Int(framed[0]) << 8 | Int(framed[1]) == framed.count - 2)
  }

  @Test("Case 38: an odd query is answered with its code")
  func anOddQueryIsAnsweredWithItsCode() throws {
    var bench = try DNSBench()
    // An EDNS version that nobody has yet.
    var extended = DNSExtension(payloadSize: 1232)
    extended.version = 1
    let seen = try bench.ask("www.lab.test", edns: extended)
    #expect(seen.code == 0)
    #expect(seen.edns?.extendedCode == 1)
    #expect(seen.edns?.version == 0)
    #expect(seen.answers == [])
    // Class ANY and classes that are none.
    for recordClass: UInt16 in [0, 2, 4, 254, 255, 4711] {
      bench.receive(DNSBench.query("www.lab.test", recordClass: recordClass))
      #expect(try bench.answers.first?.code == 5)
    }
    // Every other opcode.
    for opcode: UInt16 in [1, 2, 3] + Array(6...15) {
      bench.receive(DNSBench.query("www.lab.test", flags: opcode << 11))
      #expect(try bench.answers.first?.code == 4)
      #expect(try bench.answers.first?.header.opcode == UInt8(opcode))
    }
    for type in [DNSType.opt, DNSType.tsig, 0] {
      #expect(try bench.ask("lab.test", type).code == 1)
    }
    for type in [DNSType.tkey, DNSType.maila, DNSType.mailb] {
      #expect(try bench.ask("lab.test", type).code == 4)
    }
  }

  @Test func whatIsNoQueryIsDroppedOrToldSo() throws {
    var bench = try DNSBench()
    bench.receive([1, 2, 3])
    #expect(try bench.answers.isEmpty)
    bench.receive(DNSBench.query("www.lab.test", flags: 0x8000))
    #expect(try bench.answers.isEmpty)
    bench.receive(Array(DNSBench.query("www.lab.test").dropLast()))
    #expect(try bench.answers.first?.code == 1)
    #expect(try bench.answers.first?.bytes.count == 12)
    // The log hears of it once a minute.
    #expect(bench.service.counts.malformed == 2)
    let events = bench.actions.list.filter { if case .record = $0 { true } else { false } }
    #expect(events == [])
  }
}
