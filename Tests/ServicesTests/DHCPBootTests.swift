import Boot
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// What each firmware is told to boot; the packets are real.
@Suite struct DHCPBootTests {
  var bench = DHCPBench()

  static let script = "http://10.77.0.1/boot.ipxe"
  static let rows: [(fixture: String, file: String?, facts: [String])] = [
    ("ipxe-bios-discover", script, []), ("ipxe-undionly-discover", script, []),
    ("ipxe-efi-discover", script, []),
    ("edk2-x64-pxe-discover", "loaders/ipxe/snponly.efi", []),
    ("edk2-arm64-pxe-discover", nil, ["boot.unsupported"]),
    ("edk2-x64-http-discover", "http://10.77.0.1/loaders/ipxe/snponly.efi", []),
    ("uboot-arm64-discover", "boot.scr.uimg", []),
    ("uboot-arm64-efi-discover", nil, ["boot.unsupported"]),
    ("grub-discover", nil, []), ("udhcpc-discover", nil, []), ("installer-discover", nil, []),
    ("overloaded-discover", "loaders/ipxe/snponly.efi", []),
    ("split-discover", "loaders/ipxe/undionly.kpxe", []),
  ]

  @Test(arguments: rows)
  mutating func aFirmwareIsToldWhatToBoot(_ row: (fixture: String, file: String?, facts: [String]))
    throws
  {
    bench.receive(try PacketFixture(row.fixture))
    let answer = try #require(bench.answer)
    #expect(answer.type == .offer)
    #expect(answer.bootFile == (row.file == "boot.scr.uimg" ? nil : row.file))
    // U-Boot and PXE ROMs read the BOOTP field only.
    #expect(String(decoding: answer.meaning.file, as: UTF8.self) == row.file ?? "")
    #expect(answer.meaning.header.serverAddress == (row.file == nil ? .unspecified : DHCPBench.own))
    #expect(answer.text(66) == (row.file?.hasPrefix("loaders") == true ? "10.77.0.1" : nil))
    #expect(answer.text(60) == (row.fixture.contains("http") ? "HTTPClient" : nil))
    #expect(answer.meaning[43] == nil)
    #expect(answer.meaning[175] == (row.file == Self.script ? [176, 1, 1] : nil))
    #expect(bench.facts == ["discover.received", "address.offered"] + row.facts)
    #expect(answer.octets.count >= 300)
  }

  /// Quirk.menuItemZeroIsTheDisk; UEFI's HTTP Boot has a loader's script leave, BIOS ROMs leave
  /// when they are given nothing.
  @Test(
    arguments: [
      ("edk2-x64-pxe-discover", nil, true), ("edk2-arm64-pxe-discover", nil, true),
      ("edk2-x64-http-discover", "http://10.77.0.1/loaders/ipxe/snponly.efi", false),
      ("ipxe-bios-discover", script, false), ("hp-bios-discover", nil, false),
      ("udhcpc-discover", nil, false),
    ] as [(String, String?, Bool)])
  mutating func aFirmwareIsSentToItsOwnDisk(_ fixture: String, _ file: String?, _ menu: Bool) throws
  {
    bench.catalog = DHCPBench.catalog(defaultProfile: .profile("local"))
    bench.receive(try PacketFixture(fixture))
    let answer = try #require(bench.answer)
    #expect(answer.bootFile == file)
    let zero: [UInt8] =
      [6, 1, 3, 9, 13, 0, 0, 10] + Array("local disk".utf8) + [10, 4, 0] + Array("PXE".utf8) + [255]
    #expect(answer.meaning[43] == (menu ? zero : nil))
    #expect((answer.text(60) == "PXEClient") == menu)
  }

