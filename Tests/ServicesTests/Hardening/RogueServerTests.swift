import Boot
import Bytes
import Network
import Services
import Testing
import Wire

/// Frames of others on our wires: hardening case 20, and case 16 as far as it is about frames.
@Suite struct RogueServerTests {
  var bench = DHCPBench()
  static let rogue = MACAddress(0x02, 0xba, 0xd0, 0, 0, 1)
  static let address = IPv4Address(10, 77, 0, 66)

  /// A server's message in its frame.
  static func reply(
    _ type: DHCPMessageType?, from source: IPv4Address = address,
    server: IPv4Address? = address, _ change: (inout DHCPHeader) -> Void = { _ in }
  ) -> [UInt8] {
    var header = DHCPHeader(hardwareAddress: HardwareAddress(DHCPBench.mac(1)))
    header.yourAddress = IPv4Address(10, 77, 0, 210)
    header.serverAddress = IPv4Address(10, 77, 0, 67)
    change(&header)
    var output = ByteWriter()
    let writer = DHCPWriter(header, file: "evil.0", limit: 548, into: &output)
    if let type { writer.option(53, [type.rawValue], into: &output) }
    if let server { writer.option(54, octets(server), into: &output) }
    writer.option(3, [10, 77, 0, 66], into: &output)
    writer.option(51, [0, 0, 14, 16], into: &output)
    writer.finish(into: &output)
    return frame(output.bytes, from: rogue, Endpoint(source, 67), to: 68)
  }

  static func frame(
    _ payload: [UInt8], from hardware: MACAddress, _ source: Endpoint, to port: UInt16
  ) -> [UInt8] {
    var frame = ByteWriter()
    UDPDatagram.encodeFrame(
      to: Endpoint(.broadcast, port), hardware: .broadcast, from: source, sourceHardware: hardware,
      payload: payload.rawSpan, into: &frame)
    return frame.bytes
  }

  /// What is told of a frame that comes in on `interface`.
  private mutating func told(of frame: [UInt8], on interface: Int32 = 2) -> [Fact] {
    var actions = Actions()
    bench.service.overhear(
      frame.rawSpan, on: interface, bench.catalog, at: bench.now, into: &actions)
    return actions.list.map { action in
      if case .record(let event) = action { event.fact } else { .applianceStopped }
    }
  }

