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

  @Test func hardening35OneQuestionIsInFlightOnce() throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    bench.receive(DNSBench.query("example.org", id: 99), from: IPv4Address(10, 77, 0, 51))
    #expect(bench.asked == nil)
    // The same client again waits once.
    bench.receive(DNSBench.query("example.org"))
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address]), asked.id)
    #expect(try bench.answers.map(\.header.id) == [0x1234, 99])
  }

  @Test func hardening35OnlyTheTrueAnswerCounts() throws {
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

  @Test func hardening35WhoGuessesLosesThePort() throws {
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

  @Test func hardening35ASilentServerEndsInSERVFAIL() throws {
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

  @Test func hardening35WhatIsMissingIsKeptToo() throws {
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

  @Test(arguments: ["10.0.0.1", "192.168.1.1", "127.0.0.1", "169.254.0.1", "0.0.0.0"])
  func hardening37PrivateAddressesFromOutsideAreTakenOut(_ text: String) throws {
    var bench = try asking()
    let asked = try #require(bench.asked)
    let address = try #require(IPv4Address(text))
    bench.hear(DNSBench.answer(to: asked.bytes, [Self.address, address]), asked.id)
    let seen = try #require(try bench.answers.first)
    #expect(seen.code == 0)
    #expect(seen.answers == [])
    #expect(bench.service.counts.rebindings == 1)
  }

  @Test func hardening38DOAndCDArePassedOn() throws {
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

  @Test func everythingIsBounded() throws {
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

  @Test func noAnswerOfAnotherServerTraps() throws {
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
