import Boot
import Network
import RecordedPackets
import Replay
import Services
import Testing
import Wire

@Suite struct ReplyRuleTests {
  private static let edk2 = Firmware(kind: .pxe, architecture: .x8664EFI, code: 7)
  private static let http = Firmware(kind: .http, architecture: .x8664EFI, code: 16)
  private static let ipxe = Firmware(kind: .ipxe, architecture: .x86BIOS, code: 0)
  private static let bios = Firmware(kind: .pxe, architecture: .x86BIOS, code: 0)
  private static let uboot = Firmware(kind: .uboot, architecture: .arm64UBoot, code: 22)
  private static let pi3 = Firmware(kind: .pi, architecture: .raspberryPi3, code: 0)
  private static let pi4 = Firmware(kind: .pi, architecture: .raspberryPi, code: 0)

  /// Which firmware asks, by which fixture.
  struct Asker: CustomTestStringConvertible {
    let fixture: String
    let firmware: Firmware
    var network = BootBench.Network.authoritative
    var testDescription: String { "\(fixture), \(network.rawValue)" }
  }

  private static let askers = [
    Asker(fixture: "edk2-x64-pxe-discover", firmware: edk2),
    Asker(fixture: "edk2-x64-http-discover", firmware: http),
    Asker(fixture: "ipxe-bios-discover", firmware: ipxe),
    Asker(fixture: "hp-bios-discover", firmware: bios),
    Asker(fixture: "uboot-arm64-discover", firmware: uboot),
    Asker(fixture: "pi3-rom-discover", firmware: pi3),
    Asker(fixture: "pi4-2021-discover", firmware: pi4),
    Asker(fixture: "edk2-x64-http-discover", firmware: http, network: .proxied),
    Asker(fixture: "ipxe-bios-discover", firmware: ipxe, network: .proxied),
    Asker(fixture: "hp-bios-discover", firmware: bios, network: .proxied),
    Asker(fixture: "pi3-rom-discover", firmware: pi3, network: .proxied),
    Asker(fixture: "pi4-2021-discover", firmware: pi4, network: .proxied),
  ]

