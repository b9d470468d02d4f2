import Boot
import Network
import Testing

@testable import Appliance

@Suite("When a boot came to nothing") struct BootWatchTests {
  private static let firmware = Firmware(kind: .pxe, architecture: .x86BIOS)
  private static let address = IPv4Address(10, 77, 1, 1)
  private static let request = Fact.requestReceived(.selecting, firmware)

  private static func started(_ name: String) -> Fact {
    .transferStarted(name: name, byteCount: 1, blockSize: 512, windowSize: 1)
  }

  private static func completed(_ name: String) -> Fact {
    .transferCompleted(name: name, byteCount: 1, .zero, resent: 0)
  }

  private static func granted(_ instruction: BootInstruction) -> Fact {
    .leaseGranted(address, seconds: 60, instruction)
  }

  /// Takes facts at their seconds, and says what is due at which second.
  private func due(
    _ facts: [(Int64, Fact)], until end: Int64 = 600, promise: BootWatch.Promise = .files(2)
  ) -> (second: Int64, reason: String)? {
    var watch = BootWatch(at: .start)
    for second in 0...end {
      let now = Instant.start + .seconds(second)
      for (_, fact) in facts.filter({ $0.0 == second }) { watch.take(fact, promise, at: now) }
      if let reason = watch.due(at: now, stall: .seconds(60)) { return (second, reason) }
    }
    return nil
  }

  @Test func whoAsksForEverForWhatIsNotThereIsStuck() {
    let asks = stride(from: 1, to: 600, by: 5).map {
      (Int64($0), Fact.fileMissing(.http, name: "linux"))
    }
    #expect(due(asks)?.reason == "linux is not there and nothing followed for 60 s")
  }

  @Test(arguments: [true, false])
  func firmwareThatBeginsAnewForEverIsStuck(_ asksForFile: Bool) throws {
    let rounds = stride(from: 0, to: 600, by: 20).flatMap { second in
      [.discoverReceived(Self.firmware), Self.request, Self.granted(.script)]
        .map { (Int64(second), $0) }
        + (asksForFile ? [(Int64(second), Fact.fileMissing(.tftp, name: "undionly.kpxe"))] : [])
    }
    let found = try #require(due(rounds))
    #expect(found.second < 200)
    #expect(found.reason.contains(asksForFile ? "undionly.kpxe is not there" : "it was told"))
  }

  @Test func aLoaderThatTakesNoOfferIsStuck() throws {
    let discovers = (0..<100 as Range<Int64>).map { ($0 * 5, Fact.discoverReceived(Self.firmware)) }
    let found = try #require(due([(0, Self.completed("undionly.kpxe"))] + discovers))
    #expect(found.second < 120)
    #expect(found.reason.contains("asked for no script"))
  }

  @Test func aLostPacketsTransferIsNoFailure() {
    let got: [(Int64, Fact)] = [
      (0, Self.request), (1, Self.started("a")), (5, Self.started("a")), (8, Self.completed("a")),
      (16, .transferFailed(name: "a", .timedOut(atBlock: 0))),
    ]
    #expect(due(got, until: 60) == nil)
    // While the other transfer of that name goes on.
    let slow: [(Int64, Fact)] = [
      (1, Self.started("a")), (5, Self.started("a")),
      (16, .transferFailed(name: "a", .timedOut(atBlock: 0))), (40, Self.completed("a")),
    ]
    #expect(due(slow, until: 60) == nil)
    // Of the attempt before this one.
    #expect(due([(3, .transferFailed(name: "a", .timedOut(atBlock: 9)))], until: 60) == nil)
    #expect(
      due([(1, Self.started("a")), (3, .transferFailed(name: "a", .timedOut(atBlock: 9)))])?.second
        == 8)
  }

  @Test func anotherSystemThatComesUpHidesNoFailure() {
    let lost: [(Int64, Fact)] = [
      (0, Self.request), (1, .fileMissing(.tftp, name: "undionly.kpxe")),
      (30, Self.granted(.nothing)),
    ]
    let found = due(lost)
    #expect(found?.second == 30)
    #expect(found?.reason == "undionly.kpxe is not there and another system came up")
    let booted: [(Int64, Fact)] = [
      (0, Self.request), (1, Self.completed("undionly.kpxe")), (30, Self.granted(.nothing)),
    ]
    #expect(due(booted) == nil)
  }

  @Test func anOperatorsOwnMenuIsAScript() {
    let names = ["pxelinux.0", "pxelinux.cfg/default", "linux", "initrd.gz"]
    #expect(due(names.map { (1, Self.completed($0)) }) == nil)
  }

  @Test func aTextThatTFTPBringsIsNoneOfItsFiles() {
    let menu = "loaders/signed/pxelinux.cfg/01-52-54-00-77-00-01"
    let facts: [(Int64, Fact)] = [
      (1, Self.completed("loaders/signed/pxelinux.0")),
      (1, .menuRendered(.pxelinux, profile: "linux", byteCount: 9)), (1, Self.started(menu)),
      (1, Self.completed(menu)), (2, Self.started("linux")), (2, Self.completed("linux")),
    ]
    #expect(due(facts)?.reason.hasPrefix("it got 1 of 2 files") == true)
    let whole = facts + [(3, Self.started("initrd.gz")), (3, Self.completed("initrd.gz"))]
    #expect(due(whole) == nil)
  }

  @Test func whoBootsByItsOwnNamesNeedsNoScript() {
    let facts: [(Int64, Fact)] = [
      (0, Self.granted(.native)), (1, .fileMissing(.tftp, name: "recovery.elf")),
      (2, Self.completed("start4.elf")), (3, Self.completed("kernel8.img")),
    ]
    #expect(due(facts) == nil)
  }

  @Test func aRequestThatIsNoneHasNoName() {
    let facts: [(Int64, Fact)] = [
      (0, Self.completed("a")), (1, .requestDenied(name: "", status: 400)),
    ]
    #expect(due(facts)?.reason.hasPrefix("it got a") == true)
  }
}
