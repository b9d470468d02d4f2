import Boot
import Bytes
import Network
import Services
import Testing
import Wire

@Suite struct TFTPServiceTests {
  private static func content(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  }

  private static func bench(_ count: Int = 5000, limits: TFTPLimits = TFTPLimits()) -> TFTPBench {
    var bench = TFTPBench(limits: limits)
    bench.files["f"] = content(count)
    return bench
  }

  @Test(
    "Case 30: a file of any size arrives whole, and an exact multiple ends with an empty block",
    arguments: [0, 1, 511, 512, 513, 1024, 5000], [1, 4, 64] as [UInt16])
  func aFileOfAnySizeArrivesWhole(_ count: Int, _ windowSize: UInt16) {
    var bench = Self.bench(count)
    let options = windowSize == 1 ? TFTPOptionValues() : TFTPOptionValues(windowSize: windowSize)
    #expect(bench.fetch("f", options) == Self.content(count))
    guard case .transferCompleted("f", byteCount: count, _, resent: 0) = bench.facts.last else {
      Issue.record("\(bench.facts)")
      return
    }
    #expect(bench.service.transferCount == 0)
    #expect(bench.service.nextDeadline == nil)
    #expect(bench.contents.isEmpty)
  }

  @Test("Case 28: block numbers go on from 0 after 65535")
  func blockNumbersGoOnFromZeroAfter65535() {
    var bench = Self.bench(8 * 70_000)
    let options = TFTPOptionValues(blockSize: 8, windowSize: 64)
    #expect(bench.fetch("f", options) == Self.content(8 * 70_000))
  }

  /// Case 25: what is granted of what was asked, on a link with an MTU of 1500.
  @Test(
    "Case 25: only what is asked and valid is granted",
    arguments: [
      (TFTPOptionValues(blockSize: 8), TFTPOptionValues(blockSize: 8)),
      (TFTPOptionValues(blockSize: 1468), TFTPOptionValues(blockSize: 1468)),
      (TFTPOptionValues(blockSize: 1469), TFTPOptionValues(blockSize: 1468)),
      (TFTPOptionValues(blockSize: 65465), TFTPOptionValues(blockSize: 1468)),
      (TFTPOptionValues(blockSize: .max), TFTPOptionValues(blockSize: 1468)),
      (TFTPOptionValues(transferSize: 0), TFTPOptionValues(transferSize: 5000)),
      (TFTPOptionValues(timeout: 255), TFTPOptionValues(timeout: 255)),
      (TFTPOptionValues(windowSize: 65535), TFTPOptionValues(windowSize: 64)),
      (TFTPOptionValues(windowSize: 1), TFTPOptionValues(windowSize: 1)),
    ])
  func onlyWhatIsAskedAndValidIsGranted(
    _ asked: TFTPOptionValues, _ granted: TFTPOptionValues
  ) {
    var bench = Self.bench()
    bench.request("f", asked)
    #expect(bench.acknowledged == granted)
  }

  @Test func noBlockIsLargerThanTheLinkAllows() {
    var bench = Self.bench()
    bench.mtu = 65536
    bench.request("f", TFTPOptionValues(blockSize: 65465))
    #expect(bench.acknowledged == TFTPOptionValues(blockSize: 65464))
    bench.mtu = 576
    bench.request("f", TFTPOptionValues(blockSize: 1468))
    #expect(bench.acknowledged == TFTPOptionValues(blockSize: 544))
  }

  @Test("Case 22: names that leave the tree are refused")
  func namesThatLeaveTheTreeAreRefused() {
    for name in ["../f", "..\\f", "a/../../f", "/../f", "", "/", "a\u{1}b", "a/..", ".."] {
      var bench = Self.bench()
      bench.request(name)
      #expect(bench.errorCode == 2, "\(name)")
      #expect(bench.service.transferCount == 0)
    }
    for name in ["f", "/f", "//f", "./f", "\\f", "f/", "/./f"] {
      var bench = Self.bench()
      bench.request(name)
      #expect(bench.blocks == [1], "\(name)")
    }
    var bench = Self.bench()
    bench.requestRaw(Array("\0\u{1}f".utf8) + [0xff] + Array("\0octet\0".utf8))
    #expect(bench.blocks == [1])
    bench.requestRaw([0, 1, 0x66, 0xfe, 0] + Array("octet\0".utf8))
    #expect(bench.errorCode == 2)
    // Percent signs mean nothing to TFTP.
    bench.request("%2e%2e/f")
    #expect(bench.errorCode == 1)
  }

  @Test("Case 24: writing is refused with error 2, without state")
  func writingIsRefusedWithoutState() {
    var bench = Self.bench()
    bench.requestRaw(Array("\0\u{2}f\0octet\0".utf8))
    #expect(bench.errorCode == 2)
    #expect(bench.sent[0].fromRequestPort)
    #expect(bench.service.transferCount == 0)
    #expect(bench.facts == [.transferFailed(name: "f", .refused(code: 2))])
  }

