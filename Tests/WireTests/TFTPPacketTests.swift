import Bytes
import RecordedPackets
import Testing
import Wire

@Suite struct TFTPPacketTests {
  /// Requests as firmware sends them: what is read from each.
  static let requests: [(firmware: String, packet: String, TFTPOptionValues)] = [
    (
      "edk2 (OVMF 2022.11)",
      "\0\u{1}snponly.efi\0octet\0tsize\00\0blksize\01468\0windowsize\04\0",
      TFTPOptionValues(blockSize: 1468, transferSize: 0, windowSize: 4)
    ),
    (
      "iPXE BIOS ROM", "\0\u{1}undionly.kpxe\0octet\0blksize\01432\0tsize\00\0",
      TFTPOptionValues(blockSize: 1432, transferSize: 0)
    ),
    (
      "U-Boot 2023.01", "\0\u{1}boot.scr.uimg\0octet\0timeout\05\0blksize\01468\0",
      TFTPOptionValues(blockSize: 1468, timeout: 5)
    ),
    ("Raspberry Pi 3B ROM", "\0\u{1}bootcode.bin\0octet\0", TFTPOptionValues()),
    (
      "Raspberry Pi 4 EEPROM", "\0\u{1}9f55b6a2/start4.elf\0octet\0tsize\00\0blksize\01024\0",
      TFTPOptionValues(blockSize: 1024, transferSize: 0)
    ),
  ]

  @Test(arguments: requests)
  func aFirmwaresRequestIsRead(_ row: (firmware: String, packet: String, TFTPOptionValues)) throws {
    let bytes = Array(row.packet.utf8)
    guard case .readRequest(let request) = try TFTPPacket(checking: bytes.rawSpan) else {
      Issue.record("no request")
      return
    }
    let name = request.name.octets()
    let values = TFTPOptionValues(request.options)
    #expect(name == Array(bytes[2...].prefix { $0 != 0 }))
    #expect(request.mode == .octet)
    #expect(values == row.2)
  }

  /// Case 25: odd values count as not asked.
  static let odd: [(String, TFTPOptionValues)] = [
    ("blksize\00\0", TFTPOptionValues()),
    ("blksize\07\0", TFTPOptionValues()),
    ("blksize\08\0", TFTPOptionValues(blockSize: 8)),
    ("blksize\065464\0", TFTPOptionValues(blockSize: 65464)),
    ("blksize\065465\0", TFTPOptionValues(blockSize: 65465)),
    ("blksize\0-1\0", TFTPOptionValues()),
    ("blksize\008\0", TFTPOptionValues()),
    ("blksize\01e3\0", TFTPOptionValues()),
    ("blksize\0 512\0", TFTPOptionValues()),
    ("blksize\0+512\0", TFTPOptionValues()),
    ("blksize\018446744073709551616\0", TFTPOptionValues()),
    ("windowsize\00\0", TFTPOptionValues()),
    ("windowsize\01\0", TFTPOptionValues(windowSize: 1)),
    ("windowsize\065535\0", TFTPOptionValues(windowSize: 65535)),
    ("windowsize\065536\0", TFTPOptionValues()),
    ("timeout\00\0", TFTPOptionValues()),
    ("timeout\0255\0", TFTPOptionValues(timeout: 255)),
    ("timeout\0256\0", TFTPOptionValues()),
    ("TSize\00\0BLKSIZE\01024\0", TFTPOptionValues(blockSize: 1024, transferSize: 0)),
    ("blksize\01024\0blksize\01468\0", TFTPOptionValues(blockSize: 1024)),
    ("blksize\0\0tsize\00\0", TFTPOptionValues(transferSize: 0)),
    ("multicast\0\0rollover\01\0blksize2\0512\0", TFTPOptionValues()),
    ("blksize\01024", TFTPOptionValues()),
    ("blksize\01024\0\0\0\0\0", TFTPOptionValues(blockSize: 1024)),
    (String(repeating: "x\01\0", count: 200) + "blksize\01024\0", TFTPOptionValues()),
  ]

  @Test(
    "Case 25: odd options count as not asked", arguments: odd)
  func oddOptionsCountAsNotAsked(_ text: String, _ expected: TFTPOptionValues) throws {
    let bytes = Array("\0\u{1}f\0octet\0\(text)".utf8)
    guard case .readRequest(let request) = try TFTPPacket(checking: bytes.rawSpan) else {
      Issue.record("no request")
      return
    }
    let values = TFTPOptionValues(request.options)
    #expect(values == expected)
  }

  @Test func valuesComeBackAsTheyWereAcknowledged() throws {
    for values in [
      TFTPOptionValues(), TFTPOptionValues(blockSize: 8),
      TFTPOptionValues(
        blockSize: 65464, transferSize: .max, timeout: 255, windowSize: 64),
      TFTPOptionValues(transferSize: 0),
    ] {
      var writer = ByteWriter()
      values.encodeAcknowledgement(into: &writer)
      let bytes = writer.bytes
      guard case .optionAcknowledgement(let options) = try TFTPPacket(checking: bytes.rawSpan)
      else {
        Issue.record("no OACK")
        return
      }
      let read = TFTPOptionValues(options)
      #expect(read == values)
    }
  }