  @Test("Case 20: a foreign OFFER is told with the server's MAC, IP and what it says")
  mutating func aForeignOfferIsTold() throws {
    let facts = told(of: Self.reply(.offer))
    let fact = try #require(facts.first)
    #expect(facts.count == 1 && fact.name == "server.seen" && fact.severity == .warning)
    let fields = fact.fields.map { "\($0.name)=\($0.printed)" }
    #expect(
      fields == [
        "server=10.77.0.66", "hardware=02:ba:d0:00:00:01", "interface=eth1", "offer=10.77.0.210",
        "router=10.77.0.66", "next-server=10.77.0.67", "file=evil.0", "options=53,54,3,51",
      ])
    // Once an hour, also when a client names it; another one by itself.
    let again = told(of: Self.reply(.ack))
    #expect(again.isEmpty)
    let other = told(of: Self.reply(.nak, server: IPv4Address(10, 77, 0, 68)))
    #expect(other.count == 1)
    bench.now = bench.now + .seconds(3_601)
    let later = told(of: Self.reply(.offer))
    #expect(later.count == 1)
  }

  @Test("Case 20: a server that only a client named is told of again when it is heard itself")
  mutating func aServerIsToldOfTwiceAtMost() {
    var request = DHCPBench.question(.request, 1)
    request[50] = [10, 77, 0, 210]
    request[54] = octets(Self.address)
    var seen: [Int] = []
    for _ in 0..<2 {
      bench.send(request)
      seen.append(bench.facts.filter { $0 == "server.seen" }.count)
    }
    for _ in 0..<2 { seen.append(told(of: Self.reply(.offer)).count) }
    bench.send(request)
    seen.append(bench.facts.filter { $0 == "server.seen" }.count)
    #expect(seen == [1, 0, 1, 0, 0])
  }

  @Test("Case 20: what is ours, a client's, a relay's or malformed is no foreign server's")
  mutating func whatIsNoServersIsNotTold() {
    let own = told(of: Self.reply(.offer, from: DHCPBench.own, server: DHCPBench.own))
    #expect(own.isEmpty)
    let relayed = told(of: Self.reply(.offer) { $0.relayAddress = DHCPBench.relay })
    #expect(relayed.isEmpty)
    let client = told(of: Self.reply(.discover) { $0.isRequest = true })
    #expect(client.isEmpty)
    let nobody = told(of: Self.reply(.offer, from: .unspecified, server: nil))
    #expect(nobody.isEmpty)
    let elsewhere = told(of: Self.reply(.offer), on: 9)
    #expect(elsewhere.isEmpty)
    let whole = Self.reply(.offer)
    var seen = 0
    for count in whole.indices { seen += told(of: Array(whole[..<count])).count }
    for index in whole.indices {
      for octet: UInt8 in [0, 1, 255] {
        var mutant = whole
        mutant[index] = octet
        seen += told(of: mutant).count
      }
    }
    // Many a mutant is another server's message, of which 32 are remembered.
    #expect((1...32).contains(seen))
  }

  @Test("Case 20: where another server gives the addresses it is no stranger, and never fought")
  mutating func aProxyTellsOfNobody() {
    bench.catalog = DHCPBench.catalog(mode: .proxy)
    let facts = told(of: Self.reply(.offer))
    #expect(facts.isEmpty)
    var request = DHCPBench.question(.request, 1)
    request[50] = [10, 77, 0, 210]
    request[54] = octets(Self.address)
    bench.send(request)
    #expect(bench.kinds.isEmpty)
  }

  @Test("Case 20: rogue servers without number are remembered up to a limit")
  mutating func rogueServersAreBounded() {
    var told = 0
    for number in 0..<2_000 as Range<UInt32> {
      let server = IPv4Address(0x0a4d_8000 + number)
      told += self.told(of: Self.reply(.offer, from: server, server: server)).count
    }
    #expect(told == 32)
  }

  /// A DISCOVER of the client `number` in a frame of `source`.
  static func discover(_ number: UInt64, from source: MACAddress?) -> [UInt8] {
    let client = MACAddress(number: 0x02ff_0000_0000 + number)
    var output = ByteWriter()
    let question = DHCPBench.question(.discover, client)
    let writer = DHCPWriter(question.header, limit: 548, into: &output)
    writer.option(53, [1], into: &output)
    writer.finish(into: &output)
    return frame(output.bytes, from: source ?? client, Endpoint(.unspecified, 68), to: 67)
  }

  @Test("Case 16: one machine that is many clients is found by its frames")
  func oneSourceOfManyClientsIsFound() {
    var trace = FloodTrace()
    for number in 0..<200 as Range<UInt64> {
      trace.take(Self.discover(number, from: Self.rogue))
    }
    #expect(trace.finding?.source == Self.rogue && trace.finding?.clients == 200)
    for number in 0..<200 as Range<UInt64> {
      trace.take(Self.discover(number, from: nil))
    }
    #expect(trace.isComplete && trace.frames == FloodTrace.frameLimit)
  }

  @Test("Case 16: guests of a host, a relay and honest machines are nobody's flood")
  func honestSendersAreNotFound() {
    var trace = FloodTrace()
    for number in 0..<100 as Range<UInt64> { trace.take(Self.discover(number, from: nil)) }
    for number in 0..<UInt64(FloodTrace.honest) {
      trace.take(Self.discover(number, from: Self.rogue))
    }
    for count in 0..<40 { trace.take([UInt8](repeating: 1, count: count)) }
    #expect(trace.finding == nil && !trace.isComplete)
  }
}

extension FloodTrace {
  fileprivate mutating func take(_ octets: [UInt8]) { take(octets.rawSpan) }
}
