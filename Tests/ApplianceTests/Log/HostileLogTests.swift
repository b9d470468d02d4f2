import Boot
import Bytes
import Foundation
import Network
import Services
import Testing
import Wire

@testable import Appliance

/// What strangers write, as logs, lease lists and counters show it.
@Suite struct HostileLogTests {
  /// Each byte alone and amid others, line ends, markup, quotes, templates, wrong UTF-8, and what turns
  /// or hides the text around it.
  static let texts: [[UInt8]] =
    (0...255).map { [$0] } + (0...255).map { [0x61, $0, 0x62] }
    + [
      "a\nlease 10.0.0.1 { binding state active; }", "a\r\n", "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>", "' OR '1'='1", "$(reboot)", "`reboot`", "{{machine.name}}",
      "${net0/mac}", "a b=c", "\u{202e}txt.exe", "\u{2066}\u{2069}", "\u{200b}", "\u{feff}",
      "\u{2028}\u{2029}\u{85}", "\u{1b}[2J\u{1b}]0;x\u{7}", "\u{e0001}", "\\n", "\"", "\u{0}",
    ].map { Array($0.utf8) } + [
      [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xf0, 0x80, 0x80, 0xaf], [0xed, 0xa0, 0x80],
      [UInt8](repeating: 0xff, count: 255), [UInt8](repeating: 0x61, count: 255),
    ]

  /// A fact with a stranger's text in each place that has one.
  static func facts(_ text: String) -> [Fact] {
    var foreign = ForeignServer(address: IPv4Address(10, 0, 0, 9))
    foreign.bootFile = Array(text.utf8)
    return [
      .transferStarted(name: text, byteCount: 1, blockSize: 512, windowSize: 1),
      .transferCompleted(name: text, byteCount: 1, .zero, resent: 0),
      .transferFailed(name: text, .aborted(code: 0, message: text)),
      .transferProbed(name: text, byteCount: 1), .fileServed(name: text, byteCount: 1, .zero),
      .fileCut(name: text, byteCount: 1, of: 2), .fileMissing(.http, name: text),
      .machineReported(text: text), .requestDenied(name: text, status: 400),
      .handshakeFailed(reason: text), .actionFailed(reason: text),
      .nodeChanged(name: text, what: text),
      .answerRefused(machine: text, file: text, .unknownToken),
      .foreignServerSeen(foreign), .provisionChanged(machine: text, .armed, cause: text),
      .nameTaken(node: text, by: text), .apiUsed(by: text, request: text),
      .apiRefused(reason: text),
      .floodSeen(interface: "eth1", relayPort: Array(text.utf8), clients: 1),
    ]
  }

