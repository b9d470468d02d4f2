import Boot
import Bytes
import Network
import Testing
import Wire

@testable import Services

@Suite struct DNSForwardTests {
  static let address = IPv4Address(198, 51, 100, 7)

  private func asking(
    _ name: String = "example.org", forwarders: [IPv4Address] = [DNSBench.server]
  ) throws -> DNSBench {
    var bench = try DNSBench(forwarders: forwarders)
    bench.receive(DNSBench.query(name))
    return bench
  }

  @Test func aClientOfOursIsAnsweredByAnotherServer() throws {
    var bench = try asking("Example.ORG")
    let asked = try #require(bench.asked)
    #expect(asked.server == Endpoint(DNSBench.server, 53))
    let header = try DNSHeader(decoding: asked.bytes.rawSpan)
    #expect(header.id == 0x4711)
    #expect(header.wantsRecursion)
    #expect(try bench.answers.isEmpty)
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address]), asked.id)
    #expect(bench.actions.list.contains(.hangUp(asked.id)))
    let seen = try #require(try bench.answers.first)
    #expect(seen.answers == ["example.org. 1 198.51.100.7"])
    #expect(seen.header.id == 0x1234)
    #expect(seen.edns == nil)
    #expect(!seen.isAuthoritative)
    #expect(seen.header.flags & DNSHeader.recursionAvailable != 0)
    #expect(Array(seen.bytes[13..<20]) == Array("Example".utf8))
    #expect(bench.service.nextDeadline == nil)
  }

  @Test("Case 35: one question is in flight once")
  func oneQuestionIsInFlightOnce() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    bench.receive(DNSBench.query("example.org", id: 99), from: IPv4Address(10, 77, 0, 51))
    #expect(bench.asked == nil)
    // The same client again waits once.
    bench.receive(DNSBench.query("example.org"))
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address]), asked.id)
    #expect(try bench.answers.map(\.header.id) == [0x1234, 99])
  }

  @Test("Case 35: only the answer of that id, port, address and question counts")
  func onlyTheTrueAnswerCounts() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    let answer = DNSBench.answer(to: asked.bytes, [Self.address])
    var wrongID = answer
    wrongID[1] ^= 1
    var wrongName = answer
    wrongName[13] ^= 1
    var wrongType = answer
    wrongType[26] = 28
    var query = answer
    query[2] &= 0x7f
    for bytes in [wrongID, wrongName, wrongType, query, Array(answer.dropLast(20)), []] {
      bench.hear(bytes, asked.id)
      #expect(bench.actions.list.isEmpty)
    }
    bench.hear(answer, asked.id, from: Endpoint(IPv4Address(192, 0, 2, 99), 53))
    #expect(bench.actions.list.isEmpty)
    bench.hear(answer, asked.id, from: Endpoint(DNSBench.server, 54))
    #expect(bench.actions.list.isEmpty)
    bench.hear(answer, ForwardID(asked.id.number + 512))
    #expect(bench.actions.list.isEmpty)
    #expect(bench.service.counts.strays == 8)
    bench.hear(answer, asked.id)
    #expect(try bench.answers.count == 1)
  }

  @Test("Case 35: who guesses loses the port")
  func whoGuessesLosesThePort() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    var guess = DNSBench.answer(to: asked.bytes, [Self.address])
    guess[1] ^= 1
    for _ in 0..<DNSForward.mostStrays { bench.hear(guess, asked.id) }
    #expect(bench.actions.list.contains(.hangUp(asked.id)))
    let again = try #require(bench.asked)
    #expect(again.id != asked.id)
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address]), asked.id)
    #expect(bench.actions.list.isEmpty)
  }

  @Test("Case 35: a silent server ends in SERVFAIL, after eight seconds")
  func aSilentServerEndsInSERVFAIL() throws {
    var bench = try asking(forwarders: [DNSBench.server, DNSBench.second])
    var servers: [IPv4Address] = []
    var waited = 0
    while let asked = bench.asked {
      servers.append(asked.server.address)
      #expect(bench.service.nextDeadline == bench.now + DNSForwards.patience)
      bench.wait(DNSForwards.patience)
      waited += 2
    }
    #expect(servers == [DNSBench.server, DNSBench.second, DNSBench.server, DNSBench.second])
    #expect(waited == 8)
    #expect(try bench.answers.map(\.code) == [2])
    #expect(bench.service.nextDeadline == nil)
    // Asked again at once, it is not tried again at once.
    bench.receive(DNSBench.query("example.org"))
    #expect(bench.asked == nil)
    #expect(try bench.answers.map(\.code) == [2])
    bench.wait(.seconds(6))
    bench.receive(DNSBench.query("example.org"))
    #expect(bench.asked != nil)
  }

  @Test func aServerThatFailsIsFollowedByTheNext() throws {
    var bench = try asking(forwarders: [DNSBench.server, DNSBench.second])
    let asked = try #require(bench.asked)
    bench.hear(DNSBench.answer(to: asked.bytes, [], flags: 0x8182), asked.id)
    let next = try #require(bench.asked)
    #expect(next.server.address == DNSBench.second)
    bench.hear(
      DNSBench.answer(to: next.bytes, [Self.address]), next.id,
      from: Endpoint(DNSBench.second, 53))
    #expect(try bench.answers.map(\.code) == [0])
    // The one that answered is asked first from now on.
    bench.receive(DNSBench.query("example.net"))
    #expect(bench.asked?.server.address == DNSBench.second)
  }

  @Test func anAnswerIsKeptAsLongAsItSays() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address], lifetime: 300), asked.id)
    bench.wait(.seconds(100))
    let seen = try bench.ask("example.org", edns: DNSExtension(payloadSize: 1232))
    #expect(seen.answers == ["example.org. 1 198.51.100.7"])
    #expect(seen.lifetimes == [200])
    #expect(seen.edns?.payloadSize == 1232)
    bench.wait(.seconds(201))
    bench.receive(DNSBench.query("example.org"))
    #expect(bench.asked != nil)
  }

  @Test("Case 35: what is missing is kept too")
  func whatIsMissingIsKeptToo() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    // NXDOMAIN with a SOA of 120 s, whose minimum says 30.
    var bytes = Array(asked.bytes.dropLast(DNSExtension.byteCount))
    bytes[2] = 0x81
    bytes[3] = 0x83
    bytes[9] = 1
    bytes[11] = 0
    bytes += [0, 0, 6, 0, 1, 0, 0, 0, 120, 0, 22, 0, 0] + [UInt8](repeating: 0, count: 16)
    bytes += [0, 0, 0, 30]
    bench.hear(bytes, asked.id)
    #expect(try bench.answers.map(\.code) == [3])
    bench.wait(.seconds(29))
    #expect(try bench.ask("example.org").code == 3)
    bench.wait(.seconds(2))
    bench.receive(DNSBench.query("example.org"))
    #expect(bench.asked != nil)
  }

  @Test(
    "Case 37: private addresses from outside are taken out",
    arguments: ["10.0.0.1", "192.168.1.1", "127.0.0.1", "169.254.0.1", "0.0.0.0"])
  func privateAddressesFromOutsideAreTakenOut(_ text: String) throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    let address = try #require(IPv4Address(text))
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address, address]), asked.id)
    let seen = try #require(try bench.answers.first)
    #expect(seen.code == 0)
    #expect(seen.answers == [])
    #expect(bench.service.counts.rebindings == 1)
  }

  @Test("Case 38: DO and CD are passed on")
  func doAndCDArePassedOn() throws {
    var bench = try DNSBench(forwarders: [DNSBench.server])
    bench.receive(
      DNSBench.query(
        "example.org", flags: 0x0110, edns: DNSExtension(payloadSize: 4096, wantsSecurity: true)))
    let asked = try #require(bench.asked)
    let query = try DNSQuery(
      DNSHeader(decoding: asked.bytes.rawSpan), checking: asked.bytes.rawSpan)
    let edns = query.edns
    #expect(edns == DNSExtension(payloadSize: 1232, wantsSecurity: true))
    #expect(query.header.flags == 0x0110)
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address]), asked.id)
    // Another client's answer must not be the one with signatures.
    bench.receive(DNSBench.query("example.org"))
    #expect(bench.asked != nil)
  }

  // MARK: By TCP

  @Test func whatWasCutShortIsHadWholeByTCP() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    bench.hear(DNSBench.answer(to: asked.bytes, [], flags: 0x8380), asked.id)
    #expect(bench.actions.list.contains(.hangUp(asked.id)))
    #expect(bench.asked == nil)
    #expect(try bench.answers.isEmpty)
    let again = try #require(bench.askedByStream)
    #expect(again.server == asked.server && again.id != asked.id)
    #expect(again.bytes == asked.bytes)
    let addresses = (0..<100).map { IPv4Address(198, 51, 100, UInt8($0)) }
    bench.hear(Self.answer(to: again.bytes, addresses), again.id)
    let short = try #require(try bench.answers.first)
    #expect(short.header.isTruncated && short.answers == [])
    // Its client comes by TCP, and what came whole was kept.
    bench.receive(DNSBench.query("example.org"), stream: true)
    #expect(bench.asked == nil && bench.askedByStream == nil)
    let whole = try #require(try bench.answers.first)
    #expect(whole.answers.count == 100 && !whole.header.isTruncated)
  }

  @Test func aServerThatCutsByTCPTooIsBelieved() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    bench.hear(DNSBench.answer(to: asked.bytes, [], flags: 0x8380), asked.id)
    let again = try #require(bench.askedByStream)
    bench.hear(DNSBench.answer(to: again.bytes, [], flags: 0x8380), again.id)
    #expect(bench.askedByStream == nil)
    #expect(try bench.answers.map(\.header.isTruncated) == [true])
  }

  @Test func aServerSilentByTCPIsFollowedByTheNext() throws {
    var bench = try asking(forwarders: [DNSBench.server, DNSBench.second])
    let asked = try #require(bench.asked)
    bench.hear(DNSBench.answer(to: asked.bytes, [], flags: 0x8380), asked.id)
    let again = try #require(bench.askedByStream)
    bench.wait(DNSForwards.patience)
    #expect(bench.actions.list.contains(.hangUp(again.id)))
    #expect(bench.asked?.server.address == DNSBench.second)
    for _ in 0..<8 { bench.wait(DNSForwards.patience) }
    #expect(bench.service.forwards.count == 0 && bench.service.nextDeadline == nil)
  }

  @Test func aVeryLongAnswerIsNotKept() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    bench.hear(DNSBench.answer(to: asked.bytes, [], flags: 0x8380), asked.id)
    let again = try #require(bench.askedByStream)
    bench.hear(
      Self.answer(to: again.bytes, [IPv4Address](repeating: Self.address, count: 300)), again.id)
    bench.receive(DNSBench.query("example.org"), stream: true)
    #expect(bench.asked != nil)
  }

  /// As ``DNSBench/answer(to:_:lifetime:flags:)``, of more than 255 records.
  private static func answer(to query: [UInt8], _ addresses: [IPv4Address]) -> [UInt8] {
    var bytes = DNSBench.answer(to: query, [])
    let extended = bytes.suffix(DNSExtension.byteCount)
    bytes.removeLast(DNSExtension.byteCount)
    bytes[6] = UInt8(addresses.count >> 8)
    bytes[7] = UInt8(addresses.count & 0xff)
    for address in addresses {
      let (a, b, c, d) = address.octets
      bytes += [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, a, b, c, d]
    }
    return bytes + extended
  }

  // MARK: Aliases that lead out of our zone

  private func aliased(_ flags: UInt16 = 0x0100, from client: IPv4Address = DNSBench.client) throws
    -> DNSBench
  {
    var bench = try DNSBench(forwarders: [DNSBench.server]) { draft in
      for (name, target) in [("out", "far.lab.test"), ("far", "www.example.org")] {
        draft.add(
          try DNSBench.name("\(name).lab.test"), .cname, try DNSBench.name(target).octets)
      }
    }
    bench.receive(DNSBench.query("OUT.lab.test", flags: flags), from: client)
    return bench
  }

  static let aliases = [
    "out.lab.test. 5 far.lab.test.", "far.lab.test. 5 www.example.org.",
  ]

  @Test func anAliasOutOfOurZoneIsFollowedForOurClients() throws {
    var bench = try aliased()
    let asked = try #require(bench.asked)
    #expect(Array(asked.bytes[12..<29]) == Array("\u{3}www\u{7}example\u{3}org\0".utf8))
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address]), asked.id)
    let seen = try #require(try bench.answers.first)
    #expect(seen.answers == Self.aliases + ["www.example.org. 1 198.51.100.7"])
    #expect(seen.header.id == 0x1234 && seen.code == 0 && seen.isAuthoritative)
    #expect(Array(seen.bytes[13..<16]) == Array("OUT".utf8))
    // From what is kept, aged, and by TCP with EDNS too.
    bench.wait(.seconds(100))
    bench.receive(
      DNSBench.query("out.lab.test", edns: DNSExtension(payloadSize: 1232)), stream: true)
    let kept = try #require(try bench.answers.first)
    #expect(kept.answers.count == 3 && kept.lifetimes == [300, 300, 200])
    #expect(kept.edns?.payloadSize == 1232)
  }

  @Test func theAbsenceOfItsEndIsToldBehindIt() throws {
    var bench = try aliased()
    let asked = try #require(bench.asked)
    var bytes = Array(asked.bytes.dropLast(DNSExtension.byteCount))
    bytes[2] = 0x81
    bytes[3] = 0x83
    bytes[9] = 1
    bytes[11] = 0
    // A SOA whose names are pointers into the question.
    bytes += [0xc0, 16, 0, 6, 0, 1, 0, 0, 0, 120, 0, 24, 0xc0, 12, 0xc0, 16]
    bytes += [UInt8](repeating: 0, count: 16) + [0, 0, 0, 30]
    bench.hear(bytes, asked.id)
    let seen = try #require(try bench.answers.first)
    #expect(seen.code == 3 && seen.answers == Self.aliases)
    #expect(seen.authority == ["example.org. 6 www.example.org."])
  }

  @Test func itsEndThatDoesNotAnswerIsSERVFAIL() throws {
    var bench = try aliased()
    while bench.asked != nil { bench.wait(DNSForwards.patience) }
    let seen = try #require(try bench.answers.first)
    #expect(seen.code == 2 && seen.answers == Self.aliases)
  }

  @Test func strangersFollowItThemselves() throws {
    for bench in [try aliased(from: DNSBench.stranger), try aliased(0)] {
      #expect(bench.asked == nil)
      #expect(try bench.answers.map(\.answers) == [Self.aliases])
    }
  }

  @Test("Case 32: no answer behind an alias traps")
  func noAnswerBehindAnAliasTraps() throws {
    let start = try aliased()
    let asked = try #require(start.asked)
    var answer = DNSBench.answer(to: asked.bytes, [Self.address])
    // MX, SRV and SOA with pointers.
    answer.removeLast(DNSExtension.byteCount)
    answer[7] = 3
    answer[11] = 0
    answer += [0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 4, 0, 10, 0xc0, 16]
    answer += [0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, 8, 0, 0, 0, 0, 0, 80, 0xc0, 16]
    for index in answer.indices.dropFirst(asked.bytes.count - DNSExtension.byteCount) {
      for octet: UInt8 in [0, 1, 12, 16, 0xc0, 255] {
        var bench = start
        var mutant = answer
        mutant[index] = octet
        bench.hear(mutant, asked.id)
        for seen in try bench.answers { #expect(seen.bytes.count <= 512) }
      }
    }
    var bench = start
    bench.hear(answer, asked.id)
    #expect(try bench.answers.first?.answers.count == 5)
  }

  @Test("Case 35: questions in flight and who waits for them are bounded")
  func everythingIsBounded() throws {
    var bench = try DNSBench(forwarders: [DNSBench.server])
    for index in 0..<600 { bench.receive(DNSBench.query("n\(index).example")) }
    #expect(bench.service.forwards.count == DNSForwards.limit)
    #expect(try bench.answers.map(\.code) == [2])
    for index in 0..<40 {
      bench.receive(DNSBench.query("n1.example", id: UInt16(index)))
    }
    #expect(try bench.answers.map(\.code) == [2])
    for _ in 0..<4 { bench.wait(DNSForwards.patience) }
    #expect(bench.service.forwards.count == 0)
  }

  @Test("Case 32: no answer of another server traps")
  func noAnswerOfAnotherServerTraps() throws {
    let start = try asking()
    let asked = try #require(start.asked)
    let answer = DNSBench.answer(to: asked.bytes, [Self.address])
    for index in answer.indices {
      for octet: UInt8 in [0, 1, 255] {
        var bench = start
        var mutant = answer
        mutant[index] = octet
        bench.hear(mutant, asked.id)
        bench.hear(Array(answer[..<index]), asked.id)
      }
    }
  }
}