  @Test func aRequestComesBackAsItWasEncoded() throws {
    var writer = ByteWriter()
    let values = TFTPOptionValues(blockSize: 1024, windowSize: 4)
    TFTPPacket.encodeRequest(
      .writeRequest, name: "a/b.efi".utf8, options: values, into: &writer)
    let bytes = writer.bytes
    guard case .writeRequest(let request) = try TFTPPacket(checking: bytes.rawSpan) else {
      Issue.record("no request")
      return
    }
    let name = request.name.octets()
    let read = TFTPOptionValues(request.options)
    #expect(name == Array("a/b.efi".utf8))
    #expect(read == values)
  }

  @Test func blocksAcknowledgementsAndErrorsComeBackAsTheyWereEncoded() throws {
    var writer = ByteWriter()
    TFTPPacket.encodeDataHead(block: 0xfffe, into: &writer)
    writer.write([1, 2, 3] as [UInt8])
    let block = writer.bytes
    guard case .data(0xfffe, let payload) = try TFTPPacket(checking: block.rawSpan) else {
      Issue.record("no DATA")
      return
    }
    let octets = payload.octets()
    #expect(octets == [1, 2, 3])

    // The Raspberry Pi 5 pads its ACKs (raspberrypi/firmware#1898).
    let padded: [UInt8] = [0, 4, 0x12, 0x34, 0, 0, 0, 0, 0, 0]
    guard case .acknowledgement(0x1234) = try TFTPPacket(checking: padded.rawSpan) else {
      Issue.record("no ACK")
      return
    }

    writer.clear()
    TFTPErrorCode.fileNotFound.encode("no such file", into: &writer)
    let error = writer.bytes
    guard case .error(1, let message) = try TFTPPacket(checking: error.rawSpan) else {
      Issue.record("no ERROR")
      return
    }
    let isText = message.equals("no such file")
    #expect(isText)
    let bare: [UInt8] = [0, 5, 0, 8]
    guard case .error(8, let none) = try TFTPPacket(checking: bare.rawSpan) else {
      Issue.record("no ERROR")
      return
    }
    let count = none.byteCount
    #expect(count == 0)
  }

  @Test(
    "Case 30: modes come in any case",
    arguments: [
      ("octet", TFTPMode.octet), ("OCTET", .octet), ("NetAscii", .netASCII), ("mail", .mail),
    ])
  func modesComeInAnyCase(_ text: String, _ mode: TFTPMode) throws {
    let bytes = Array("\0\u{1}f\0\(text)\0".utf8)
    guard case .readRequest(let request) = try TFTPPacket(checking: bytes.rawSpan) else {
      Issue.record("no request")
      return
    }
    #expect(request.mode == mode)
  }

  @Test(
    "Case 22: a name without NUL, too long or in no mode is malformed",
    arguments: [
      ("", Malformed(.truncated, at: 0)),
      ("\0\u{1}", Malformed(.truncated, at: 2)),
      ("\0\u{1}no end", Malformed(.truncated, at: 2)),
      ("\0\u{1}f\0octet", Malformed(.truncated, at: 4)),
      ("\0\u{1}f\0binary\0", Malformed(.invalid("mode"), at: 4)),
      ("\0\u{7}f\0octet\0", Malformed(.invalid("operation"), at: 0)),
      (
        "\0\u{1}\(String(repeating: "n", count: 513))\0octet\0",
        Malformed(.excessive("file name"), at: 2)
      ),
    ])
  func whatIsNoRequestIsMalformed(_ text: String, _ expected: Malformed) {
    let bytes = Array(text.utf8)
    #expect(throws: expected) {
      _ = try TFTPPacket(checking: bytes.rawSpan)
    }
  }

  @Test func noPrefixOrChangedOctetTraps() {
    var decoded = 0
    for row in Self.requests {
      Mutants.each(of: Array(row.packet.utf8)) { mutant in
        if Self.walk(mutant) { decoded += 1 }
      }
    }
    for packet: [UInt8] in [
      [0, 3, 0, 1, 9, 9], [0, 4, 0, 1], [0, 5, 0, 1, 0x61, 0],
      Array("\0\u{6}blksize\01468\0tsize\0100\0".utf8),
    ] {
      Mutants.each(of: packet) { mutant in if Self.walk(mutant) { decoded += 1 } }
    }
    #expect(decoded > 100)
  }

  @Test(.enabled(if: CaptureFile.arePresent)) func everyPacketOfTheCapturesIsRead() throws {
    var count = 0
    for file in try CaptureFile.all() {
      for frame in file.frames
      where frame.count > 46 && frame[12...13] == [8, 0] && frame[23] == 17 {
        let payload = Array(frame[42...])
        guard frame[36...37] == [0, 69] else { continue }
        #expect(Self.walk(payload), "\(file.name)")
        count += 1
      }
    }
    #expect(count > 80)
  }

  /// Reads all that a packet holds; whether it was one.
  private static func walk(_ bytes: [UInt8]) -> Bool {
    guard let packet = try? TFTPPacket(checking: bytes.rawSpan) else { return false }
    switch packet {
    case .readRequest(let request), .writeRequest(let request):
      _ = TFTPOptionValues(request.options)
      return request.name.byteCount <= TFTPRequest.nameLimit
    case .optionAcknowledgement(let options):
      _ = TFTPOptionValues(options)
      return true
    case .data(_, let payload): return payload.byteCount == bytes.count - 4
    case .acknowledgement: return true
    case .error(_, let message): return message.byteCount <= bytes.count - 4
    }
  }
}
