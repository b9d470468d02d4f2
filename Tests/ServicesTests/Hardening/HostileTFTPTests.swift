import Boot
import Bytes
import Network
import Services
import Testing
import Wire

/// Hardening cases 22 to 29, as the whole service takes them.
@Suite struct HostileTFTPTests {
  private static func content(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  }

  private static func bench(_ count: Int = 5000, limits: TFTPLimits = TFTPLimits()) -> TFTPBench {
    var bench = TFTPBench(limits: limits)
    bench.files["f"] = content(count)
    return bench
  }

  static func request(_ name: [UInt8], _ rest: String = "octet\0") -> [UInt8] {
    [0, 1] + name + [0] + Array(rest.utf8)
  }

  /// A name, and the code of the ERROR that it earns.
  static let names: [([UInt8], UInt8)] = [
    (Array("../../etc/passwd".utf8), 2), (Array("..\\..\\windows\\win.ini".utf8), 2),
    (Array("a/../../f".utf8), 2), (Array("/..//f".utf8), 2), (Array("\\..\\f".utf8), 2),
    (Array("..".utf8), 2), (Array("f/..".utf8), 2), ([0x2e, 0x2e, 0x2f, 0xff, 0x66], 2),
    // Percent signs mean nothing here, so that these are names of files that are not there.
    (Array("%2e%2e/f".utf8), 1), (Array("%2e%2e%2ff".utf8), 1), (Array("..%2ff".utf8), 1),
    (Array("C:\\f".utf8), 1), (Array("c:/f".utf8), 1), (Array("//server/share/f".utf8), 1),
    (Array("f.".utf8), 1), (Array("f ".utf8), 1), (Array(" f".utf8), 1), (Array("F".utf8), 1),
    (Array("f::$DATA".utf8), 1), (Array("...".utf8), 1), (Array(".../f".utf8), 1),
    ([0x66, 0xfe], 2), ([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x66], 2), (Array("f\u{7f}".utf8), 2),
    (Array("f\r\n".utf8), 2), ([], 2), (Array("/".utf8), 2), (Array("./".utf8), 2),
    (Array(repeating: 0x61, count: 512), 1), (Array(repeating: 0x61, count: 513), 4),
    (Array(repeating: 0x61, count: 1400), 4),
  ]

  @Test("Case 22: a name leads to a file of the tree or to an error", arguments: names)
  func aNameLeadsNowhereElse(_ row: (name: [UInt8], code: UInt8)) {
    var bench = Self.bench()
    bench.requestRaw(Self.request(row.name))
    #expect(bench.errorCode == row.code)
    #expect(bench.service.transferCount == 0 && bench.service.nextDeadline == nil)
  }

  @Test("Case 22: NUL in the middle ends the name, and without any there is none")
  func aNULEndsTheName() {
    for (bytes, code) in [
      (Self.request(Array("f\0.txt".utf8)), 4), (Self.request(Array("f\0octet".utf8)), nil),
      ([0, 1] + Array("f".utf8), 4), ([0, 1] + Array("f\0octet".utf8), 4), ([0, 1], nil),
      ([0, 1, 0], 4), ([0, 1, 0, 0], 4), (Self.request(Array("../f\0octet".utf8)), 2),
    ] as [([UInt8], UInt8?)] {
      var bench = Self.bench()
      bench.requestRaw(bytes)
      #expect(bench.errorCode == code, "\(bytes)")
    }
  }

  @Test(
    "Case 24: no form of writing is more than error 2 from the well-known port",
    arguments: [
      "f\0octet\0", "new\0octet\0tsize\0100\0blksize\01468\0", "../f\0octet\0", "f\0netascii\0",
      "f\0mail\0", "\0octet\0", "a/b/c\0OCTET\0windowsize\064\0",
    ])
  func writingIsRefused(_ rest: String) {
    var bench = Self.bench()
    for port: UInt16 in 1000...1100 {
      let client = Endpoint(IPv4Address(10, 77, 1, 9), port)
      bench.requestRaw([0, 2] + Array(rest.utf8), from: client)
      #expect(bench.errorCode == 2 && bench.sent.first?.fromRequestPort == true)
      // What it would write next is nobody's.
      bench.requestRaw([0, 3, 0, 1, 65, 66], from: client)
      #expect(bench.sent.isEmpty)
    }
    #expect(bench.service.transferCount == 0 && bench.service.nextDeadline == nil)
    #expect(bench.contents.isEmpty)
  }