  @Test(arguments: ["edk2-x64-pxe-discover", "ipxe-bios-discover", "udhcpc-discover"])
  mutating func whomToTrustStandsInWhatFirmwareIsTold(_ fixture: String) throws {
    let digest = [UInt8](1...32)
    bench.catalog = DHCPBench.catalog(trust: digest)
    bench.receive(try PacketFixture(fixture))
    let trust = [90, 32] + digest
    let expected: [UInt8]? =
      switch fixture {
      case "edk2-x64-pxe-discover": trust
      case "ipxe-bios-discover": trust + [176, 1, 1]
      default: nil
      }
    #expect(bench.answer?.meaning[175] == expected)
  }

  @Test(
    arguments: [
      (80, 443, "http://10.77.0.1"), (nil, 443, "https://10.77.0.1"),
      (nil, 8443, "https://10.77.0.1:8443"),
    ] as [(UInt16?, UInt16, String)])
  mutating func whereOnlyHTTPSIsServedURLsAreOfIt(
    _ http: UInt16?, _ https: UInt16, _ base: String
  ) throws {
    bench.catalog = DHCPBench.catalog(http: http, https: https)
    bench.receive(try PacketFixture("edk2-x64-http-discover"))
    #expect(bench.answer?.bootFile == "\(base)/loaders/ipxe/snponly.efi")
    bench.receive(try PacketFixture("ipxe-bios-discover"))
    #expect(bench.answer?.bootFile == "\(base)/boot.ipxe")
  }

  static let classes:
    [(code: UInt16?, vendor: String, user: [UInt8]?, ipxe: [UInt8]?, file: String?)] = [
      (0, "PXEClient:Arch:00000:UNDI:002001", nil, nil, "loaders/ipxe/undionly.kpxe"),
      (7, "PXEClient:Arch:00007:UNDI:003016", nil, nil, "loaders/ipxe/snponly.efi"),
      (9, "PXEClient:Arch:00009:UNDI:003016", nil, nil, "loaders/ipxe/snponly.efi"),
      (6, "PXEClient:Arch:00006:UNDI:003016", nil, nil, nil),
      (11, "PXEClient:Arch:00011:UNDI:003000", nil, nil, nil),
      (0xffff, "PXEClient", nil, nil, nil), (nil, "PXEClient", nil, nil, nil),
      (nil, "MSFT 5.0", nil, nil, nil),
      (0, "PXEClient", Array("iPXE".utf8), nil, script),
      (7, "PXEClient", [4] + Array("iPXE".utf8), nil, script),
      (0, "PXEClient", nil, [19, 1, 1], script),  // FlexBoot: option 175 alone
      (nil, "PXEClient", Array("iPXE".utf8), nil, script),
      (0, "PXEClient", Array("iPXE".utf8), [17, 1, 1], "loaders/ipxe/undionly.kpxe"),  // no HTTP
      (0, "PXEClient", nil, [19], "loaders/ipxe/undionly.kpxe"),  // no iPXE writes so
      (0, "PXEClient", Array("gPXE".utf8), nil, "loaders/ipxe/undionly.kpxe"),
    ]

  @Test(arguments: classes.indices)
  mutating func aClassOfClientsIsToldWhatToBoot(_ index: Int) {
    let row = Self.classes[index]
    bench.boot(1) { question in
      question[93] = row.code.map { [UInt8($0 >> 8), UInt8($0 & 255)] }
      question[60] = Array(row.vendor.utf8)
      question[77] = row.user
      question[175] = row.ipxe
    }
    #expect(bench.answer?.type == .ack)
    #expect(bench.answer?.bootFile == row.file)
  }