  /// Whether a person's terminal shows it as one line of what it is.
  static func isPlain(_ line: String) -> Bool {
    line.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        false
      default: true
      }
    }
  }

  @Test("Case 10: a log line is one line, whatever a stranger calls itself")
  func aLogLineIsOneLine() {
    for octets in Self.texts {
      for fact in Self.facts(String(decoding: octets, as: UTF8.self)) {
        let line = EventLine(Event(fact), at: UnixTime(nanoseconds: 0)).text()
        #expect(Self.isPlain(line), "\(octets)")
        // No text makes a field of its own.
        let fields = fact.fields.map { "\($0.name)=" }
        #expect(fields.allSatisfy(line.contains))
      }
    }
  }

  @Test("Case 10: a JSON line holds the text itself, and nothing beside it")
  func aJSONLineHoldsTheText() throws {
    for octets in Self.texts {
      let text = String(decoding: octets, as: UTF8.self)
      for fact in Self.facts(text) {
        let line = EventLine(Event(fact), at: UnixTime(nanoseconds: 0)).json()
        #expect(Self.isPlain(line), "\(octets)")
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?.count == 3 + fact.fields.count)
        for field in fact.fields {
          guard case .text(let value) = field.value else { continue }
          #expect((object?[field.name] as? String).map { Array($0.utf8) } == Array(value.utf8))
        }
      }
    }
  }

  @Test("Case 10: a host name in the list of leases is one plain word")
  func aHostNameIsOneWord() throws {
    for octets in Self.texts {
      let printed = Escaped(octets).description
      #expect(Self.isPlain(printed), "\(octets)")
      let isQuoted = printed.hasPrefix("\"") && printed.hasSuffix("\"") && printed.count > 1
      #expect(isQuoted || !printed.contains { " \"=".contains($0) })
      let lease = ControlReport.Lease(
        address: "10.0.0.1", client: "52:54:00:00:00:01", hostName: printed, expires: "",
        secondsLeft: 1)
      let data = try JSONEncoder().encode([lease])
      let read = try JSONDecoder().decode([ControlReport.Lease].self, from: data)
      #expect(read.map(\.hostName) == [printed])
    }
  }

  /// The message of an EDK II that asks for everything, with every option that has a text.
  static let discover: [UInt8] = {
    var header = DHCPHeader(hardwareAddress: HardwareAddress(MACAddress(number: 0x5254_0000_0001)))
    header.isRequest = true
    var output = ByteWriter()
    let writer = DHCPWriter(header, limit: 1_400, into: &output)
    writer.option(53, [1], into: &output)
    writer.option(60, Array("PXEClient:Arch:00007:UNDI:003016".utf8), into: &output)
    writer.option(93, [0, 7], into: &output)
    writer.option(97, [UInt8](0...16), into: &output)
    writer.option(12, Array("na\nme".utf8), into: &output)
    writer.option(61, [1, 0x52, 0x54, 0, 0, 0, 1], into: &output)
    writer.option(82, [1, 2, 0x70, 0x31], into: &output)
    writer.finish(into: &output)
    return output.bytes
  }()

  @Test("Case 1: at every log level each truncation is a line and is counted by what is wrong")
  func everyTruncationIsToldAndCounted() {
    let catalog = Catalog(
      interfaces: [Interface(name: "eth1", number: 2, dhcp: .authoritative)],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth1",
          pools: [Pool(IPv4Address(10, 77, 1, 1), IPv4Address(10, 77, 1, 9))])
      ])
    let arrival = Arrival(
      source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
      local: IPv4Address(10, 77, 0, 1), interface: 2)
    for level in [Fact.Severity.debug, .info, .warning, .error] {
      var counters = Counters()
      var service = DHCPService()
      var lines = 0
      for count in 0...Self.discover.count {
        var actions = Actions()
        service.receive(
          Array(Self.discover[..<count]).rawSpan, from: arrival, catalog, at: .start,
          into: &actions)
        for action in actions.list {
          guard case .record(let event) = action else { continue }
          counters.count(event.fact)
          guard event.fact.severity >= level else { continue }
          let line = EventLine(event, at: UnixTime(nanoseconds: 0))
          #expect(Self.isPlain(line.text()) && Self.isPlain(line.json()))
          lines += 1
        }
      }
      #expect((lines > 0) == (level < .error))
      let counts = Dictionary(uniqueKeysWithValues: counters.all.map { ($0.name, $0.count) })
      #expect((counts["packet.malformed"] ?? 0) > 240)
      #expect(counts["packet.malformed"] == counts["packet.malformed dhcp truncated"])
    }
  }

  @Test("Case 1: what is wrong is counted without its place, and the names are bounded")
  func countersAreBounded() {
    var counters = Counters()
    for number in 0..<5_000 {
      counters.count(.packetMalformed(.tftp, reason: "invalid mode at byte \(number)"))
      counters.count(.packetMalformed(.http, reason: "no words of ours: \(number)"))
    }
    let counts = Dictionary(uniqueKeysWithValues: counters.all.map { ($0.name, $0.count) })
    #expect(counts["packet.malformed"] == 10_000)
    #expect(counts["packet.malformed tftp invalid mode"] == 5_000)
    #expect(counts.count == Counters.limit)
  }
}