  @Test("Case 25: two hundred options, and each twice: the OACK has what was asked and is valid")
  func manyOptionsMakeASmallOACK() {
    let unknown = (0..<200).map { "o\($0)\0\($0)\0" }.joined()
    let known = "blksize\01024\0windowsize\04\0tsize\00\0timeout\02\0"
    let twice = known + "blksize\0512\0windowsize\08\0tsize\07\0timeout\09\0"
    var granted = TFTPOptionValues(blockSize: 1024, transferSize: 5000, timeout: 2, windowSize: 4)
    for rest in [known, twice, twice + unknown, "x\01\0" + known] {
      var bench = Self.bench()
      bench.requestRaw(Self.request([0x66], "octet\0" + rest))
      #expect(bench.acknowledged == granted, "\(rest)")
      #expect(bench.sent.first.map { $0.bytes.count < 64 } == true)
    }
    // Beyond the first 32 nothing is read, and without an option there is no OACK.
    var bench = Self.bench()
    bench.requestRaw(Self.request([0x66], "octet\0" + unknown + known))
    #expect(bench.blocks == [1])
    // One that is not valid is left out, and does not take the others along.
    granted.blockSize = nil
    for bad in ["7", "0", "-1", "08", "1e3", "", " 512", "0x200", "99999999999999999999"] {
      var bench = Self.bench()
      let rest = known.replacing("blksize\01024", with: "blksize\0\(bad)")
      bench.requestRaw(Self.request([0x66], "octet\0" + rest))
      if bad.isEmpty { continue }
      #expect(bench.acknowledged == granted, "\(bad)")
    }
  }

  @Test(
    "Case 26: before the first ACK a request is worth one small packet, four times at most",
    arguments: [
      "octet\0", "netascii\0", "octet\0blksize\065464\0", "octet\0windowsize\065535\0",
      "octet\0blksize\01468\0windowsize\064\0tsize\00\0timeout\01\0",
      "octet\0blksize\08\0windowsize\064\0", "octet\0timeout\01\0", "octet\0timeout\0255\0",
    ])
  func anUnverifiedAddressGetsLittle(_ rest: String) {
    for count in [0, 511, 5_000, 1_000_000] {
      var bench = Self.bench(count)
      bench.requestRaw(Self.request([0x66], rest))
      var packets = bench.sent
      // The request again and again, as if it were real, and what no client sends.
      for _ in 0..<20 {
        bench.requestRaw(Self.request([0x66], rest))
        packets += bench.sent
      }
      bench.wait(.seconds(7_200))
      packets += bench.sent
      #expect(packets.count <= 4)
      #expect(packets.allSatisfy { $0.bytes.count <= 516 })
      #expect(packets.reduce(0) { $0 + $1.bytes.count } <= 4 * 516)
      #expect(bench.service.transferCount == 0)
    }
  }

  @Test("Case 26: all sessions that are forged of one victim send it a bounded sum")
  func aVictimGetsABoundedSum() {
    let limits = TFTPLimits()
    var bench = Self.bench()
    let victim = IPv4Address(10, 77, 1, 9)
    var (data, refusals, asked) = (0, 0, 0)
    for port: UInt16 in 1_000..<11_000 {
      let request = Self.request([0x66])
      bench.requestRaw(request, from: Endpoint(victim, port))
      asked += request.count
      for packet in bench.sent {
        #expect(packet.destination.address == victim)
        if packet.bytes[1] == 3 {
          data += packet.bytes.count
        } else {
          refusals += packet.bytes.count
        }
      }
    }
    #expect(bench.service.transferCount == limits.transfersPerClient)
    #expect(data == limits.transfersPerClient * 516)
    // A refusal with its UDP and IP heads is no larger than a request with its Ethernet frame.
    #expect(refusals / (10_000 - limits.transfersPerClient) <= 46 - 20)
    bench.wait(.seconds(600))
    #expect(bench.sent.count == limits.transfersPerClient * (limits.unverifiedTries - 1))
  }

  @Test(
    "Case 27: whatever a stranger sends to a transfer's port, it hears error 5, or nothing",
    arguments: [
      ([0, 4, 0, 1], true), ([0, 4, 0, 0], true), ([0, 3, 0, 1, 9], true), ([0, 6, 0x61, 0], true),
      (HostileTFTPTests.request([0x66]), true), ([0, 2, 0x66, 0, 0x6f], false),
      ([0, 5, 0, 0, 0], false), ([0, 5, 0, 8], false), ([0, 9, 1, 1], false), ([0], false),
      ([], false),
    ] as [([UInt8], Bool)])
  func aStrangerHearsError5OrNothing(_ row: (bytes: [UInt8], isAnswered: Bool)) {
    for options in [TFTPOptionValues(), TFTPOptionValues(windowSize: 4)] {
      var bench = Self.bench()
      bench.request("f", options)
      if bench.acknowledged != nil { bench.acknowledge(0) }
      let home = TFTPBench.client
      for stranger in [
        Endpoint(home.address, home.port + 1), Endpoint(IPv4Address(10, 77, 1, 8), home.port),
      ] {
        for _ in 0..<100 {
          bench.packet(row.bytes, from: stranger)
          #expect((bench.errorCode == 5) == row.isAnswered)
          #expect(bench.sent.count == (row.isAnswered ? 1 : 0))
          #expect(bench.sent.allSatisfy { $0.destination == stranger })
        }
      }
      bench.acknowledge(1)
      #expect(bench.blocks.first == 2)
    }
  }

