import Bytes
import Network
import Replay
import Testing
import Wire

struct ElisionTests {
  static let client = IPv4Address(10, 77, 0, 100)
  static let server = IPv4Address(10, 77, 0, 1)
  static let asker = Endpoint(client, 2070)
  static let port = Endpoint(server, 40_000)
  /// No text, and no zeros.
  static let program: [UInt8] = (0..<1300).map { UInt8($0 % 251) | 0x80 }
  static let script = Array("#!ipxe\nkernel http://10.77.0.1/vmlinuz\nboot\n".utf8)

  // TFTP.

  @Test func aProgramIsZeroedAndListed() throws {
    let elision = Elision(Self.transfer("ipxe.efi", Self.program))
    let file = try #require(elision.files.first)
    #expect(file.name == "tftp://10.77.0.1/ipxe.efi")
    #expect(file.octets == Self.program && file.isWhole && !file.isKept)
    #expect(Self.isClean(elision.frames, of: Self.program))
    #expect(
      elision.frames.map(\.originalCount)
        == Self.transfer("ipxe.efi", Self.program).map(\.octets.count))
    // Ethernet, IPv4, UDP and what says that it is DATA.
    #expect(elision.frames.filter(\.isCut).map(\.octets.count) == [46, 46, 46])
  }

  @Test func whatIsElidedIsStillATransferWithSoundChecksums() throws {
    let before = Self.transfer("ipxe.efi", Self.program)
    let after = Elision(before).frames
    var blocks: [UInt16] = []
    for (old, new) in zip(before, after) {
      let missing = [UInt8](repeating: 0, count: new.originalCount - new.octets.count)
      let octets = new.octets + missing
      let frame = try EthernetFrame(checking: octets.rawSpan)
      let packet = try IPv4Packet(checking: frame.payload)
      let datagram = try UDPDatagram(checking: packet)
      switch try TFTPPacket(checking: datagram.payload) {
      case .data(let block, let payload):
        blocks.append(block)
        let octets = payload.octets()
        #expect(octets.allSatisfy { $0 == 0 } && !octets.isEmpty)
      case _: #expect(old == new)
      }
    }
    #expect(blocks == [1, 2, 3])
  }

  @Test func aScriptStays() throws {
    let frames = Self.transfer("boot.ipxe", Self.script)
    let elision = Elision(frames)
    #expect(elision.frames == frames)
    #expect(elision.files.map(\.isKept) == [true])
  }

  @Test func aScriptThatWasNotRecordedWholeDoesNot() throws {
    let long = Array(repeating: Self.script, count: 30).flatMap(\.self)
    let frames = Self.transfer("boot.ipxe", long).dropLast(2)
    let elision = Elision(Array(frames))
    let file = try #require(elision.files.first)
    #expect(!file.isKept && !file.isWhole && file.octets == Array(long.prefix(1024)))
    #expect(Self.isClean(elision.frames, of: long))
  }

  @Test func whatAMachineWritesDoesNot() {
    let frames = [
      Self.datagram(Self.asker, Endpoint(Self.server, 69), Self.request(2, "log.txt")),
      Self.datagram(Self.port, Self.asker, [0, 4, 0, 0]),
      Self.datagram(Self.asker, Self.port, [0, 3, 0, 1] + Self.script),
    ]
    let elision = Elision(frames)
    #expect(elision.files.isEmpty)
    #expect(Self.isClean(elision.frames, of: Self.script))
  }

  @Test func aWindowInOneDatagramIsTakenApart() throws {
    let granted = Array("blksize\0".utf8) + Array("600\0".utf8)
    let window =
      [0, 3, 0, 1] + Self.program[..<600] + [0, 3, 0, 2] + Self.program[600..<1200] + [0, 3, 0, 3]
      + Self.program[1200...]
    let frames = [
      Self.datagram(Self.asker, Endpoint(Self.server, 69), Self.request(1, "a")),
      Self.datagram(Self.port, Self.asker, [0, 6] + granted),
      Self.datagram(Self.port, Self.asker, window),
    ]
    let elision = Elision(frames)
    #expect(elision.files.map(\.octets) == [Self.program])
    let octets = try #require(elision.frames.last?.octets)
    #expect(Array(octets[42 + 604..<42 + 608]) == [0, 3, 0, 2])
    #expect(Self.isClean(elision.frames, of: Self.program))
  }

  @Test func dataWithoutARequestAndOtherDatagramsAreZeroed() {
    let frames = [
      Self.datagram(Self.port, Self.asker, [0, 3, 0, 9] + Self.program),
      Self.datagram(Self.port, Self.asker, Self.program),
    ]
    let elision = Elision(frames)
    #expect(elision.files.isEmpty)
    #expect(Self.isClean(elision.frames, of: Self.program))
  }

  @Test func fragmentsAreZeroedWhetherTheyMeetOrNot() throws {
    let request = Self.datagram(Self.asker, Endpoint(Self.server, 69), Self.request(1, "a"))
    let block = [0, 3, 0, 1] + Self.program[..<500]
    let whole = Self.datagram(Self.port, Self.asker, block)
    let pieces = Self.fragments(of: whole, at: 256)
    let met = Elision([request, pieces[1], pieces[0]])
    #expect(met.files.map(\.octets) == [Array(Self.program[..<500])])
    #expect(Self.isClean(met.frames, of: Self.program))
    // The sum over both fragments is still right.
    let missing = met.frames[2].originalCount - met.frames[2].octets.count
    let joined =
      met.frames[2].octets + [UInt8](repeating: 0, count: missing) + met.frames[1].octets[34...]
    var sum = InternetChecksum()
    sum.add(joined[26...].rawOctets.rawSpan)
    sum.add(UInt16(17))
    sum.add(UInt16(8 + block.count))
    #expect(sum.value == 0)
    for piece in pieces {
      let alone = Elision([request, piece])
      #expect(Self.isClean(alone.frames, of: Self.program))
    }
  }

  @Test func dhcpAndNamesAreNotTouched() {
    let frames = [
      Self.datagram(Endpoint(Self.server, 67), Endpoint(Self.client, 68), Self.program),
      Self.datagram(Endpoint(Self.server, 53), Endpoint(Self.client, 5000), Self.program),
      Self.datagram(Endpoint(Self.server, 4011), Endpoint(Self.client, 4011), Self.program),
    ]
    #expect(Elision(frames).frames == frames)
  }

  // HTTP.

  @Test func aBodyIsZeroedAndItsHeadStays() throws {
    let exchange = Self.exchange(
      request: "GET /vmlinuz HTTP/1.1\r\nHost: boot.test\r\n\r\n",
      response: Array("HTTP/1.1 200 OK\r\nContent-Length: 1300\r\n\r\n".utf8) + Self.program)
    let elision = Elision(exchange)
    let file = try #require(elision.files.first)
    #expect(file.name == "http://boot.test/vmlinuz" && file.octets == Self.program)
    #expect(Self.isClean(elision.frames, of: Self.program))
    #expect(Self.text(elision.frames).contains("Content-Length: 1300\r\n\r\n"))
    #expect(Self.text(elision.frames).contains("GET /vmlinuz HTTP/1.1"))
  }

  @Test func repeatedDisorderedAndOverlappingSegmentsAreZeroedAlike() throws {
    let exchange = Self.exchange(
      request: "GET /a HTTP/1.1\r\n\r\n",
      response: Array("HTTP/1.1 200 OK\r\nContent-Length: 1300\r\n\r\n".utf8) + Self.program)
    let disordered = Array(exchange.prefix(3) + exchange.dropFirst(3).reversed() + exchange)
    let elision = Elision(disordered)
    #expect(elision.files.map(\.octets) == [Self.program])
    #expect(Self.isClean(elision.frames, of: Self.program))
    // Each copy of a head stays, so that whoever reads has the same whichever copy counts.
    #expect(Self.text(elision.frames).components("Content-Length: 1300\r\n\r\n") == 2)
  }

  @Test func aGapInABodyHidesNothingBehindIt() throws {
    let first = Array("HTTP/1.1 200 OK\r\nContent-Length: 1300\r\n\r\n".utf8) + Self.program
    let second = Array("HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n".utf8) + Self.script
    var exchange = Self.exchange(
      request: "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n", response: first + second)
    exchange.remove(at: 5)
    let elision = Elision(exchange)
    #expect(elision.files.map(\.isWhole) == [false, true])
    #expect(elision.files.map(\.isKept) == [false, true])
    #expect(Self.isClean(elision.frames, of: Self.program))
  }

  @Test func chunksKeepTheirLines() throws {
    let head = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let chunks =
      Array("258;x=y\r\n".utf8) + Self.program[..<600] + Array("\r\n2BC\r\n".utf8)
      + Self.program[600...] + Array("\r\n0\r\n\r\n".utf8)
    let elision = Elision(
      Self.exchange(request: "GET /a HTTP/1.1\r\n\r\n", response: head + chunks))
    #expect(elision.files.map(\.octets) == [Self.program])
    #expect(elision.files.map(\.isWhole) == [true])
    #expect(Self.isClean(elision.frames, of: Self.program))
    #expect(Self.text(elision.frames).contains("2BC\r\n"))
  }

  @Test func aReportIsZeroedThoughItIsText() throws {
    let elision = Elision(
      Self.exchange(
        request: "POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 44\r\n\r\n"
          + String(decoding: Self.script, as: UTF8.self),
        response: Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)))
    #expect(elision.files.map(\.name) == ["POST%20http://x/report"])
    #expect(elision.files.map(\.octets) == [Self.script])
    #expect(Self.isClean(elision.frames, of: Self.script))
    #expect(Self.text(elision.frames).contains("204 No Content"))
  }

  /// They may hold secrets, though they are as much text as a script.
  @Test(
    arguments: [
      ("/machines/0123456789abcdef0123456789abcdef/answers/preseed.cfg", false),
      ("/machines/m/hooks/first-boot", false),
      ("/machines/m/scripts/main", true), ("/boot.ipxe", true), ("/files/answers/hooks", true),
    ])
  func answersAndHooksAreZeroed(_ target: String, _ isKept: Bool) {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: \(Self.script.count)\r\n\r\n"
    let elision = Elision(
      Self.exchange(
        request: "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n",
        response: Array(head.utf8) + Self.script))
    #expect(elision.files.map(\.isKept) == [isKept])
    #expect(Self.isClean(elision.frames, of: Self.script) != isKept)
  }

  /// Case 52: what is passed on holds no secret, wherever one stood, and is as long as before.
  @Test("Case 52: no secret is in an elided recording") func noSecretIsLeft() throws {
    let token = "0123456789abcdef0123456789ABCDEF"
    let canaries = [token, "canary", "Y2FuYXJ5"]
    let script = Array("#!ipxe\nkernel http://x/l url=http://x/machines/\(token)/answers/a\n".utf8)
    let answer = Array("password canary\n".utf8)
    func response(_ body: [UInt8]) -> [UInt8] {
      Array("HTTP/1.1 200 OK\r\nSet-Cookie: a=canary\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
        + body
    }
    let exchanges = [
      ("GET /boot.ipxe HTTP/1.1\r\nAuthorization: Basic Y2FuYXJ5\r\n\r\n", script),
      ("GET /machines/\(token)/answers/a HTTP/1.1\r\nCookie:canary\r\n\r\n", answer),
      ("GET /machines/m/hooks/h HTTP/1.0\r\nProxy-Authorization: canary\n\r\n", answer),
      ("POST /machines/\(token)/report HTTP/1.1\r\nContent-Length: 6\r\n\r\ncanary", []),
    ].map { Self.exchange(request: $0, response: response($1)) }
    let all = exchanges + [Self.transfer("boot.ipxe", script), Self.transfer(token, script)]
    for frames in all {
      let elision = Elision(frames)
      let text = Self.text(elision.frames) + elision.files.map(\.name).joined(separator: "\n")
      for canary in canaries { #expect(text.components(canary) == 0, "\(text)") }
      #expect(elision.frames.map(\.originalCount) == frames.map(\.originalCount))
      #expect(Elision(elision.frames).frames == elision.frames)
      for (old, new) in zip(frames, elision.frames) where old.octets[23] == 6 {
        let missing = [UInt8](repeating: 0, count: new.originalCount - new.octets.count)
        #expect(Self.sum(old.octets) == Self.sum(new.octets + missing))
      }
    }
    // A token in two segments is one all the same: `exchange` cuts its responses at 400.
    let long = [UInt8](repeating: 0x61, count: 300) + [0x20] + script
    let cut = Elision(Self.exchange(request: "GET /b HTTP/1.1\r\n\r\n", response: response(long)))
    #expect(Self.text(cut.frames).components("89ABCDEF") == 0)
    #expect(Self.text(cut.frames).components("01234567") == 0)
  }

  /// The sum of a segment with its checksum, which is the same whatever is in it.
  private static func sum(_ frame: [UInt8]) -> UInt16 {
    var sum = InternetChecksum()
    let segment = Array(frame[26...])
    sum.add(segment.rawSpan)
    return sum.value
  }

  @Test func anEmptyLineBeforeARequestHidesNothing() throws {
    let elision = Elision(
      Self.exchange(
        request: "\r\nGET /a HTTP/1.1\r\nhost:b\r\n\r\n",
        response: Array("HTTP/1.0 200 OK\n\n".utf8) + Self.program))
    #expect(elision.files.map(\.name) == ["http://b/a"])
    // Without a length it ends with the connection, whose end is not there.
    #expect(elision.files.map(\.octets) == [Self.program])
    #expect(elision.files.map(\.isWhole) == [false])
    #expect(Self.isClean(elision.frames, of: Self.program))
  }

  @Test func aStreamThatIsNoHTTPIsZeroed() {
    let elision = Elision(Self.exchange(request: "\u{16}\u{3}\u{1}abc", response: Self.program))
    #expect(elision.files.isEmpty)
    #expect(Self.isClean(elision.frames, of: Self.program))
  }

  @Test func elidingTwiceIsElidingOnce() throws {
    let once = Elision(Self.mixed)
    let twice = Elision(once.frames)
    #expect(twice.frames == once.frames)
    #expect(twice.files.map(\.name) == once.files.map(\.name))
    let elided = twice.files.filter { !$0.isKept }
    #expect(elided.count == 2 && elided.allSatisfy { $0.isBlank })
  }

  @Test func whatIsElidedIsTakenApartAsBefore() throws {
    let elision = Elision(Self.numbered(Self.mixed))
    let before = Recording(Self.numbered(Self.mixed))
    let after = Recording(elision.frames)
    #expect(after.transfers.map(\.ending) == before.transfers.map(\.ending))
    #expect(after.transfers.map(\.content.byteCount) == before.transfers.map(\.content.byteCount))
    #expect(after.transfers.map(\.content.octets.count) == [44, 1300])
    #expect(after.transfers.map(\.content.isElided) == [false, true])
    #expect(after.transfers.map(\.pieces) == before.transfers.map(\.pieces))
    let response = try #require(after.connections.first?.exchanges.first?.response)
    #expect(response.content.octets == [UInt8](repeating: 0, count: 1300))
    #expect(response.content.isElided && response.content.isWhole)
    #expect(
      after.remarks == [
        "the bytes of files that 7 cut packets lack count as zeros"
      ])
  }

  @Test func icmpQuotesNoFile() {
    let quoted = Self.datagram(Self.port, Self.asker, [0, 3, 0, 1] + Self.program[..<512])
    var output = ByteWriter()
    EthernetFrame.encodeHead(
      to: MACAddress(2, 0, 0, 0, 0, 2), from: MACAddress(2, 0, 0, 0, 0, 1), type: EtherType.ipv4,
      into: &output)
    IPv4Packet.encodeHead(
      from: Self.client, to: Self.server, protocolNumber: 1,
      payloadCount: 8 + quoted.octets.count - 14, into: &output)
    output.write([3, 3, 0, 0, 0, 0, 0, 0] as [UInt8])
    output.write(Array(quoted.octets[14...]))
    let elision = Elision([Self.frame(output.bytes, original: output.count)])
    #expect(elision.frames.map(\.octets.count) == [14 + 20 + 36])
  }

  @Test func paddingBehindAPacketIsCutOff() {
    let frame = Self.datagram(Self.asker, Self.port, [0, 4, 0, 1])
    let padded = Self.frame(frame.octets + Self.program[..<14], original: frame.octets.count + 14)
    let elision = Elision([
      Self.datagram(Self.asker, Endpoint(Self.server, 69), Self.request(1, "a")), padded,
    ])
    #expect(Self.isClean(elision.frames, of: Self.program))
    #expect(elision.frames[1].originalCount == padded.originalCount)
  }

  // Strangers' bytes.

  static let mixed =
    transfer("boot.ipxe", script) + transfer("ipxe.efi", program)
    + exchange(
      request: "GET /a HTTP/1.1\r\n\r\n",
      response: Array("HTTP/1.1 200 OK\r\nContent-Length: 1300\r\n\r\n".utf8) + program)

  @Test func everyPrefixOfEveryFrameIsElided() {
    for (index, frame) in Self.mixed.enumerated() {
      for count in stride(from: 0, to: frame.octets.count, by: 7) {
        var frames = Self.mixed
        frames[index] = Self.frame(Array(frame.octets[..<count]), original: frame.octets.count)
        let elision = Elision(frames)
        #expect(elision.frames.map(\.originalCount) == frames.map(\.originalCount))
        #expect(Self.isClean(elision.frames, of: Self.program))
      }
    }
  }

  @Test func everyHeadOctetReplacedLeavesNoProgram() {
    for (index, frame) in Self.mixed.enumerated() {
      for offset in 12..<min(frame.octets.count, 72) {
        for value in [0, 255] as [UInt8] {
          var frames = Self.mixed
          var octets = frame.octets
          octets[offset] = value
          frames[index] = Self.frame(octets, original: octets.count)
          // A port that becomes DHCP's or a type that becomes ARP's is what it says, and so is a
          // TCP head of 60 octets.
          let isOther = [12, 13, 23, 46].contains(offset) || (34..<38).contains(offset)
          let after = Elision(frames).frames
          #expect(isOther || Self.isClean(after, of: Self.program), "\(index) \(offset) \(value)")
        }
      }
    }
  }
}

extension ArraySlice<UInt8> {
  fileprivate var rawOctets: [UInt8] { Array(self) }
}

extension String {
  /// How often `part` occurs.
  fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
