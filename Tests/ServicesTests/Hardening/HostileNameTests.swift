import Boot
import Bytes
import Network
import Testing
import Wire

@testable import Services

/// DNS messages that are made to hurt (RFC 9267, RFC 5452).
@Suite("Cases 32 to 38: hostile DNS") struct HostileNameTests {
  /// A query of these counts, with this behind its head.
  private static func message(
    _ body: [UInt8], counts: [UInt16] = [1, 0, 0, 0], flags: UInt16 = 0x0100
  ) -> [UInt8] {
    ([0x1234, flags] + counts).flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] } + body
  }

  private static let question: [UInt8] = [1, 0x61, 0, 0, 1, 0, 1]
  /// An OPT record with `count` octets of options promised.
  private static func opt(_ count: UInt8, _ options: [UInt8] = []) -> [UInt8] {
    [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, count] + options
  }

  private static let odd: [(String, [UInt8])] = [
    ("a pointer to itself", message([0xc0, 12, 0, 1, 0, 1])),
    ("a pointer forward", message([0xc0, 14, 0, 1, 0, 1, 0, 0])),
    ("a pointer into the header", message([0xc0, 4, 0, 1, 0, 1])),
    ("a label of 0x40", message([0x41, 0x61, 0, 0, 1, 0, 1])),
    ("a label of 0x80", message([0x81, 0x61, 0, 0, 1, 0, 1])),
    ("a label of 64", message([64] + [UInt8](repeating: 0x61, count: 64) + [0, 0, 1, 0, 1])),
    (
      "a name of 256 octets",
      message(
        (0..<4).flatMap { _ in [63] + [UInt8](repeating: 0x61, count: 63) } + [0, 0, 1, 0, 1])
    ),
    ("no question", message([], counts: [0, 0, 0, 0])),
    ("two questions", message(question + question, counts: [2, 0, 0, 0])),
    ("65,535 questions", message(question, counts: [65_535, 0, 0, 0])),
    ("65,535 answers", message(question, counts: [1, 65_535, 0, 0])),
    ("65,535 authorities", message(question, counts: [1, 0, 65_535, 0])),
    ("65,535 additions", message(question, counts: [1, 0, 0, 65_535])),
    ("fewer records than there are", message(question + opt(0))),
    ("RDLENGTH too long", message(question + opt(9), counts: [1, 0, 0, 1])),
    ("RDLENGTH too short", message(question + opt(0, [0, 1]), counts: [1, 0, 0, 1])),
    (
      "an option longer than its record",
      message(question + opt(4, [0, 10, 0, 8]), counts: [1, 0, 0, 1])
    ),
  ]

  @Test("Case 32: what is out of form is FORMERR or nothing, never forwarded", arguments: odd)
  func oddQueries(_ row: (String, [UInt8])) throws {
    for isStream in [false, true] {
      var bench = try DNSBench(forwarders: [DNSBench.server])
      bench.receive(row.1, stream: isStream)
      let answers = try bench.answers
      #expect(answers.count <= 1 && answers.allSatisfy { $0.code == 1 && $0.bytes.count == 12 })
      #expect(bench.asked == nil && bench.service.counts.malformed == 1)
    }
  }

  @Test("Case 32: a message as long as TCP allows, all pointers, is read once and answered once")
  func theLongestMessage() throws {
    var bench = try DNSBench()
    // Each name is a pointer to the one before, as far as a name may be made of pointers.
    let head = Array(DNSBench.query("www.lab.test").dropFirst(12))
    var body = head
    var count: UInt16 = 0
    while body.count < 65_000 {
      let target = count % 100 == 0 ? 12 : 12 + body.count - 12
      body += [UInt8(0xc0 | target >> 8 & 0x3f), UInt8(truncatingIfNeeded: target)]
      body += [0, 1, 0, 1, 0, 0, 0, 0, 0, 0]
      count += 1
    }
    bench.receive(Self.message(body, counts: [1, count, 0, 0]), stream: true)
    #expect(try bench.answers.count == 1)
  }

  /// An answer of another server, bent.
  private static let bent: [(String, @Sendable (inout [UInt8]) -> Void)] = [
    ("an A record of three octets", { $0[$0.count - 16] = 3 }),
    ("an A record longer than the message", { $0[$0.count - 16] = 255 }),
    ("an owner that points to itself", { $0[$0.count - 26] = UInt8($0.count - 27) }),
    ("an owner that points into the header", { $0[$0.count - 26] = 2 }),
    ("an owner that points behind the end", { $0[$0.count - 27] = 0xff }),
    ("an owner of kind 0x40", { $0[$0.count - 27] = 0x41 }),
    ("two questions", { $0[5] = 2 }),
    ("no question", { $0[5] = 0 }),
    ("nine answers, of which one is there", { $0[7] = 9 }),
    ("an answer that is none", { $0[2] = 0x01 }),
    ("an OPT record longer than the message", { $0[$0.count - 1] = 9 }),
  ]

  @Test("Case 32: what another server bends is a stray, and its true answer still counts")
  func bentAnswers() throws {
    for (name, bend) in Self.bent {
      var bench = try DNSBench(forwarders: [DNSBench.server])
      bench.receive(DNSBench.query("example.org"))
      let asked = try #require(bench.asked)
      let answer = DNSBench.answer(to: asked.bytes, [DNSForwardTests.address])
      var wrong = answer
      bend(&wrong)
      bench.hear(wrong, asked.id)
      #expect(bench.actions.list.isEmpty && bench.service.counts.strays == 1, "\(name)")
      bench.hear(answer, asked.id)
      #expect(try bench.answers.map(\.code) == [0], "\(name)")
    }
  }

  @Test("Case 33: nobody learns what we are", arguments: [3, 4, 254, 255] as [UInt16])
  func theVersionIsHidden(_ recordClass: UInt16) throws {
    for name in [
      "version.bind", "version.server", "hostname.bind", "id.server", "authors.bind", "lab.test",
    ] {
      for type in [DNSType.txt, DNSType.any, DNSType.a] {
        for client in [DNSBench.client, DNSBench.stranger] {
          var bench = try DNSBench(forwarders: [DNSBench.server])
          bench.receive(DNSBench.query(name, type, recordClass: recordClass), from: client)
          let seen = try #require(try bench.answers.first)
          #expect(seen.code == 5 && seen.answers.isEmpty && bench.asked == nil)
        }
      }
    }
  }

  @Test("Case 33: recursion is for clients of our subnets, whatever they ask, by UDP and TCP")
  func onlyOurClientsAreForwarded() throws {
    for type in [DNSType.a, DNSType.aaaa, DNSType.any, DNSType.txt, DNSType.ptr] {
      for isStream in [false, true] {
        var bench = try DNSBench(forwarders: [DNSBench.server])
        bench.receive(
          DNSBench.query("example.org", type), from: DNSBench.stranger, stream: isStream)
        #expect(try bench.answers.map(\.code) == [5])
        #expect(bench.asked == nil)
        bench.receive(DNSBench.query("example.org", type), stream: isStream)
        #expect(try bench.answers.isEmpty)
        #expect(bench.asked != nil)
      }
    }
    for type in [DNSType.axfr, DNSType.ixfr] {
      var bench = try DNSBench(forwarders: [DNSBench.server])
      bench.receive(DNSBench.query("lab.test", type), stream: true)
      #expect(try bench.answers.map(\.code) == [5])
      #expect(bench.asked == nil)
    }
  }

  @Test("Case 34: a stranger's answer by UDP is at most eight times its query, ours 1,232 octets")
  func answersAreNoAmplifiers() throws {
    var bench = try DNSBench { draft in
      let many = try DNSBench.name("many.lab.test")
      for number in 0..<60 { draft.add(many, .a, [10, 0, 0, UInt8(number)]) }
      draft.add(
        try DNSBench.name("sub.lab.test"), .ns, try DNSBench.name("ns.sub.lab.test").octets)
      draft.add(try DNSBench.name("ns.sub.lab.test"), .a, [10, 77, 0, 3])
    }
    let greedy = DNSExtension(payloadSize: 65_535, wantsSecurity: true)
    var cut = 0
    for name in ["many.lab.test", "lab.test", "www.lab.test", "no.lab.test", "x.sub.lab.test", ""] {
      for type in [DNSType.a, DNSType.any, DNSType.soa, DNSType.ns, DNSType.txt] {
        for edns in [nil, greedy] {
          let query = DNSBench.query(name, type, edns: edns)
          bench.wait(.seconds(1))
          bench.receive(query, from: DNSBench.stranger)
          let seen = try #require(try bench.answers.first)
          #expect(seen.bytes.count <= 8 * query.count, "\(name) \(type)")
          if seen.header.isTruncated {
            cut += 1
            #expect(seen.bytes.count <= query.count)
            // Who is there really comes by TCP, and has it whole.
            bench.receive(query, from: DNSBench.stranger, stream: true)
            #expect(try bench.answers.first?.answers.count == 60)
          }
          bench.receive(query)
          #expect(try bench.answers.allSatisfy { $0.bytes.count <= (edns == nil ? 512 : 1232) })
        }
      }
    }
    // `many`, for A and ANY, with EDNS and without.
    #expect(cut == 4)
  }

  @Test("Case 35: each question has a port and an id of its own, and each attempt new ones")
  func questionsHaveTheirOwnPorts() throws {
    var bench = try DNSBench(forwarders: [DNSBench.server, DNSBench.second])
    var ports: Set<ForwardID> = []
    var ids: Set<UInt16> = []
    for number in 0..<64 {
      bench.dice = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 >> 16
      bench.receive(DNSBench.query("n\(number).example"))
      let asked = try #require(bench.asked)
      ports.insert(asked.id)
      ids.insert(try DNSHeader(decoding: asked.bytes.rawSpan).id)
    }
    #expect(ports.count == 64 && ids.count == 64)
    bench.wait(DNSForwards.patience)
    for case .ask(let id, _, _) in bench.actions.list { ports.insert(id) }
    #expect(ports.count == 128)
  }

  @Test("Case 35: a circle of another server's aliases is passed on and not followed")
  func circlesOfOthers() throws {
    for name in ["example.org", "out.lab.test"] {
      var bench = try DNSBench(forwarders: [DNSBench.server]) { draft in
        draft.add(
          try DNSBench.name("out.lab.test"), .cname, try DNSBench.name("example.org").octets)
      }
      bench.receive(DNSBench.query(name))
      let asked = try #require(bench.asked)
      var answer = Array(DNSBench.answer(to: asked.bytes, []).dropLast(DNSExtension.byteCount))
      // Two aliases, each of which leads to the question's name.
      answer[7] = 2
      answer[11] = 0
      for _ in 0..<2 { answer += [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12] }
      bench.hear(answer, asked.id)
      #expect(try bench.answers.count == 1)
      #expect(bench.asked == nil && bench.service.forwards.count == 0)
    }
  }

  @Test(
    "Case 37: private IPv6 addresses from outside are taken out",
    arguments: ["::", "::1", "fc00::1", "fd12::9", "fe80::1", "::ffff:10.0.0.1"])
  func privateIPv6FromOutside(_ text: String) throws {
    var bench = try DNSBench(forwarders: [DNSBench.server])
    bench.receive(DNSBench.query("example.org", DNSType.aaaa))
    let asked = try #require(bench.asked)
    let address = try #require(IPv6Address(text))
    var answer = Array(DNSBench.answer(to: asked.bytes, []).dropLast(DNSExtension.byteCount))
    answer[7] = 1
    answer[11] = 0
    answer += [0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 9, 0, 16] + address.octets
    bench.hear(answer, asked.id)
    #expect(try bench.answers.map(\.answers) == [[]])
    #expect(bench.service.counts.rebindings == 1)
  }

  @Test("Case 38: options that nobody knows are read over, and none comes back")
  func unknownOptions() throws {
    let options: [[UInt8]] = [
      [0, 3, 0, 0], [0, 8, 0, 4, 0, 1, 0, 0], [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
      [0, 12, 0, 2, 0, 0], [0xfd, 0xe9, 0, 1, 7], [0, 3, 0, 0, 0, 3, 0, 0],
    ]
    for option in options + [options.flatMap(\.self)] {
      var bench = try DNSBench()
      let body = Array(DNSBench.query("www.lab.test").dropFirst(12))
      bench.receive(
        Self.message(body + Self.opt(UInt8(option.count), option), counts: [1, 0, 0, 1]))
      let seen = try #require(try bench.answers.first)
      #expect(seen.code == 0 && seen.answers == ["www.lab.test. 1 10.77.0.9"])
      #expect(seen.edns == DNSExtension(payloadSize: 1232))
      // Of an OPT record without options, the last is the length of none.
      #expect(seen.bytes.suffix(2) == [0, 0])
    }
  }

  @Test("Case 38: every opcode with every kind of class and type is answered once, or dropped")
  func opcodesClassesAndTypes() throws {
    let types: [UInt16] = [0, 1, 6, 12, 41, 43, 46, 249, 250, 251, 252, 253, 254, 255, 256, 65_535]
    for flags in (0..<32).map({ UInt16($0) << 11 }) {
      for recordClass: UInt16 in [0, 1, 3, 4, 254, 255, 65_535] {
        var bench = try DNSBench()
        for type in types {
          let query = DNSBench.query("www.lab.test", type, recordClass: recordClass, flags: flags)
          bench.receive(query)
          let answers = try bench.answers
          guard flags & 0x8000 == 0 else {
            #expect(answers.isEmpty)
            continue
          }
          let header = try #require(answers.first).header
          #expect(answers.count == 1 && header.id == 0x1234 && header.isResponse)
          #expect(header.opcode == UInt8(flags >> 11) & 15)
          if header.opcode != 0 || recordClass != 1 { #expect(header.responseCode != 0) }
        }
      }
    }
  }
}