  @Test(
    "Case 28: past the roll-over, at 32 MB and at 92 MB, no block is sent twice or left out",
    arguments: [(512, 33_600_000, 1), (1432, 94_000_000, 1), (1432, 200_000_000, 64)])
  func blocksRollOver(_ row: (size: Int, count: Int, window: UInt16)) {
    var service = TFTPService()
    var actions = Actions()
    let arrival = Arrival(
      source: TFTPBench.client, destination: Endpoint(IPv4Address(10, 77, 0, 1), 69),
      local: IPv4Address(10, 77, 0, 1), interface: 2)
    var request = ByteWriter()
    TFTPPacket.encodeRequest(
      .readRequest, name: "f".utf8,
      options: TFTPOptionValues(blockSize: UInt64(row.size), windowSize: row.window),
      into: &request)
    let bytes = request.bytes
    service.receive(
      bytes.rawSpan, from: arrival, mtu: 1500, Catalog(), at: .start, into: &actions)
    guard case .openTransfer(let id, _, for: _) = actions.list.first else {
      Issue.record("\(actions.list)")
      return
    }
    actions.clear()
    service.opened(id, byteCount: row.count, at: .start, into: &actions)
    var next: UInt64 = 1
    var number: UInt16 = 0
    var isWhole = true
    while service.transferCount > 0, isWhole {
      let ack: [UInt8] = [0, 4, UInt8(number >> 8), UInt8(number & 0xff)]
      // Each ACK twice: the second makes nothing; with a window it would ask for it again.
      var sent: [Blocks] = []
      for _ in 0..<(row.window == 1 ? 2 : 1) {
        actions.clear()
        service.receive(ack.rawSpan, for: id, from: arrival.source, at: .start, into: &actions)
        sent += actions.list.compactMap {
          if case .sendBlocks(_, let blocks) = $0 { blocks } else { nil }
        }
      }
      guard service.transferCount > 0 else { break }
      isWhole = sent.first?.first == next && sent.count == 1
      guard let blocks = sent.first else { break }
      next += UInt64(blocks.count)
      number = UInt16(truncatingIfNeeded: next - 1)
    }
    #expect(isWhole)
    #expect(next - 1 == UInt64(row.count / row.size) + 1)
  }

  @Test("Case 28: duplicates around the roll-over name no block that is out")
  func duplicatesAroundTheRollOver() {
    var bench = TFTPBench()
    bench.files["f"] = Self.content(8 * 65_600)
    bench.request("f", TFTPOptionValues(blockSize: 8))
    for block in 0..<65_534 as Range<UInt16> { bench.acknowledge(block) }
    for (block, sent) in [
      (65_534, [65_535]), (65_534, []), (65_533, []), (0, []), (65_535, [0]), (65_535, []),
      (65_534, []), (1, []), (0, [1]), (0, []), (65_535, []), (1, [2]),
    ] as [(UInt16, [UInt16])] {
      bench.acknowledge(block)
      #expect(bench.blocks == sent, "ACK \(block)")
    }
  }

  @Test("Case 29: a probe, its abort and the request from a new port: no failure is told")
  func aProbeIsNeverAFailure() {
    for code: UInt8 in [0, 8] {
      var bench = Self.bench()
      for port: UInt16 in 2_000..<2_050 {
        let client = Endpoint(IPv4Address(10, 77, 1, 9), port)
        bench.request("f", TFTPOptionValues(blockSize: 1468, transferSize: 0), from: client)
        bench.packet([0, 5, 0, code] + Array("User aborted the transfer".utf8) + [0], from: client)
      }
      bench.request("f", TFTPOptionValues(blockSize: 1468))
      bench.acknowledge(0)
      for block: UInt16 in 1...4 { bench.acknowledge(block) }
      #expect(!bench.facts.contains { $0.name == "transfer.failed" })
      #expect(bench.facts.filter { $0.name == "transfer.probed" }.count == 50)
      #expect(bench.facts.last?.name == "transfer.completed")
      #expect(bench.service.transferCount == 0)
    }
  }

  @Test(
    "Case 30: octet is the file as it is, unknown modes are refused",
    arguments: [
      ("octet", nil), ("OcTeT", nil), ("netascii", nil), ("NETASCII", nil), ("mail", 4),
      ("MAIL", 4), ("binary", 4), ("image", 4), ("", 4), ("octet ", 4),
      ("aaaaaaaaaaaaaaaaaaaaaaaaa", 4),
    ] as [(String, UInt8?)])
  func aModeIsKnownOrRefused(_ row: (mode: String, code: UInt8?)) {
    for count in [0, 512, 1_024] {
      var bench = Self.bench(count)
      bench.requestRaw(Self.request([0x66], row.mode + "\0"))
      #expect(bench.errorCode == row.code)
      guard row.code == nil else { continue }
      var sizes: [Int] = []
      while let block = bench.blocks.first {
        sizes.append((bench.sent.first?.bytes.count ?? 0) - 4)
        bench.acknowledge(block)
      }
      #expect(sizes == [Int](repeating: 512, count: count / 512) + [0])
    }
  }
}
