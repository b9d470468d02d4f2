import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// Raspberry Pis, by packets generated from documented bytes.
@Suite struct RaspberryPiTests {
  var bench = DHCPBench()

  static let menu: [UInt8] =
    [6, 1, 3, 10, 4, 0, 0x50, 0x58, 0x45, 9, 23, 0, 0, 20]
    + Array("Raspberry Pi Boot   ".utf8) + [255]

  static let rows: [(fixture: String, architecture: Architecture, serial: String?)] = [
    ("pi3-rom-discover", .raspberryPi3, nil),
    ("pi3-bootcode-discover", .raspberryPi3, "8d8696f5"),
    ("pi4-2019-discover", .raspberryPi, "e0ff06da"),
    ("pi4-2020-discover", .raspberryPi, "e0ff06da"),
    ("pi4-2021-discover", .raspberryPi, "e0ff06da"),
    ("pi5-discover", .raspberryPi, "12345678"),
  ]

  @Test(arguments: rows, [Interface.Mode.authoritative, .proxy])
  mutating func aPiIsAnsweredAsItWants(
    _ row: (fixture: String, architecture: Architecture, serial: String?), _ mode: Interface.Mode
  ) throws {
    bench.catalog = DHCPBench.catalog(mode: mode)
    let fixture = try PacketFixture(row.fixture)
    bench.receive(fixture)
    let answer = try #require(bench.answer)
    let asked = try DHCPMeaning(DHCPMessage(checking: fixture.octets.rawSpan))
    let mac = try #require(asked.header.hardwareAddress.macAddress)
    #expect(bench.service.sightings[mac]?.firmware?.kind == .pi)
    #expect(bench.service.sightings[mac]?.architecture == row.architecture)
    #expect(bench.service.sightings[mac]?.serial == row.serial)
    #expect(bench.service.sightings[mac]?.uuid == nil)
    #expect(answer.type == .offer && answer.meaning.header.hops == 0)
    #expect((answer.address == .unspecified) == (mode == .proxy))
    #expect(answer.meaning.header.serverAddress == DHCPBench.own)
    #expect(answer.meaning[43] == Self.menu && answer.meaning[43]?.count == 35)
    #expect(answer.text(60) == "PXEClient" && answer.text(66) == "10.77.0.1")
    #expect(answer.meaning[67] == nil && answer.meaning.file.isEmpty)
    #expect(answer.meaning[97] == asked[97])
    // Something follows 66: early firmware reads past its end.
    let codes = answer.meaning.options.map(\.code)
    #expect(codes.last != 66)
    try Self.expectNoPads(answer.octets)
    #expect(!bench.facts.contains("boot.unsupported"))
  }

  /// Firmware before 2020-01-17 ignores a reply with pads among its options.
  static func expectNoPads(_ octets: [UInt8]) throws {
    var offset = DHCPMessage.minimumCount
    while octets[offset] != 255 {
      #expect(octets[offset] != 0)
      offset += 2 + Int(octets[offset + 1])
    }
    #expect(octets[offset...].dropFirst().allSatisfy { $0 == 0 })
  }

