import Boot
import Network
import RecordedPackets
import Services
import Testing
import Wire

/// Whole boots of Raspberry Pis, from the first DISCOVER to the last file, in the order and with the
/// options of the documented traces (firmware.md §1 to §3).
@Suite struct RaspberryPiBootTests {
  /// A Pi's network and the trees that it is served from.
  struct Bench {
    var dhcp = DHCPBench()
    var tftp = TFTPBench()
    /// The Pi's address, as it was offered.
    var address = IPv4Address.unspecified

    /// - Parameter files: Names below `files/` or `loaders/`.
    init(_ files: [String], mode: Interface.Mode = .authoritative) {
      dhcp.catalog = DHCPBench.catalog(mode: mode)
      tftp.catalog = dhcp.catalog
      for name in files { tftp.files[name] = Self.content(of: name) }
    }

    /// Longer than two blocks of any size that a Pi asks for.
    static func content(of name: String) -> [UInt8] {
      Array(repeating: Array(name.utf8), count: 4_000 / name.utf8.count).flatMap { $0 }
    }

    mutating func offer(_ fixture: String) throws -> DHCPBench.Answer {
      dhcp.receive(try PacketFixture(fixture))
      let answer = try #require(dhcp.answer)
      address = answer.address
      let (service, catalog, now) = (dhcp.service, dhcp.catalog, dhcp.now)
      tftp.place = { resource, arrival in
        var reasons: [Reason] = []
        var service = service
        switch service.content(
          of: resource, for: arrival, catalog, at: now, dice: { 7 }, reasons: &reasons)
        {
        case .file(let tree, let path): return ["\(tree)/\(path)"]
        case .firstFile(let places): return places.map { "\($0.tree)/\($0.path)" }
        case .text, .fileOrMenu, .refused, .missing: return []
        }
      }
      return answer
    }

    /// The RRQ of the Pi's port, with options in its own order.
    mutating func request(_ name: String, _ options: [(String, String)] = [], port: UInt16 = 49153)
    {
      var bytes: [UInt8] = [0, 1] + Array(name.utf8) + [0] + Array("octet".utf8) + [0]
      for (option, value) in options { bytes += Array(option.utf8) + [0] + Array(value.utf8) + [0] }
      tftp.requestRaw(bytes, from: Endpoint(address, port))
    }

    /// Fetches what the last request began, to the end.
    mutating func finish(blockSize: Int, port: UInt16 = 49153) -> [UInt8] {
      let source = Endpoint(address, port)
      if tftp.acknowledged != nil { tftp.acknowledge(0, from: source) }
      var content: [UInt8] = []
      while let last = tftp.sent.last, last.bytes[1] == 3 {
        #expect(tftp.sent.count == 1 && last.destination == source)
        content += last.bytes[4...]
        tftp.acknowledge(UInt16(last.bytes[2]) << 8 | UInt16(last.bytes[3]), from: source)
        if last.bytes.count < blockSize + 4 { break }
      }
      return content
    }

    /// A miss, which must be answered at once: one packet, ERROR 1, from port 69.
    mutating func expectMiss(_ name: String, _ options: [(String, String)], port: UInt16 = 49153) {
      request(name, options, port: port)
      #expect(tftp.errorCode == 1, "\(name)")
      #expect(tftp.sent.first?.fromRequestPort == true)
      #expect(tftp.facts.last == .fileMissing(.tftp, name: name))
      #expect(tftp.service.nextDeadline == nil, "\(name): nothing follows a miss")
    }
  }

  static let size = [("tsize", "0")]
  static let sizeAndBlock = [("tsize", "0"), ("blksize", "1024")]

  @Test(arguments: [Interface.Mode.authoritative, .proxy])
  func thePi3ROMFetchesBootcodeAfterAnOFFERAlone(_ mode: Interface.Mode) throws {
    var bench = Bench(["files/bootcode.bin"], mode: mode)
    let offer = try bench.offer("pi3-rom-discover")
    #expect(offer.type == .offer && offer.meaning.header.hops == 0)
    #expect(offer.meaning[43] == RaspberryPiTests.menu)
    // Beside another server it has that one's address; it names the file itself, without options,
    // 21 octets, and each file from a port of its own.
    if mode == .proxy { bench.address = IPv4Address(10, 77, 9, 9) }
    bench.request("bootcode.bin", port: 49152)
    #expect(bench.tftp.acknowledged == nil && bench.tftp.blocks == [1])
    #expect(bench.tftp.sent[0].bytes.count == 516)
    let bootcode = bench.finish(blockSize: 512, port: 49152)
    #expect(bootcode == Bench.content(of: "files/bootcode.bin"))
    bench.expectMiss("bootsig.bin", [], port: 49153)
    #expect(bench.tftp.service.transferCount == 0)
  }

