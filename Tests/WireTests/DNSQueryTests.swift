import Bytes
import Network
import RecordedPackets
import Testing
import Wire

@Suite struct DNSQueryTests {
  @Test func aQuestionIsReadInLowerCase() throws {
    let bytes = DNSBytes.query("wWw.LAB.test", DNSType.aaaa)
    let query = try DNSBytes.query(bytes)
    #expect(query.name.description == "www.lab.test.")
    #expect(query.type == DNSType.aaaa)
    #expect(!query.edns)
    let view = try DNSQuery(DNSHeader(decoding: bytes.rawSpan), checking: bytes.rawSpan)
    let question = view.question.octets()
    #expect(question == DNSBytes.question("wWw.LAB.test", DNSType.aaaa))
  }

  @Test func theExtensionIsRead() throws {
    let bytes =
      DNSBytes.header([1, 0, 0, 1]) + DNSBytes.question("a.b") + DNSBytes.opt.dropLast(2) + [
        0, 4, 0, 3, 0, 0,
      ]
    let query = try DNSQuery(DNSHeader(decoding: bytes.rawSpan), checking: bytes.rawSpan)
    let edns = query.edns
    #expect(edns == DNSExtension(payloadSize: 4096, wantsSecurity: true))
  }

  /// Hardening case 32.
  static let wrong: [(String, [UInt8])] = [
    ("no question", DNSBytes.header([0, 0, 0, 0])),
    ("two questions", DNSBytes.header([2, 0, 0, 0]) + DNSBytes.question("a") * 2),
    ("65,535 questions", DNSBytes.header([65535, 0, 0, 0]) + DNSBytes.question("a")),
    ("answers that are not there", DNSBytes.header([1, 65535, 0, 0]) + DNSBytes.question("a")),
    ("authority that is not there", DNSBytes.header([1, 0, 65535, 0]) + DNSBytes.question("a")),
    ("additions that are not there", DNSBytes.header([1, 0, 0, 65535]) + DNSBytes.question("a")),
    ("a pointer to itself", DNSBytes.header() + [0xc0, 12, 0, 1, 0, 1]),
    ("a pointer forward", DNSBytes.header() + [0xc0, 14, 0, 1, 0, 1]),
    ("a pointer into the header", DNSBytes.header() + [0xc0, 4, 0, 1, 0, 1]),
    ("a pointer past the end", DNSBytes.header() + [0xff, 0xff, 0, 1, 0, 1]),
    ("a label of kind 0x40", DNSBytes.header() + [0x41, 0x61, 0, 0, 1, 0, 1]),
    ("a label of kind 0x80", DNSBytes.header() + [0x81, 0x61, 0, 0, 1, 0, 1]),
    ("a label past the end", DNSBytes.header() + [63, 0x61, 0, 0, 1, 0, 1]),
    ("no end of the name", DNSBytes.header() + [1, 0x61]),
    (
      "a name of 256 octets",
      DNSBytes.header() + [UInt8](repeating: 0x61, count: 0) + ([1, 0x61] * 127) + [1, 0x61, 0]
        + [0, 1, 0, 1]
    ),
    ("bytes behind the end", DNSBytes.query("a") + [0]),
    (
      "a record longer than the message",
      DNSBytes.header([1, 0, 0, 1]) + DNSBytes.question("a") + DNSBytes.opt.dropLast(2) + [
        255, 255,
      ]
    ),
    (
      "an option longer than its record",
      DNSBytes.header([1, 0, 0, 1]) + DNSBytes.question("a") + DNSBytes.opt.dropLast(2) + [
        0, 4, 0, 3, 0, 9,
      ]
    ),
    (
      "two extensions",
      DNSBytes.header([1, 0, 0, 2]) + DNSBytes.question("a") + DNSBytes.opt + DNSBytes.opt
    ),
    (
      "an extension among the answers",
      DNSBytes.header([1, 1, 0, 0]) + DNSBytes.question("a") + DNSBytes.opt
    ),
    (
      "an extension with a name",
      DNSBytes.header([1, 0, 0, 1]) + DNSBytes.question("a") + [1, 0x61] + DNSBytes.opt
    ),
  ]

  @Test("Case 32: a query out of form is refused", arguments: wrong)
  func aQueryOutOfFormIsRefused(_ row: (String, [UInt8])) {
    #expect(throws: Malformed.self) { try DNSBytes.query(row.1) }
  }

  /// Hardening case 32: a thousand pointers, each to the one before, over and over.
  @Test("Case 32: a chain of a thousand pointers ends")
  func aChainOfPointersEnds() {
    var message = DNSBytes.header([1, 0, 0, 0]) + [0]
    for index in 0..<1000 {
      let target = index == 0 ? 12 : 13 + 2 * (index - 1)
      message += [UInt8(0xc0 | target >> 8), UInt8(truncatingIfNeeded: target)]
    }
    var name = DomainName()
    do throws(Malformed) {
      try DNSNameReader.read(message.rawSpan, at: message.count - 2, into: &name)
      Issue.record("a chain without end was followed")
    } catch {
      #expect(error.offset < message.count)
    }
    #expect(name == DomainName())
  }

  @Test func aNameOf255OctetsIsRead() throws {
    let bytes = DNSBytes.header() + ([1, 0x61] * 127) + [0, 0, 1, 0, 1]
    #expect(try DNSBytes.query(bytes).name.octets.count == 255)
  }

  @Test("Case 32: no prefix and no replaced octet traps")
  func noPrefixAndNoReplacedOctetTraps() throws {
    let bytes =
      DNSBytes.header([1, 1, 0, 1]) + DNSBytes.question("www.lab.test")
      + [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 10, 0, 0, 1] + DNSBytes.opt
    _ = try DNSBytes.query(bytes)
    Mutants.each(of: bytes) { mutant in
      do {
        _ = try DNSBytes.query(mutant)
      } catch let error as Malformed {
        #expect(error.offset <= mutant.count)
      } catch {
        Issue.record("\(error)")
      }
    }
    var reply = bytes
    reply[2] = 0x81
    Mutants.each(of: reply) { mutant in _ = try? DNSBytes.records(mutant) }
  }

  @Test(.enabled(if: CaptureFile.arePresent)) func publishedCapturesNeverTrap() throws {
    var messages = 0
    for file in try CaptureFile.published() {
      for payload in file.payloads(ports: [53]) {
        messages += 1
        _ = try? DNSBytes.query(payload)
        _ = try? DNSBytes.records(payload)
      }
    }
    #expect(messages > 1800)
  }

  @Test func frames() {
    let bytes: [UInt8] = [0, 2, 1, 2, 0, 1]
    let count = DNSFrame.count(bytes.rawSpan)
    #expect(count == 4)
    let message = DNSFrame.message(bytes.rawSpan, count: 4).octets()
    #expect(message == [1, 2])
    for cut: [UInt8] in [[255, 255, 1], [0], []] {
      let count = DNSFrame.count(cut.rawSpan)
      #expect(count == nil)
    }
  }
}

/// Octets over and over.
func * (octets: [UInt8], times: Int) -> [UInt8] { (0..<times).flatMap { _ in octets } }
