import Boot
import Foundation
import Network
import Store

/// A folder of a test's own, gone when it ends.
final class Folder: Sendable {
  let path: String

  /// - Parameter isInMemory: For what is written often and is no test of the disk.
  init(isInMemory: Bool = false) throws {
    let memory = "/dev/shm/"
    let isThere = isInMemory && FileManager.default.isWritableFile(atPath: memory)
    path = (isThere ? memory : NSTemporaryDirectory()) + "store-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var database: String { path + "/leases.sqlite" }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

extension ClockReading {
  /// `monotonic` seconds after the origin, `wall` Unix seconds.
  static func at(monotonic: Int64, wall: Int64, boot: String = "") -> ClockReading {
    ClockReading(
      now: .start + .seconds(monotonic), wallClock: UnixTime(seconds: wall), boot: boot)
  }
}

extension Lease {
  /// A lease of 10.0.x.y for a machine of the same number, ending `expiry` seconds after the origin.
  static func numbered(_ number: UInt32, expiry: Int64 = 3600) -> Lease {
    Lease(
      address: IPv4Address(0x0a00_0000 + number),
      client: .hardware(MACAddress(number: 0x5254_0000_0000 + UInt64(number))),
      expiry: .start + .seconds(expiry), hostName: Array("m\(number)".utf8))
  }
}

extension Folder {
  var registry: String { path + "/registry.sqlite" }
}

extension Provision {
  /// Of machine `m1`, `m2`, …: armed at the origin for two hours.
  static func numbered(_ number: UInt64) -> Provision {
    var dice = SplitMix(state: number)
    return Provision(
      machine: "m\(number)", site: "nbg1",
      macAddress: MACAddress(number: 0x5254_0000_0000 + number),
      state: .armed, since: .start, cause: "operator",
      arming: Arming(
        token: BootToken { dice.next() }, profile: "debian-12", expiry: .start + .seconds(7200)),
      facts: ["serial": "\(number)"])
  }
}

/// Numbers that are the same in every run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