  @Test func aMissIsAnsweredAtOnceAndLeavesNoState() {
    var bench = Self.bench()
    bench.request("bootsig.bin")
    #expect(bench.errorCode == 1)
    #expect(bench.facts == [.fileMissing(.tftp, name: "bootsig.bin")])
    #expect(bench.service.transferCount == 0)
    #expect(bench.service.nextDeadline == nil)
  }

  @Test("Case 26: only few small packets go to an address that never answers")
  func onlyFewSmallPacketsGoToAnAddressThatNeverAnswers() {
    for options in [TFTPOptionValues(), TFTPOptionValues(blockSize: 1468, windowSize: 64)] {
      var bench = Self.bench()
      bench.request("f", options)
      let first = bench.sent
      #expect(first.count == 1)
      bench.wait(.seconds(600))
      #expect(bench.sent.count == 3)
      #expect((first + bench.sent).allSatisfy { $0.bytes.count <= 516 })
      #expect(bench.facts.last == .transferFailed(name: "f", .timedOut(atBlock: 0)))
      #expect(bench.service.transferCount == 0)
    }
  }

  @Test("Case 26: requests from far away are not served where we give the addresses")
  func requestsFromFarAwayAreNotServedWhereWeGiveTheAddresses() throws {
    var bench = Self.bench()
    bench.catalog = Catalog(
      interfaces: [Interface(name: "eth1", number: 2, dhcp: .authoritative)],
      subnets: [Subnet(network: try #require(IPv4Prefix("10.77.0.0/16")), interface: "eth1")])
    bench.request("f", from: Endpoint(IPv4Address(192, 0, 2, 1), 2070))
    #expect(bench.sent.isEmpty)
    #expect(bench.facts == [.packetDropped(.tftp, .notServedHere)])
    bench.request("f")
    #expect(bench.blocks == [1])
  }

  @Test("Case 26: transfers are bounded in all and per client")
  func transfersAreBoundedInAllAndPerClient() {
    var limits = TFTPLimits()
    limits.transfers = 8
    limits.transfersPerClient = 3
    var bench = Self.bench(limits: limits)
    for port: UInt16 in 1...5 {
      bench.request("f", from: Endpoint(IPv4Address(10, 0, 0, 1), port))
    }
    #expect(bench.service.transferCount == 3)
    #expect(bench.errorCode == 0)
    for host: UInt8 in 2...20 { bench.request("f", from: Endpoint(IPv4Address(10, 0, 0, host), 9)) }
    #expect(bench.service.transferCount == 8)
    bench.wait(.seconds(60))
    #expect(bench.service.transferCount == 0)
    bench.request("f", from: Endpoint(IPv4Address(10, 0, 0, 1), 6))
    #expect(bench.blocks == [1])
  }

  @Test("Case 26: forged requests push out themselves only")
  func forgedRequestsPushOutThemselvesOnly() {
    var limits = TFTPLimits()
    limits.transfers = 8
    var bench = Self.bench(limits: limits)
    bench.request("f")
    bench.acknowledge(1)
    let real = bench.id
    for host: UInt8 in 2...200 {
      bench.request("f", from: Endpoint(IPv4Address(10, 0, 0, host), 9))
      #expect(bench.blocks == [1])
    }
    #expect(bench.service.transferCount == 8)
    bench.id = real
    bench.acknowledge(2)
    #expect(bench.blocks == [3])
  }

  @Test("Case 27: a stranger gets error 5, its own ERROR is ignored, and the transfer lives")
  func aStrangerGetsError5AndTheTransferLives() {
    var bench = Self.bench()
    bench.request("f")
    let stranger = Endpoint(IPv4Address(10, 77, 1, 9), 2071)
    bench.acknowledge(1, from: stranger)
    #expect(bench.errorCode == 5)
    #expect(bench.sent.first?.destination == stranger)
    bench.packet([0, 5, 0, 0, 0], from: stranger)
    #expect(bench.sent.isEmpty)
    bench.acknowledge(1)
    #expect(bench.blocks == [2])
  }

  @Test("Case 28: a duplicate ACK makes no DATA")
  func aDuplicateACKSendsNothing() {
    var bench = Self.bench()
    bench.request("f")
    bench.acknowledge(1)
    #expect(bench.blocks == [2])
    bench.acknowledge(1)
    #expect(bench.sent.isEmpty)
    bench.acknowledge(0)
    #expect(bench.sent.isEmpty)
    bench.acknowledge(3)
    #expect(bench.sent.isEmpty)
    bench.acknowledge(2)
    #expect(bench.blocks == [3])
  }

  @Test func anACKWithinAWindowRestartsAfterIt() {
    var bench = Self.bench()
    bench.request("f", TFTPOptionValues(windowSize: 4))
    bench.acknowledge(0)
    #expect(bench.blocks == [1, 2, 3, 4])
    bench.acknowledge(2)
    #expect(bench.blocks == [3, 4, 5, 6])
    // The window's first block was lost: believed once.
    bench.acknowledge(2)
    #expect(bench.blocks == [3, 4, 5, 6])
    bench.acknowledge(2)
    #expect(bench.sent.isEmpty)
    bench.acknowledge(6)
    #expect(bench.blocks == [7, 8, 9, 10])
    bench.acknowledge(10)
    guard case .transferCompleted(_, _, _, resent: 6) = bench.facts.last else {
      Issue.record("\(bench.facts)")
      return
    }
  }

  @Test func whatIsNotAnsweredIsSentAgainAfterASecondAndThenLater() {
    var bench = Self.bench()
    bench.request("f")
    bench.acknowledge(1)
    bench.wait(.milliseconds(999))
    #expect(bench.sent.isEmpty)
    bench.wait(.milliseconds(1))
    #expect(bench.blocks == [2])
    bench.wait(.milliseconds(1999))
    #expect(bench.sent.isEmpty)
    bench.wait(.milliseconds(1))
    #expect(bench.blocks == [2])
    bench.acknowledge(2)
    #expect(bench.blocks == [3])
    // After progress the pause is one second again.
    bench.wait(.seconds(1))
    #expect(bench.blocks == [3])
    bench.wait(.seconds(300))
    #expect(bench.sent.count == 4)
    #expect(bench.facts.last == .transferFailed(name: "f", .timedOut(atBlock: 2)))
  }

  @Test func theClientsTimeoutIsKept() {
    var bench = Self.bench()
    bench.request("f", TFTPOptionValues(timeout: 5))
    bench.acknowledge(0)
    bench.wait(.milliseconds(4999))
    #expect(bench.sent.isEmpty)
    bench.wait(.milliseconds(1))
    #expect(bench.blocks == [1])
  }

  /// GRUB on arm64 once was gone before its last ACK had left.
  @Test("Case 28: a last ACK that never comes leaves a transfer that is complete")
  func aLastACKThatNeverComesLeavesACompleteTransfer() {
    var bench = Self.bench(1500)
    bench.request("f")
    bench.acknowledge(1)
    bench.wait(.milliseconds(500))
    bench.acknowledge(2)
    #expect(bench.blocks == [3])
    bench.wait(.seconds(300))
    #expect(
      bench.facts.last
        == .transferCompleted(name: "f", byteCount: 1500, .milliseconds(500), resent: 5))
    #expect(bench.service.transferCount == 0)
  }

  @Test("Case 28: two blocks that are not answered are a transfer that failed")
  func twoBlocksThatAreNotAnsweredFail() {
    var bench = Self.bench(1500)
    bench.request("f", TFTPOptionValues(windowSize: 2))
    bench.acknowledge(0)
    bench.acknowledge(1)
    #expect(bench.blocks == [2, 3])
    bench.wait(.seconds(300))
    #expect(bench.facts.last == .transferFailed(name: "f", .timedOut(atBlock: 1)))
  }

  /// Nothing says that it takes DATA at all.
  @Test func oneBlockThatIsNeverAnsweredFails() {
    var bench = Self.bench(100)
    bench.request("f", TFTPOptionValues(blockSize: 512))
    bench.acknowledge(0)
    bench.wait(.seconds(300))
    #expect(bench.facts.last == .transferFailed(name: "f", .timedOut(atBlock: 0)))
  }

  @Test("Case 28: a lost last ACK is asked for again")
  func aLostLastACKIsAskedForAgain() {
    var bench = Self.bench(100)
    bench.request("f")
    bench.wait(.seconds(1))
    #expect(bench.blocks == [1])
    bench.acknowledge(1)
    guard case .transferCompleted(_, byteCount: 100, _, resent: 1) = bench.facts.last else {
      Issue.record("\(bench.facts)")
      return
    }
  }

  @Test(
    "Case 29: a size probe is no failure",
    arguments: [[0, 5, 0, 8, 0], [0, 5, 0, 0], [0, 5, 0, 0, 0x45, 0]] as [[UInt8]])
  func aSizeProbeIsNoFailure(_ error: [UInt8]) {
    var bench = Self.bench()
    bench.request("f", TFTPOptionValues(blockSize: 1468, transferSize: 0))
    bench.packet(error)
    #expect(bench.sent.isEmpty)
    #expect(bench.facts.last == .transferProbed(name: "f", byteCount: 5000))
    #expect(bench.service.transferCount == 0)
    bench.wait(.seconds(60))
    #expect(bench.sent.isEmpty)
    // edk2 asks again from the next port, the Raspberry Pi from the same.
    bench.request("f", TFTPOptionValues(blockSize: 1468))
    #expect(bench.acknowledged == TFTPOptionValues(blockSize: 1468))
  }

  @Test("Case 30: netascii is asked of the driver, and mail refused")
  func netASCIIIsAskedOfTheDriverAndMailRefused() {
    var bench = Self.bench()
    bench.requestRaw(Array("\0\u{1}f\0NetASCII\0".utf8))
    #expect(bench.service.wantsNetASCII(bench.id))
    bench.requestRaw(Array("\0\u{1}f\0OCTET\0".utf8), from: Endpoint(IPv4Address(10, 0, 0, 1), 9))
    #expect(!bench.service.wantsNetASCII(bench.id))
    bench.requestRaw(Array("\0\u{1}f\0mail\0".utf8), from: Endpoint(IPv4Address(10, 0, 0, 2), 9))
    #expect(bench.errorCode == 4)
    #expect(NetASCII.encode(Array("a\nb\r\n\r".utf8)) == Array("a\r\nb\r\0\r\n\r\0".utf8))
  }

  @Test func anErrorAmidTheTransferIsAFailure() {
    var bench = Self.bench()
    bench.request("f")
    bench.acknowledge(1)
    bench.packet([0, 5, 0, 3] + Array("disk full".utf8) + [0])
    #expect(bench.facts.last == .transferFailed(name: "f", .aborted(code: 3, message: "disk full")))
    #expect(bench.service.transferCount == 0)
  }

  @Test func aRepeatedRRQIsAnsweredOnce() {
    var bench = Self.bench()
    let options = TFTPOptionValues(blockSize: 1024, transferSize: 0)
    bench.request("f", options)
    #expect(bench.acknowledged != nil)
    bench.request("f", options)
    #expect(bench.sent.isEmpty)
    bench.acknowledge(0)
    bench.request("f", options)
    #expect(bench.sent.isEmpty)
    #expect(bench.service.transferCount == 1)
    bench.acknowledge(1)
    #expect(bench.blocks == [2])
  }

  @Test func aRequestForAnotherFileFromTheSamePortReplacesTheTransfer() {
    var bench = Self.bench()
    bench.files["g"] = [1, 2, 3]
    bench.request("f", TFTPOptionValues(transferSize: 0))
    bench.request("g")
    #expect(bench.service.transferCount == 1)
    #expect(bench.facts.contains(.transferProbed(name: "f", byteCount: 5000)))
    #expect(bench.sent.last?.bytes == [0, 3, 0, 1, 1, 2, 3])
  }

  @Test func aMachineThatWasResetIsServedFromTheSamePort() {
    var bench = Self.bench()
    bench.request("f")
    bench.acknowledge(1)
    bench.now = bench.now + .seconds(4)
    bench.request("f")
    #expect(bench.blocks == [1])
    #expect(bench.service.transferCount == 1)
  }

  @Test func aFileThatCannotBeReadAnyMoreEndsInAnError() {
    var bench = Self.bench()
    bench.request("f")
    bench.actions.clear()
    bench.service.failed(bench.id, at: bench.now, into: &bench.actions)
    let client = TFTPBench.client.address
    guard case .sendFromTransfer(bench.id, let bytes, to: TFTPBench.client) = bench.actions.list[0]
    else {
      Issue.record("\(bench.actions.list)")
      return
    }
    #expect(Array(bench.actions.octets(bytes).prefix(4)) == [0, 5, 0, 0])
    let failed = Event(.transferFailed(name: "f", .cut), address: client)
    #expect(Array(bench.actions.list[1...]) == [.record(failed), .closeTransfer(bench.id)])
    #expect(bench.service.transferCount == 0)
  }

  @Test func aClientThatClosedItsPortAfterTheLastBlockHasTheFile() {
    var bench = Self.bench(600)
    bench.request("f")
    bench.acknowledge(1)
    bench.actions.clear()
    bench.service.unreachable(bench.id, at: bench.now, into: &bench.actions)
    #expect(
      bench.actions.list.contains { action in
        guard case .record(let event) = action, case .transferCompleted = event.fact else {
          return false
        }
        return true
      })
  }

  @Test func noRequestTraps() {
    let request = Array("\0\u{1}f\0octet\0tsize\00\0blksize\01468\0windowsize\04\0".utf8)
    var bench = Self.bench()
    for index in request.indices {
      bench.requestRaw(Array(request[..<index]))
      for octet: UInt8 in [0, 1, 255] {
        var mutant = request
        mutant[index] = octet
        bench.requestRaw(mutant)
        bench.acknowledge(0)
        bench.acknowledge(UInt16(octet) << 8 | UInt16(octet))
        #expect(bench.service.transferCount <= 1)
      }
    }
    bench.wait(.seconds(3600))
    #expect(bench.service.transferCount == 0)
  }
}