  /// Every code of the table: what a client with it and the usual class is told, all loaders there.
  static let codes: [(code: UInt16, kind: Firmware.Kind, file: String?)] = [
    (0, .pxe, "loaders/ipxe/undionly.kpxe"), (6, .pxe, "loaders/ipxe/ipxe-ia32.efi"),
    (7, .pxe, "loaders/ipxe/ipxe-amd64.efi"), (9, .pxe, "loaders/ipxe/ipxe-amd64.efi"),
    (10, .pxe, "loaders/ipxe/ipxe-arm32.efi"), (11, .pxe, "loaders/ipxe/ipxe-arm64.efi"),
    (27, .pxe, "loaders/ipxe/ipxe-riscv64.efi"),
    (15, .http, "http://10.77.0.1/loaders/ipxe/ipxe-ia32.efi"),
    (16, .http, "http://10.77.0.1/loaders/ipxe/ipxe-amd64.efi"),
    (17, .http, "http://10.77.0.1/loaders/ipxe/ipxe-amd64.efi"),
    (18, .http, "http://10.77.0.1/loaders/ipxe/ipxe-arm32.efi"),
    (19, .http, "http://10.77.0.1/loaders/ipxe/ipxe-arm64.efi"),
    (20, .http, "http://10.77.0.1/loaders/ipxe/undionly.kpxe"),
    (28, .http, "http://10.77.0.1/loaders/ipxe/ipxe-riscv64.efi"),
    (21, .uboot, "boot.scr.uimg"), (22, .uboot, "boot.scr.uimg"),
    (23, .http, "http://10.77.0.1/boot.scr.uimg"), (24, .http, "http://10.77.0.1/boot.scr.uimg"),
    (41, .pi, ""), (8, .pxe, nil), (25, .pxe, nil), (0xffff, .pxe, nil),
  ]

  @Test mutating func whatIsNotSupportedIsSaidOnce() {
    bench.catalog = DHCPBench.catalog(loaders: .some)
    var unsupported = 0
    for type in [DHCPMessageType.discover, .request] {
      var message = DHCPBench.question(type, 1)
      message[93] = [0, 11]
      message[60] = Array("PXEClient:Arch:00011:UNDI:003000".utf8)
      if type == .request {
        message[50] = [10, 77, 1, 10]
        message[54] = [10, 77, 0, 1]
      }
      bench.send(message)
      #expect(bench.answer?.type == (type == .request ? .ack : .offer))
      unsupported += bench.facts.count { $0 == "boot.unsupported" }
    }
    #expect(unsupported == 1)
  }

