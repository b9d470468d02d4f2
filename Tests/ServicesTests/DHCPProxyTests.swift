import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// proxyDHCP on port 67 and PXE's port 4011, by real firmware's packets.
@Suite struct DHCPProxyTests {
  var bench = DHCPBench()

  static let client = IPv4Address(10, 77, 0, 131)
  /// Control 8: start the file of this offer; a prompt of no time.
  static let offeredFile: [UInt8] = [6, 1, 8, 10, 4, 0, 0x50, 0x58, 0x45, 255]

  init() { bench.catalog = DHCPBench.catalog(mode: .proxy) }

  /// What each firmware is offered beside another server's address.
  struct Row: Sendable, CustomTestStringConvertible {
    let fixture: String
    var file = ""
    var vendor: String? = "PXEClient"
    var vendorSpecific: [UInt8]?
    var testDescription: String { fixture }
  }

  static let rows = [
    Row(
      fixture: "ipxe-bios-discover", file: "http://10.77.0.1/boot.ipxe?mac=52-54-00-77-00-01",
      vendorSpecific: offeredFile),
    Row(
      fixture: "ipxe-efi-discover", file: "http://10.77.0.1/boot.ipxe?mac=52-54-00-77-00-02",
      vendorSpecific: offeredFile),
    // 60 without 43 and without a file sends EDK II to port 4011.
    Row(fixture: "edk2-x64-pxe-discover"),
    Row(
      fixture: "edk2-x64-http-discover", file: "http://10.77.0.1/loaders/ipxe/snponly.efi",
      vendor: "HTTPClient"),
    Row(
      fixture: "split-discover", file: "loaders/ipxe/undionly.kpxe", vendorSpecific: offeredFile),
  ]

  @Test(arguments: rows) mutating func aFirmwareIsOfferedItsBootAlone(_ row: Row) throws {
    let fixture = try PacketFixture(row.fixture)
    bench.receive(fixture)
    let answer = try #require(bench.answer)
    #expect(bench.answers.count == 1 && answer.type == .offer)
    #expect(answer.address == .unspecified && answer.meaning[51] == nil)
    for code: UInt8 in [1, 3, 6, 15, 66, 175] { #expect(answer.meaning[code] == nil) }
    // iPXE takes no proxyDHCP OFFER with siaddr 0.
    #expect(answer.meaning.header.serverAddress == DHCPBench.own)
    #expect(answer.meaning[54] == octets(DHCPBench.own))
    #expect(String(decoding: answer.meaning.file, as: UTF8.self) == row.file)
    #expect(answer.text(60) == row.vendor)
    #expect(answer.meaning[43] == row.vendorSpecific)
    #expect(answer.bootFile == (row.vendor == "HTTPClient" ? row.file : nil))
    let asked = try DHCPMeaning(DHCPMessage(checking: fixture.octets.rawSpan))
    #expect(answer.meaning[97] == asked[97])
    #expect(answer.reply.destination == .endpoint(Endpoint(.broadcast, 68)))
    #expect(bench.facts == ["discover.received", "boot.offered"])
    #expect(bench.service.leases.count == 0 && bench.kinds == ["send"])
  }

  @Test(
    "Silence: who does not boot, whom nothing is for, and U-Boot, which would take it for an address",
    arguments: [
      ("udhcpc-discover", "packet.dropped"), ("grub-discover", "packet.dropped"),
      ("installer-discover", "packet.dropped"), ("edk2-arm64-pxe-discover", "boot.unsupported"),
      ("uboot-arm64-discover", "boot.unsupported"),
      ("uboot-arm64-efi-discover", "boot.unsupported"),
    ]) mutating func noAnswer(_ row: (fixture: String, fact: String)) throws
  {
    bench.receive(try PacketFixture(row.fixture))
    #expect(bench.kinds.isEmpty)
    #expect(bench.facts.last == row.fact)
  }

  @Test mutating func ignoredMachinesAndLocalBootsHearNothing() {
    for (machine, fact) in [(0xa2 as UInt8, "machine.ignored"), (0xa3, "discover.received")] {
      var discover = DHCPBench.question(.discover, machine)
      discover[93] = [0, 7]
      discover[60] = Array("PXEClient:Arch:00007:UNDI:003000".utf8)
      bench.send(discover)
      #expect(bench.kinds.isEmpty && bench.facts.last == fact)
    }
  }

  @Test("Case 8, case 20: in proxy mode another server's REQUEST is never refused")
  mutating func anotherServersREQUESTIsNeverRefused() {
    for type in [DHCPMessageType.request, .inform, .decline, .release] {
      var question = DHCPBench.question(type, 1)
      question[50] = [192, 168, 1, 1]
      question[54] = [10, 77, 0, 9]
      bench.send(question)
      question.options.removeAll { $0.code == 54 }
      bench.send(question)
      question.header.clientAddress = IPv4Address(192, 168, 1, 1)
      bench.send(question)
      #expect(bench.kinds.isEmpty)
    }
  }

  /// The REQUEST of EDK II to port 4011, as recorded in the lab: from 4011, with an address.
  func bootRequest(
    _ machine: UInt8 = 1, code: UInt8 = 7, from port: UInt16 = 4011,
    _ type: DHCPMessageType = .request
  ) -> DHCPBench.Question {
    var request = DHCPBench.question(type, machine)
    request.header.clientAddress = Self.client
    request[60] = Array("PXEClient:Arch:0000\(code):UNDI:003000".utf8)
    request[93] = [0, code]
    request[97] = [0] + [UInt8](repeating: 7, count: 16)
    request.source = Endpoint(Self.client, port)
    request.destination = DHCPBench.own
    request.port = 4011
    return request
  }

  /// Who has which address opens a machine's installation: nobody may say it of another's machine
  /// where we give the addresses, nor from elsewhere.
  @Test(
    arguments: [Interface.Mode.proxy, .authoritative], [Self.client, IPv4Address(10, 77, 0, 200)])
  mutating func portFourThousandElevenTellsWhoIsWhereInProxyModeOnly(
    _ mode: Interface.Mode, _ source: IPv4Address
  ) throws {
    bench.catalog = DHCPBench.catalog(mode: mode)
    var request = bootRequest()
    request.source = Endpoint(source, 4011)
    bench.send(request)
    let machine = bench.service.machine(at: Self.client, at: bench.now)
    let isTold = mode == .proxy && source == Self.client
    #expect(machine == (isTold ? MACAddress(0x52, 0x54, 0, 0, 0, 1) : nil))
  }

  @Test(
    "Port 4011 answers to the port that asked, in either mode",
    arguments: [Interface.Mode.proxy, .authoritative], [4011 as UInt16, 68])
  mutating func theBootServerAnswers(_ mode: Interface.Mode, _ port: UInt16) {
    bench.catalog = DHCPBench.catalog(mode: mode)
    for type in [DHCPMessageType.request, .inform] {
      bench.send(bootRequest(from: port, type))
      #expect(bench.answer?.type == .ack)
      #expect(bench.answer?.reply.destination == .endpoint(Endpoint(Self.client, port)))
      #expect(bench.answer?.reply.source == Endpoint(DHCPBench.own, 4011))
      #expect(bench.answer?.meaning.header.serverAddress == DHCPBench.own)
      #expect(bench.answer?.meaning.header.clientAddress == Self.client)
      #expect(bench.answer?.address == .unspecified)
      #expect(
        bench.answer.map { String(decoding: $0.meaning.file, as: UTF8.self) }
          == "loaders/ipxe/snponly.efi")
      #expect(bench.answer?.text(60) == "PXEClient" && bench.answer?.meaning[43] == nil)
      #expect(bench.answer?.meaning[97]?.count == 17 && bench.answer?.meaning[51] == nil)
      #expect(bench.facts == ["boot.acknowledged"] && bench.stored.isEmpty)
    }
  }