  @Test(
    "The REQUEST says less than the DISCOVER: no 55 and no 93, of early 2020 no 60",
    arguments: [
      ("pi4-2019-discover", "pi4-2019-request"), ("pi4-2021-discover", "pi4-2021-request"),
      ("pi5-discover", "pi5-request"),
    ]) mutating func anACKSaysWhatTheOFFERSaid(_ row: (discover: String, request: String)) throws
  {
    bench.receive(try PacketFixture(row.discover))
    let offer = try #require(bench.answer)
    bench.receive(try PacketFixture(row.request))
    let ack = try #require(bench.answer)
    #expect(ack.type == .ack && ack.address == offer.address)
    for code: UInt8 in [43, 60, 66, 1, 3] { #expect(ack.meaning[code] == offer.meaning[code]) }
    #expect(ack.meaning[43] == Self.menu && ack.meaning[67] == nil)
    try Self.expectNoPads(ack.octets)
  }

  @Test("An OFFER is enough for a Pi 3: its address is kept as long as it boots")
  mutating func anAddressIsHeldWithoutREQUEST() throws {
    bench.receive(try PacketFixture("pi3-rom-discover"))
    let address = try #require(bench.answer).address
    bench.now = bench.now + .seconds(599)
    for machine in 1...9 as ClosedRange<UInt8> {
      bench.send(DHCPBench.question(.discover, machine))
      #expect(bench.answer?.address != address)
    }
    #expect(bench.service.sighting(at: address, at: bench.now)?.firmware?.kind == .pi)
    bench.now = bench.now + .seconds(2)
    bench.send(DHCPBench.question(.discover, 0x44))
    #expect(bench.answer?.address == address)
  }

  @Test("All Pi 3 send one xid and one option 97, and have an address each")
  mutating func twoPisAreTold() throws {
    let octets = try PacketFixture("pi3-rom-discover").octets
    var other = octets
    other[33] ^= 1
    var addresses: Set<IPv4Address> = []
    for message in [octets, other] {
      bench.receive(
        message,
        Arrival(
          source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
          local: DHCPBench.own, interface: 2))
      if let answer = bench.answer { addresses.insert(answer.address) }
    }
    #expect(addresses.count == 2)
  }

  @Test(
    "A machine's serial mark, as its bootloader and as /proc/cpuinfo writes it",
    arguments: ["e0ff06da", "E0FF06DA", "10000000e0ff06da"])
  mutating func aPiIsKnownByItsSerial(_ serial: String) throws {
    bench.catalog = DHCPBench.catalog(machines: [
      Machine(name: "by-serial", serial: serial, address: IPv4Address(10, 77, 0, 44))
    ])
    bench.receive(try PacketFixture("pi4-2021-discover"))
    #expect(bench.answer?.address == IPv4Address(10, 77, 0, 44))
  }

  @Test mutating func anHPBoardIsKnownByTheSerialThatItHasInPlaceOfAUUID() throws {
    bench.catalog = DHCPBench.catalog(machines: [
      Machine(name: "hp", serial: "CZC1234XYZ", address: IPv4Address(10, 77, 0, 45))
    ])
    bench.receive(try PacketFixture("hp-bios-discover"))
    #expect(bench.answer?.address == IPv4Address(10, 77, 0, 45))
    #expect(bench.answer?.bootFile == "loaders/ipxe/undionly.kpxe")
  }

  @Test(
    "A PC is no Pi",
    arguments: [
      // UUIDs that nobody set.
      ([UInt8](repeating: 0x33, count: 16), 0, "PXEClient:Arch:00000:UNDI:002001"),
      ([UInt8](repeating: 0xff, count: 16), 0, "PXEClient:Arch:00000:UNDI:002001"),
      ([UInt8](repeating: 0, count: 16), 0, "PXEClient:Arch:00000:UNDI:002001"),
      (Array("R".utf8) + [UInt8](repeating: 1, count: 15), 0, "PXEClient:Arch:00000:UNDI:002001"),
      // A word four times from a UEFI.
      ([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], 7, "PXEClient:Arch:00007:UNDI:003000"),
      ([], 0, "PXEClient:Arch:00000:UNDI:002001"),
    ] as [([UInt8], UInt8, String)])
  mutating func aPCIsNoPi(_ row: (identifier: [UInt8], code: UInt8, vendor: String)) {
    var discover = DHCPBench.question(.discover, 1)
    discover[97] = [0] + row.identifier
    discover[93] = [0, row.code]
    discover[60] = Array(row.vendor.utf8)
    bench.send(discover)
    #expect(bench.service.sightings[DHCPBench.mac(1)]?.firmware?.kind == .pxe)
    #expect(bench.answer?.bootFile?.hasPrefix("loaders/ipxe/") == true)
  }

  @Test("Its vendor's address tells a Pi whose option 97 was set to something else")
  mutating func anAddressTellsAPi() {
    let mac = MACAddress(0xdc, 0xa6, 0x32, 1, 2, 3)
    for (code, kind) in [(0, Firmware.Kind.pi), (11, .pxe)] as [(UInt8, Firmware.Kind)] {
      var discover = DHCPBench.question(.discover, mac)
      discover[97] = [0] + Array("rack".utf8) + [UInt8](repeating: 9, count: 12)
      discover[93] = [0, code]
      discover[60] = Array("PXEClient:Arch:000\(code < 10 ? "0" : "")\(code):UNDI:003000".utf8)
      bench.send(discover)
      #expect(bench.service.sightings[mac]?.firmware?.kind == kind)
    }
  }

  @Test mutating func aPisOwnDiskIsLeftToIt() throws {
    bench.catalog = DHCPBench.catalog(defaultProfile: .profile("local"))
    bench.receive(try PacketFixture("pi4-2021-discover"))
    #expect(bench.answer?.meaning[43] == nil && bench.answer?.text(66) == nil)
  }

  /// Names as they were seen on the wire, and where the file is sought.
  static let names: [(name: String, places: [String])] = [
    (
      "e0ff06da/start4.elf",
      ["files/e0ff06da/start4.elf", "files/start4.elf", "loaders/pi/start4.elf"]
    ),
    (
      "dc-a6-32-ec-fc-3c/overlays/x.dtbo",
      [
        "files/dc-a6-32-ec-fc-3c/overlays/x.dtbo", "files/overlays/x.dtbo",
        "loaders/pi/overlays/x.dtbo",
      ]
    ),
    ("config.txt", ["files/config.txt", "loaders/pi/config.txt"]),
    ("bootcode.bin", ["files/bootcode.bin", "loaders/pi/bootcode.bin"]),
    // No prefix of a Pi's: sought as it is.
    ("E0FF06DA/start4.elf", ["files/E0FF06DA/start4.elf", "loaders/pi/E0FF06DA/start4.elf"]),
    ("e0ff06da", ["files/e0ff06da", "loaders/pi/e0ff06da"]),
  ]

  @Test(arguments: names)
  mutating func aFileIsSoughtBelowThePrefixAndWithoutIt(_ row: (name: String, places: [String]))
    throws
  {
    bench.receive(try PacketFixture("pi4-2021-discover"))
    let address = try #require(bench.answer).address
    #expect(try places(row.name, from: address) == row.places)
    // Nor need it be known: a Pi 3 beside another server never says where it is.
    #expect(try places(row.name, from: IPv4Address(10, 77, 9, 9)) == row.places)
    #expect(try places(row.name, from: address, port: 80) == [row.places[0]])
  }

  @Test mutating func aPCsMissIsNotSoughtAmongThePisFiles() throws {
    bench.receive(try PacketFixture("edk2-x64-pxe-discover"))
    let address = try #require(bench.answer).address
    #expect(try places("grubx64.efi", from: address) == ["files/grubx64.efi"])
  }

  private func places(_ name: String, from source: IPv4Address, port: UInt16 = 69) throws
    -> [String]
  {
    var reasons: [Reason] = []
    var service = bench.service
    let content = service.content(
      of: Resource(try #require(BootPath(name))),
      for: Arrival(
        source: Endpoint(source, 49152), destination: Endpoint(DHCPBench.own, port),
        local: DHCPBench.own, interface: 2),
      bench.catalog, at: bench.now, dice: { 7 }, reasons: &reasons)
    switch content {
    case .file(let tree, let path): return ["\(tree)/\(path)"]
    case .firstFile(let places): return places.map { "\($0.tree)/\($0.path)" }
    case .text, .fileOrMenu, .refused, .missing: return []
    }
  }
}