  /// bootcode.bin asks with `tsize 0` only, and from the same port for one file after another, without
  /// ending the transfer before.
  @Test(arguments: ["files/8d8696f5/", "files/", "loaders/pi/"])
  func bootcodeFetchesTheRestBelowItsSerialOrWithout(_ folder: String) throws {
    let names = ["start.elf", "config.txt", "fixup.dat", "kernel7.img"]
    var bench = Bench(names.map { folder + $0 })
    _ = try bench.offer("pi3-rom-discover")
    let first = bench.address
    #expect(try bench.offer("pi3-bootcode-discover").address == first)
    bench.request("8d8696f5/start.elf", Self.size)
    #expect(
      bench.tftp.acknowledged
        == TFTPOptionValues(transferSize: UInt64(Bench.content(of: folder + "start.elf").count)))
    for missing in ["autoboot.txt", "recovery.elf", "bootcfg.txt"] {
      bench.expectMiss("8d8696f5/\(missing)", Self.size)
    }
    for name in names {
      bench.request("8d8696f5/\(name)", Self.size)
      #expect(bench.finish(blockSize: 512) == Bench.content(of: folder + name), "\(name)")
    }
    // No failure in what an operator reads: the half-open one was a question for the size.
    #expect(!bench.tftp.facts.contains { if case .transferFailed = $0 { true } else { false } })
  }

  static let pi4: [(discover: String, request: String, prefix: String)] = [
    ("pi4-2019-discover", "pi4-2019-request", "e0ff06da/"),
    ("pi4-2021-discover", "pi4-2021-request", "e0ff06da/"),
    // TFTP_PREFIX=2: its hardware address.
    ("pi4-2021-discover", "pi4-2021-request", "dc-a6-32-ec-fc-3c/"),
  ]

  @Test(arguments: pi4, ["files/PREFIX", "files/", "loaders/pi/"])
  func thePi4BootsBelowItsPrefixOrWithout(
    _ row: (discover: String, request: String, prefix: String), _ place: String
  ) throws {
    let folder = place == "files/PREFIX" ? "files/" + row.prefix : place
    let names = [
      "config.txt", "start4.elf", "fixup4.dat", "initrd", "bcm2711-rpi-4-b.dtb",
      "overlays/vc4.dtbo", "cmdline.txt", "kernel8.img",
    ]
    var bench = Bench(names.map { folder + $0 })
    let offer = try bench.offer(row.discover)
    bench.dhcp.receive(try PacketFixture(row.request))
    let ack = try #require(bench.dhcp.answer)
    #expect(ack.type == .ack && ack.address == offer.address)
    #expect(ack.text(66) == "10.77.0.1" && ack.meaning[43] == RaspberryPiTests.menu)
    let path = row.prefix
    // As in the trace of a real boot: config.txt several times, each file's size first, the end of
    // that by ERROR 0, and then again from the same port.
    for name in ["config.txt"] + names + ["config.txt", "config.txt"] {
      bench.request(path + name, Self.sizeAndBlock)
      let count = Bench.content(of: folder + name).count
      #expect(
        bench.tftp.acknowledged == TFTPOptionValues(blockSize: 1024, transferSize: UInt64(count)))
      let source = Endpoint(bench.address, 49153)
      bench.tftp.packet([0, 5, 0, 0] + Array("Early terminate".utf8) + [0], from: source)
      #expect(bench.tftp.facts.last == .transferProbed(name: path + name, byteCount: count))
      bench.tftp.wait(.seconds(30))
      #expect(bench.tftp.sent.isEmpty, "nothing is sent after its ERROR")
      bench.request(path + name, Self.sizeAndBlock)
      #expect(bench.finish(blockSize: 1024) == Bench.content(of: folder + name))
    }
    for name in ["pieeprom.sig", "recover4.elf", "dt-blob.bin", "bootcfg.txt"] {
      bench.expectMiss(path + name, Self.sizeAndBlock)
    }
    #expect(!bench.tftp.facts.contains { if case .transferFailed = $0 { true } else { false } })
  }

  @Test("TFTP_PREFIX=1, a word of the owner's: what is not below it, the Pi asks for without it")
  func aWordAsPrefixIsAFolder() throws {
    var bench = Bench(["files/start4.elf", "files/config.txt"])
    _ = try bench.offer("pi4-2021-discover")
    for name in ["start4.elf", "start.elf"] {
      bench.expectMiss("shelf-7/\(name)", Self.sizeAndBlock)
    }
    bench.request("start4.elf", Self.sizeAndBlock)
    #expect(bench.finish(blockSize: 1024) == Bench.content(of: "files/start4.elf"))
    bench.tftp.files["files/shelf-7/config.txt"] = Bench.content(of: "own")
    bench.request("shelf-7/config.txt", Self.sizeAndBlock)
    #expect(bench.finish(blockSize: 1024) == Bench.content(of: "own"))
  }

  @Test func thePi5AsksForItsConfigurationAndKernel() throws {
    let names = ["config.txt", "kernel_2712.img", "bcm2712-rpi-5-b.dtb", "cmdline.txt"]
    var bench = Bench(names.map { "files/12345678/" + $0 })
    let offer = try bench.offer("pi5-discover")
    #expect(offer.meaning[43] == RaspberryPiTests.menu)
    bench.dhcp.receive(try PacketFixture("pi5-request"))
    #expect(bench.dhcp.answer?.type == .ack)
    let source = Endpoint(bench.address, 49153)
    for name in names {
      bench.request("12345678/\(name)", [("tsize", "0"), ("blksize", "1468")])
      #expect(bench.tftp.acknowledged?.blockSize == 1468)
      // It pads the frames of its ACKs, and some stacks count the pads as payload.
      var content: [UInt8] = []
      var block: UInt8 = 0
      while true {
        bench.tftp.packet([0, 4, 0, block] + [UInt8](repeating: 0, count: 14), from: source)
        guard let data = bench.tftp.sent.last else { break }
        content += data.bytes[4...]
        block += 1
      }
      #expect(content == Bench.content(of: "files/12345678/" + name), "\(name)")
    }
    for name in ["start4.elf", "fixup4.dat"] {
      bench.expectMiss("12345678/\(name)", [("tsize", "0"), ("blksize", "1468")])
    }
  }

  @Test("A block comes once: start4.elf of 2021 took a second copy for the next block")
  func nothingIsSentTwiceWithinASecond() throws {
    var bench = Bench(["files/e0ff06da/start4.elf"])
    _ = try bench.offer("pi4-2021-discover")
    let source = Endpoint(bench.address, 49153)
    bench.request("e0ff06da/start4.elf", Self.sizeAndBlock)
    // Its RRQ again after two seconds of a slow link: one OACK was sent, and one more at most as the
    // timeout has it, never two at once (raspberrypi/firmware#1041).
    bench.request("e0ff06da/start4.elf", Self.sizeAndBlock)
    #expect(bench.tftp.sent.isEmpty)
    bench.tftp.acknowledge(0, from: source)
    #expect(bench.tftp.blocks == [1])
    bench.tftp.acknowledge(0, from: source)
    #expect(bench.tftp.sent.isEmpty)
    bench.tftp.wait(.milliseconds(999))
    #expect(bench.tftp.sent.isEmpty)
    bench.tftp.acknowledge(1, from: source)
    bench.tftp.acknowledge(1, from: source)
    #expect(bench.tftp.sent.isEmpty)
  }

  @Test("Two Pis that send one xid fetch side by side, from the same port each")
  func twoPisBootAtOnce() throws {
    var bench = Bench(["files/bootcode.bin"])
    let first = try bench.offer("pi3-rom-discover").address
    let other = IPv4Address(first.number + 1)
    bench.request("bootcode.bin", port: 49152)
    bench.address = other
    bench.request("bootcode.bin", port: 49152)
    #expect(bench.tftp.service.transferCount == 2)
    #expect(bench.finish(blockSize: 512, port: 49152) == Bench.content(of: "files/bootcode.bin"))
    #expect(bench.tftp.service.transferCount == 1)
  }
}