  /// What our own server answers to the fixture.
  static func answer(_ asker: Asker) throws -> ReceivedReply {
    var bench = BootBench()
    bench.network = asker.network
    var server = bench.server
    let fixture = try PacketFixture(asker.fixture)
    var outcomes: [Outcome] = []
    server.appliance.receive(
      fixture.octets,
      from: Arrival(
        source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
        local: BootBench.own, interface: 2), at: .start, into: &outcomes)
    let sent = try #require(outcomes.sent.first)
    let question = try #require(DHCPMeaning(reading: fixture.octets))
    let reply = try #require(DHCPMeaning(reading: sent.payload))
    return ReceivedReply(
      firmware: asker.firmware, question: question, reply: reply, octets: sent.payload,
      source: sent.source, destination: sent.destination,
      role: try #require(ReceivedReply.role(of: reply)))
  }

  @Test(arguments: askers) func ourOwnAnswerKeepsEveryRule(_ asker: Asker) throws {
    #expect(ReplyRule.refusals(of: try Self.answer(asker)).map(\.description) == [])
  }

  @Test func edk2BesideAForeignServerIsLedToPort4011() throws {
    let reply = try Self.answer(
      Asker(fixture: "edk2-x64-pxe-discover", firmware: Self.edk2, network: .proxied))
    let refusals = ReplyRule.refusals(of: reply)
    #expect(refusals.map(\.effect) == [.asksBootServer])
    #expect(refusals.first?.quirk?.name == "proxy-offer-leads-efi-to-boot-server")
  }

  struct Fault: CustomTestStringConvertible {
    let asker: Asker
    let part: String
    let effect: Refusal.Effect
    var port: UInt16?
    var role: ReceivedReply.Role?
    var pads = false
    let change: @Sendable (inout DHCPMeaning) -> Void
    var testDescription: String { "\(asker.testDescription): \(part)" }

    init(
      _ asker: Asker, _ part: String, _ effect: Refusal.Effect = .dropped, port: UInt16? = nil,
      role: ReceivedReply.Role? = nil, pads: Bool = false,
      change: @escaping @Sendable (inout DHCPMeaning) -> Void = { _ in }
    ) {
      self.asker = asker
      self.part = part
      self.effect = effect
      self.port = port
      self.role = role
      self.pads = pads
      self.change = change
    }
  }

  private static func set(_ code: UInt8, _ value: [UInt8]?) -> @Sendable (inout DHCPMeaning) -> Void
  {
    return { reply in
      reply.options.removeAll { $0.code == code }
      if let value { reply.options.append(DHCPMeaning.Option(code: code, value: value)) }
    }
  }

  private static let bare: [UInt8] =
    [9, 20, 0, 0, 17] + Array("Raspberry Pi Boot".utf8) + [255]

  @Test(arguments: [
    Fault(askers[0], "xid") { $0.header.transactionID ^= 1 },
    Fault(askers[0], "chaddr") {
      $0.header.hardwareAddress = HardwareAddress(mac("52:54:00:00:00:09"))
    },
    Fault(askers[0], "op") { $0.header.isRequest = true },
    Fault(askers[0], "option 54", change: set(54, nil)),
    Fault(askers[0], "port", port: 67),
    Fault(
      askers[6], "length",
      change: set(
        43,
        [9, 20, 0, 0, 17] + Array("Raspberry Pi Boot   ".utf8)
          + [UInt8](repeating: 1, count: 400))),
    Fault(askers[0], "option 43", .asksBootServer, change: set(60, Array("PXEClient".utf8))),
    Fault(askers[1], "option 60", change: set(60, nil)),
    Fault(askers[1], "option 67") { reply in
      reply.file = []
      set(67, Array("a.efi".utf8))(&reply)
    },
    Fault(askers[8], "siaddr", .asksBootServer) { $0.header.serverAddress = .unspecified },
    Fault(askers[8], "siaddr", role: .bootServer) { $0.header.serverAddress = .unspecified },
    Fault(askers[8], "file", .asksBootServer) { $0.file = [] },
    Fault(askers[8], "option 60", change: set(60, nil)),
    Fault(askers[9], "option 43", .asksBootServer, change: set(43, [6, 1, 3, 255])),
    Fault(askers[9], "port", port: 4011, role: .bootServer),
    Fault(askers[4], "option 67", .misled) { reply in
      reply.file = []
      set(67, Array("a".utf8))(&reply)
    },
    Fault(askers[4], "siaddr", .misled, role: .acknowledgement) {
      $0.header.serverAddress = .unspecified
    },
    Fault(askers[4], "yiaddr", .misled, role: .proxyOffer),
    Fault(askers[6], "option 43", change: set(43, Array("Raspberry Pi Boot".utf8))),
    Fault(askers[5], "option 43", change: set(43, bare)),
    Fault(askers[6], "option 0", pads: true),
    Fault(askers[6], "hops") { $0.header.hops = 1 },
    Fault(askers[6], "option 66", .misled, change: set(66, Array("10.77.0.1\u{0}".utf8))),
    Fault(askers[6], "file") { $0.file = Array("undionly.kpxe".utf8) },
  ])
  func everyPlantedFaultIsRefused(_ fault: Fault) throws {
    let answer = try Self.answer(fault.asker)
    var reply = answer.reply
    fault.change(&reply)
    var octets = reply.encoded()
    if fault.pads { octets.insert(contentsOf: [0, 0], at: 240) }
    let received = ReceivedReply(
      firmware: answer.firmware, question: answer.question, reply: reply, octets: octets,
      source: answer.source,
      destination: Endpoint(
        answer.destination.address, fault.port ?? answer.destination.port),
      role: fault.role ?? answer.role)
    let refusals = ReplyRule.refusals(of: received)
    #expect(
      refusals.contains { $0.part == fault.part && $0.effect == fault.effect },
      "\(refusals.map(\.description))")
  }

  @Test func whatWasNotAskedIsRefusedInAnOACK() {
    let asked = TFTPOptionValues(blockSize: 1468, windowSize: 4)
    let rows: [(TFTPOptionValues, [String])] = [
      (asked, []), (TFTPOptionValues(blockSize: 512), []),
      (TFTPOptionValues(blockSize: 1468, transferSize: 9), ["tsize"]),
      (TFTPOptionValues(blockSize: 1469), ["blksize"]),
      (TFTPOptionValues(timeout: 1), ["timeout"]),
      (TFTPOptionValues(windowSize: 5), ["windowsize"]),
    ]
    for (granted, parts) in rows {
      #expect(TransferRule.refusals(of: granted, to: asked).map(\.part) == parts)
    }
  }
}