  @Test mutating func anIPXEThatNamesTheBootServerHearsTheScriptsURL() {
    var request = bootRequest(code: 0, from: 68)
    request[77] = Array("iPXE".utf8)
    request[54] = octets(DHCPBench.own)
    bench.send(request)
    #expect(bench.answer?.reply.destination == .endpoint(Endpoint(Self.client, 68)))
    #expect(
      bench.answer.map { String(decoding: $0.meaning.file, as: UTF8.self) }
        == "http://10.77.0.1/boot.ipxe?mac=52-54-00-00-00-01")
  }

  @Test(arguments: [Interface.Mode.proxy, .authoritative])
  mutating func aChoiceOfAMenuComesBack(_ mode: Interface.Mode) {
    bench.catalog = DHCPBench.catalog(mode: mode)
    var request = bootRequest(code: 0)
    request[43] = [71, 4, 0x80, 0, 0, 0, 255]
    bench.send(request)
    #expect(bench.answer?.meaning[43] == [71, 4, 0x80, 0, 0, 0, 255])
    // The same on port 67, where it looks for a boot server; only beside a foreign server.
    request.port = 67
    request.source = Endpoint(Self.client, 68)
    bench.send(request)
    #expect((bench.answer?.meaning[43] != nil) == (mode == .proxy))
  }

  @Test(
    "What chooses nothing gets the file's own control", arguments: [[71], [71, 3, 0, 0, 0], [1]])
  mutating func aDamagedChoiceIsNone(_ value: [UInt8]) {
    var request = bootRequest(code: 0)
    request[43] = value
    bench.send(request)
    #expect(bench.answer?.meaning[43] == Self.offeredFile)
  }

  @Test mutating func theBootServerIsSilentToWhoDoesNotBoot() {
    var request = bootRequest()
    request[60] = Array("MSFT 5.0".utf8)
    request[93] = nil
    bench.send(request)
    #expect(bench.kinds.isEmpty)
    bench.send(bootRequest(0xa2))
    #expect(bench.kinds.isEmpty && bench.facts == ["machine.ignored"])
    bench.send(bootRequest(code: 6))
    #expect(bench.kinds.isEmpty && bench.facts == ["boot.unsupported"])
    bench.send(bootRequest(1, .discover))
    #expect(bench.kinds.isEmpty)
  }

  func bootRequest(_ machine: UInt8, _ type: DHCPMessageType) -> DHCPBench.Question {
    bootRequest(machine, from: 68, type)
  }

  @Test("An EFI client that calls itself BIOS on port 4011 is what it was on port 67")
  mutating func theDISCOVERCounts() throws {
    bench.receive(try PacketFixture("edk2-x64-pxe-discover"))
    var request = bootRequest(code: 0)
    request.header.hardwareAddress = HardwareAddress(MACAddress(0x52, 0x54, 0, 0x77, 0, 2))
    bench.send(request)
    #expect(
      bench.answer.map { String(decoding: $0.meaning.file, as: UTF8.self) }
        == "loaders/ipxe/snponly.efi")
  }

  @Test mutating func aMachineIsFoundByTheAddressThatItAskedFor() throws {
    bench.receive(try PacketFixture("ipxe-bios-discover"))
    let mac = MACAddress(0x52, 0x54, 0, 0x77, 0, 1)
    #expect(bench.service.sighting(at: Self.client, at: bench.now) == nil)
    var request = DHCPBench.question(.request, mac)
    request[50] = octets(Self.client)
    request[54] = [10, 77, 0, 9]
    bench.send(request)
    #expect(bench.kinds.isEmpty && bench.facts == ["request.received"])
    #expect(bench.service.sighting(at: Self.client, at: bench.now)?.macAddress == mac)
    // Strangers teach us nothing.
    var stranger = DHCPBench.question(.request, 9)
    stranger[50] = octets(Self.client)
    stranger[54] = [10, 77, 0, 9]
    bench.send(stranger)
    #expect(bench.service.sighting(at: Self.client, at: bench.now)?.macAddress == mac)
  }

  @Test mutating func aMachineIsFoundByTheAddressThatItAsksTheBootServerFrom() {
    bench.send(bootRequest())
    #expect(
      bench.service.sighting(at: Self.client, at: bench.now)?.macAddress == DHCPBench.mac(1))
  }

  @Test mutating func aProxyNeedsNoSubnet() throws {
    bench.catalog = Catalog(
      interfaces: [Interface(name: "eth1", number: 2)],
      loaders: DHCPBench.catalog().loaders)
    bench.receive(try PacketFixture("edk2-x64-http-discover"))
    #expect(bench.answer?.bootFile == "http://10.77.0.1/loaders/ipxe/snponly.efi")
    #expect(bench.answer?.meaning[54] == octets(DHCPBench.own))
  }

  @Test mutating func httpThatIsOffLeavesNothingToBoot() throws {
    bench.catalog = Catalog(
      interfaces: [Interface(name: "eth1", number: 2, http: nil)],
      loaders: DHCPBench.catalog().loaders)
    for fixture in ["edk2-x64-http-discover", "ipxe-bios-discover"] {
      bench.receive(try PacketFixture(fixture))
      #expect(bench.kinds.isEmpty && bench.facts.last == "boot.unsupported")
    }
  }

  @Test mutating func aRelayedClientIsOfferedItsBootThroughItsRelay() {
    var discover = DHCPBench.question(.discover, 1)
    discover[60] = Array("PXEClient:Arch:00000:UNDI:002001".utf8)
    discover[93] = [0, 0]
    discover[82] = [1, 2, 0x70, 0x30]
    discover.header.relayAddress = IPv4Address(192, 0, 2, 7)
    discover.source = Endpoint(IPv4Address(192, 0, 2, 7), 67)
    bench.send(discover)
    #expect(
      bench.answer?.reply.destination == .endpoint(Endpoint(IPv4Address(192, 0, 2, 7), 67)))
    #expect(bench.answer?.meaning.options.last == .init(code: 82, value: [1, 2, 0x70, 0x30]))
  }

  @Test mutating func nobodyWhoGivesAddressesIsTold() throws {
    let discover = try PacketFixture("ipxe-bios-discover")
    var told = 0
    for _ in 0..<8 {
      bench.receive(discover)
      told += bench.facts.filter { $0 == "server.missing" }.count
      bench.now = bench.now + .seconds(5)
    }
    #expect(told == 1)
    // A client that takes an OFFER ends it.
    var request = DHCPBench.question(.request, MACAddress(0x52, 0x54, 0, 0x77, 0, 1))
    request[50] = octets(Self.client)
    request[54] = [10, 77, 0, 9]
    bench.send(request)
    bench.now = bench.now + .seconds(60)
    bench.receive(discover)
    #expect(!bench.facts.contains("server.missing"))
  }

  @Test("Case 20: a foreign server where we give the addresses is told once an hour")
  mutating func aForeignServerWhereWeGiveTheAddressesIsToldOnceAnHour() {
    bench.catalog = DHCPBench.catalog()
    var request = DHCPBench.question(.request, 1)
    request[50] = [10, 77, 1, 200]
    request[54] = [10, 77, 0, 9]
    bench.send(request)
    #expect(bench.facts == ["request.received", "offer.declined", "server.seen"])
    bench.send(request)
    #expect(bench.facts == ["request.received", "offer.declined"])
    bench.now = bench.now + .seconds(3601)
    bench.send(request)
    #expect(bench.facts.last == "server.seen")
  }
}