  @Test(arguments: codes) mutating func everyCodeIsToldWhatToBoot(
    _ row: (code: UInt16, kind: Firmware.Kind, file: String?)
  ) {
    bench.catalog = DHCPBench.catalog(loaders: .all)
    var discover = DHCPBench.question(.discover, 1)
    discover[93] = [UInt8(row.code >> 8), UInt8(row.code & 255)]
    discover[60] = Array((row.kind == .http ? "HTTPClient" : "PXEClient").utf8)
    bench.send(discover)
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.firmware?.kind == row.kind)
    let file = bench.answer.map { String(decoding: $0.meaning.file, as: UTF8.self) } ?? ""
    #expect(file == row.file ?? "")
    #expect(bench.facts.contains("boot.unsupported") == (row.file == nil))
    #expect(bench.answer?.address == IPv4Address(10, 77, 1, 10))
    #expect((bench.answer?.meaning.header.serverAddress == .unspecified) == (row.file == nil))
    #expect((bench.answer?.text(60) == "HTTPClient") == (row.kind == .http))
    #expect(
      (bench.answer?.text(66) != nil) == (row.kind == .pi || row.kind == .pxe && row.file != nil))
  }

  @Test(
    "Of several codes the first that is known counts; the class is read only without any",
    arguments: [
      ([0, 8, 0, 7], "PXEClient:Arch:00000", Architecture.x8664EFI),
      ([0, 27], "PXEClient:Arch:0001b:UNDI:003000", .riscv64EFI),
      (nil, "PXEClient:Arch:00007:UNDI:003000", .x8664EFI),
      (nil, "PXEClient:Arch:0001b:UNDI:003000", .riscv64EFI),
      (nil, "PXEClient:Arch:0000", nil), (nil, "PXEClient:Arch:zzzzz", nil),
      (nil, "PXEClient", nil), (nil, "Arista;DCS:Arch:00007", nil),
    ] as [([UInt8]?, String, Architecture?)])
  mutating func anArchitectureIsRead(_ row: (codes: [UInt8]?, vendor: String, Architecture?)) {
    var discover = DHCPBench.question(.discover, 1)
    discover[93] = row.codes
    discover[60] = Array(row.vendor.utf8)
    bench.send(discover)
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.architecture == row.2)
  }

  @Test mutating func uBootWithoutACodeIsUBoot() {
    var discover = DHCPBench.question(.discover, 1)
    discover[60] = Array("U-Boot".utf8)
    bench.send(discover)
    #expect(
      bench.answer.map { String(decoding: $0.meaning.file, as: UTF8.self) } == "boot.scr.uimg")
  }

  @Test mutating func aMachineThatBootsFromItsDiskIsToldNothing() {
    bench.boot(0xa3) { question in
      question[93] = [0, 7]
      question[60] = Array("PXEClient:Arch:00007".utf8)
    }
    #expect(bench.answer?.type == .ack && bench.answer?.bootFile == nil)
    #expect(!bench.facts.contains("boot.unsupported"))
    // Its iPXE is, because the script says how this firmware leaves.
    bench.boot(0xa3) { $0[77] = Array("iPXE".utf8) }
    #expect(bench.answer?.bootFile == Self.script)
  }

  @Test mutating func theFileIsNotTheLastOption() throws {
    bench.receive(try PacketFixture("edk2-x64-pxe-discover"))
    let codes = try #require(bench.answer).meaning.options.map(\.code)
    let file = try #require(codes.firstIndex(of: 67))
    #expect(file < codes.count - 1)
    #expect(codes.first == 53)
  }

  @Test("A REQUEST for an OFFER need not say again what it is", arguments: [true, false])
  mutating func aRaspberryPi4sREQUESTKeepsWhatItsDISCOVERSaid(_ hasVendorClass: Bool) {
    let vendor = Array("PXEClient:Arch:00000:UNDI:002001".utf8)
    var discover = DHCPBench.question(.discover, 1)
    discover[93] = [0, 0]
    discover[60] = vendor
    bench.send(discover)
    var request = DHCPBench.question(.request, 1)
    request[50] = bench.answer.map { octets($0.address) }
    request[54] = octets(DHCPBench.own)
    request[60] = hasVendorClass ? vendor : nil
    bench.send(request)
    #expect(bench.answer?.type == .ack)
    #expect(bench.answer?.bootFile == "loaders/ipxe/undionly.kpxe")
  }

  @Test mutating func theSystemThatItBootedDoesNotBootAgain() {
    bench.boot(1) { $0[93] = [0, 0] }
    bench.boot(1)
    #expect(bench.answer?.bootFile == nil)
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.firmware == nil)
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.architecture == .x86BIOS)
  }

  @Test(
    "A uuid of the configuration matches BIOS and EFI",
    arguments: [
      "ipxe-bios-discover", "edk2-x64-pxe-discover", "ipxe-efi-discover", "edk2-arm64-pxe-discover",
    ]) mutating func aMachineIsKnownByTheUUIDThatDmidecodePrints(_ fixture: String) throws
  {
    let machine = Machine(
      name: "by-uuid", uuid: UUID("4c4c4544-0042-4c10-8056-b4c04f4c4142"),
      address: IPv4Address(10, 77, 0, 99))
    bench.catalog = DHCPBench.catalog(machines: [machine])
    bench.receive(try PacketFixture(fixture))
    #expect(bench.answer?.address == IPv4Address(10, 77, 0, 99))
  }

  @Test mutating func theURLHasTheInterfacesPort() {
    var discover = DHCPBench.question(.discover, 1)
    discover.interface = 3
    discover.local = IPv4Address(10, 79, 0, 1)
    discover[77] = Array("iPXE".utf8)
    bench.send(discover)
    #expect(bench.answer?.bootFile == "http://10.79.0.1:8080/boot.ipxe")
    #expect(bench.answer?.meaning[54] == [10, 79, 0, 1])
  }
}
