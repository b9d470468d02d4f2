import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// Whole dialogues of captures beside the package: what the clients of each sent, answered by us.
@Suite(.enabled(if: CaptureFile.arePresent)) struct DHCPCaptureTests {
  /// Our answers to a capture's client messages, in their order; nil for silence.
  static func answers(
    _ path: String, _ mode: Interface.Mode, serverIs server: IPv4Address = DHCPBench.own
  ) throws -> [Exchange] {
    var bench = DHCPBench()
    bench.catalog = catalog(mode, server)
    let capture = try #require(CaptureFile.named(path), "no capture \(path)")
    var exchanges: [Exchange] = []
    for datagram in capture.datagrams(ports: [67, 4011])
    where [67, 4011].contains(datagram.destination.port) && datagram.payload.first == 1 {
      bench.receive(
        datagram.payload,
        Arrival(
          source: datagram.source,
          destination: Endpoint(datagram.destination.address, datagram.destination.port),
          local: server, interface: 2))
      let asked = try DHCPMeaning(DHCPMessage(checking: datagram.payload.rawSpan))
      exchanges.append(
        Exchange(
          port: datagram.destination.port, asked: asked, source: datagram.source,
          answer: bench.answer, facts: bench.facts))
    }
    return exchanges
  }

  struct Exchange {
    let port: UInt16
    let asked: DHCPMeaning
    let source: Endpoint
    let answer: DHCPBench.Answer?
    let facts: [String]

    var file: String? { answer.map { String(decoding: $0.meaning.file, as: UTF8.self) } }
  }

  /// All networks that the captures were made in hang on one interface here.
  static func catalog(_ mode: Interface.Mode, _ server: IPv4Address) -> Catalog {
    let network = IPv4Prefix(IPv4Address(server.number & 0xffff_ff00), length: 24)
    return Catalog(
      generation: 1, interfaces: [Interface(name: "eth1", number: 2, dhcp: mode)],
      subnets: [
        Subnet(
          network: network, interface: "eth1",
          pools: [
            Pool(
              IPv4Address(network.network.number + 10), IPv4Address(network.network.number + 150))
          ],
          ownAddress: server)
      ], loaders: DHCPBench.LoaderSet.all.loaders)
  }

  @Test func aProxyBesideARecordedServerLeadsEDK2ToPort4011() throws {
    let exchanges = try Self.answers(
      "amd64-uefi-proxydhcp.pcap", .proxy, serverIs: IPv4Address(10, 77, 0, 2))
    let kinds = exchanges.map { ($0.port, $0.answer?.type, $0.file) }
    #expect(kinds.map(\.0) == [67, 67, 4011, 67, 67])
    #expect(kinds.map(\.1) == [.offer, nil, .ack, .offer, nil])
    #expect(
      kinds.map(\.2) == [
        "", nil, "loaders/ipxe/ipxe-amd64.efi",
        "http://10.77.0.2/boot.ipxe?mac=52-54-00-77-00-02", nil,
      ])
    let boot = exchanges[2]
    #expect(boot.answer?.reply.destination == .endpoint(boot.source))
    #expect(boot.source.port == 4011)
    #expect(exchanges[0].answer?.meaning[43] == nil && boot.answer?.meaning[43] == nil)
  }

  @Test(arguments: ["amd64-bios-proxydhcp.pcap", "amd64-bios-proxydhcp-siaddr0.pcap"])
  func aProxyGivesIPXEWhatItTakes(_ capture: String) throws {
    let exchanges = try Self.answers(capture, .proxy, serverIs: IPv4Address(10, 77, 0, 2))
    #expect(exchanges.count >= 2)
    for exchange in exchanges {
      guard let answer = exchange.answer else {
        #expect(exchange.port == 67 && exchange.asked[53] == [3])
        continue
      }
      #expect(exchange.file == "http://10.77.0.2/boot.ipxe?mac=52-54-00-77-00-01")
      #expect(answer.meaning.header.serverAddress == IPv4Address(10, 77, 0, 2))
      #expect(answer.text(60) == "PXEClient")
      if exchange.port == 4011 {
        #expect(answer.type == .ack && answer.reply.destination == .endpoint(exchange.source))
      }
    }
  }

  @Test("A board's BIOS ROM, which asks port 4011 with a menu's choice after its ACK")
  func aBoardsROMHearsItsChoice() throws {
    let exchanges = try Self.answers(
      "public/danderson+netboot/usec.pcap", .proxy, serverIs: IPv4Address(192, 168, 16, 10))
    #expect(exchanges.map(\.port) == [67, 67, 4011])
    #expect(exchanges.map { $0.answer?.type } == [.offer, nil, .ack])
    #expect(exchanges[2].answer?.meaning[43] == [71, 4, 0x80, 0, 0, 0, 255])
    #expect(exchanges[2].file == "loaders/ipxe/undionly.kpxe")
    #expect(exchanges[2].asked[43] == exchanges[2].answer?.meaning[43])
  }

  @Test(
    "HTTP Boot",
    arguments: [
      ("amd64-uefi-http-snponly.pcap", "ipxe-amd64.efi"),
      ("amd64-uefi-http-grub.pcap", "ipxe-amd64.efi"),
      ("arm64-uefi-http-grub.pcap", "ipxe-arm64.efi"),
      ("public/ci-tron/uefi-x64-http-discover.pcap", "ipxe-amd64.efi"),
    ]) func httpBootHearsAURL(_ row: (capture: String, file: String)) throws
  {
    let asked = try Self.answers(row.capture, .authoritative).filter {
      String(decoding: $0.asked[60] ?? [], as: UTF8.self).hasPrefix("HTTPClient")
    }
    #expect(!asked.isEmpty)
    for exchange in asked where exchange.asked[53] == [1] {
      #expect(exchange.file == "http://10.77.0.1/loaders/ipxe/\(row.file)")
      #expect(exchange.answer?.text(67) == exchange.file)
      #expect(exchange.answer?.text(60) == "HTTPClient")
      #expect(exchange.answer?.meaning[66] == nil && exchange.answer?.meaning[43] == nil)
    }
  }

  @Test func uBootHearsItsFileInTheBOOTPField() throws {
    for (capture, count) in [
      ("arm64-uboot-script-pxe.pcap", 2), ("public/ci-tron/uboot-armv8-rpi4-request.pcap", 1),
    ] {
      let asked = try Self.answers(capture, .authoritative)
        .filter { $0.asked[93] == [0, 22] && $0.answer?.type != .nak }
      #expect(asked.count <= count || capture.hasPrefix("arm64"))
      for exchange in asked where exchange.answer != nil {
        #expect(exchange.file == "boot.scr.uimg" && exchange.answer?.bootFile == nil)
        #expect(exchange.answer?.meaning.header.serverAddress == DHCPBench.own)
      }
    }
  }

  @Test("A riscv64 U-Boot's class says Arch:0001b, which only option 93 tells")
  func aCodeIsReadNotItsText() throws {
    let exchange = try #require(
      try Self.answers("public/ci-tron/uboot-riscv64-efi-discover.pcap", .authoritative).first)
    #expect(exchange.file == "loaders/ipxe/ipxe-riscv64.efi")
  }

  @Test func aPi3ROMIsOfferedItsMenu() throws {
    let exchanges = try Self.answers(
      "public/raspberrypi-documentation/pi3b-rom-discover-offer-rrq.pcap", .authoritative,
      serverIs: IPv4Address(192, 168, 1, 1))
    #expect(exchanges.map { $0.answer?.type } == [.offer])
    #expect(exchanges[0].answer?.meaning[43] == RaspberryPiTests.menu)
    #expect(exchanges[0].answer?.text(66) == "192.168.1.1" && exchanges[0].file == "")
  }

  @Test(arguments: [Interface.Mode.authoritative, .proxy])
  func aPi4IsOfferedItsMenu(_ mode: Interface.Mode) throws {
    let exchanges = try Self.answers(
      "public/rpi4-proxydhcp-hexdump/pi4-discover-offers-request.pcap", mode,
      serverIs: IPv4Address(192, 168, 2, mode == .proxy ? 52 : 1))
    #expect(exchanges.count == 2)
    #expect(exchanges[0].answer?.type == .offer)
    #expect(exchanges[0].answer?.meaning[43] == RaspberryPiTests.menu)
    // Its REQUEST names the other server; with us as that server it has an ACK with all of it.
    #expect(exchanges[1].answer?.type == (mode == .proxy ? nil : .ack))
    if mode == .authoritative {
      #expect(exchanges[1].answer?.meaning[43] == RaspberryPiTests.menu)
      #expect(exchanges[1].answer?.text(66) == "192.168.2.1")
    }
  }

  @Test func hyperVGeneration1IsABIOS() throws {
    for mode in [Interface.Mode.authoritative, .proxy] {
      let exchange = try #require(
        try Self.answers("public/lh-dhcp/hyperv-gen1-pxe-discover-offer.pcap", mode).first)
      #expect(exchange.file == "loaders/ipxe/undionly.kpxe")
      #expect(exchange.answer?.meaning[97]?.count == 17)
      // Its capture has hops 2 without a relay; a reply has 0.
      #expect(exchange.answer?.meaning.header.hops == 0)
    }
  }

  @Test("Case 20: a proxyDHCP gives no address and refuses nothing, whatever is on the wire")
  func aProxyNeverGivesAnAddress() throws {
    for capture in try CaptureFile.all() + CaptureFile.published() {
      var bench = DHCPBench()
      bench.catalog = Self.catalog(.proxy, DHCPBench.own)
      for datagram in capture.datagrams(ports: [67, 68, 4011]).prefix(2000) {
        bench.receive(
          datagram.payload,
          Arrival(
            source: datagram.source,
            destination: Endpoint(DHCPBench.own, datagram.destination.port == 4011 ? 4011 : 67),
            local: DHCPBench.own, interface: 2))
        for answer in bench.answers {
          #expect(answer.address == .unspecified && answer.meaning[51] == nil)
          #expect(answer.type == .offer || answer.type == .ack)
          #expect(answer.meaning[60] != nil)
        }
      }
      #expect(bench.service.leases.count == 0)
    }
  }
}
