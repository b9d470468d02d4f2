import CrashDisk
import Foundation

/// A disk in memory whose power can be cut, with databases on it.
final class VirtualDisk {
  /// How a disk fails.
  struct Traits {
    /// What is written at once, or not at all, or in part.
    var sector: UInt32 = 4096
    /// Whether a write leaves the rest of its sectors alone when the power goes.
    var isPowersafe = true
  }

  private let disk: OpaquePointer

  /// - Parameter files: What is on it from the beginning, by name.
  init?(seed: UInt64, _ traits: Traits, files: [String: Data]) {
    guard let disk = crash_disk_create(seed, traits.sector, traits.isPowersafe ? 1 : 0) else {
      return nil
    }
    self.disk = disk
    for (name, octets) in files.sorted(by: { $0.key < $1.key }) {
      octets.withUnsafeBytes { crash_disk_put(disk, name, $0.baseAddress, $0.count) }
    }
  }

  deinit { crash_disk_destroy(disk) }

  func path(_ name: String) -> String { String(cString: crash_disk_folder(disk)) + "/" + name }

  /// Cuts the power in this operation, counted from 1.
  func cut(at operation: UInt64) { crash_disk_cut_at(disk, operation) }

  /// Writes, truncations, syncs, deletions and creations so far.
  var operationCount: UInt64 { crash_disk_operations(disk) }

  var isDown: Bool { crash_disk_is_down(disk) != 0 }

  /// The files as they are found after the power is back, by name.
  func files(after loss: crash_loss, _ names: [String]) -> [String: Data] {
    crash_disk_lose(disk, loss)
    var files: [String: Data] = [:]
    for name in names {
      let size = crash_disk_size(disk, name)
      guard size >= 0 else { continue }
      files[name] = crash_disk_bytes(disk, name).map { Data(bytes: $0, count: Int(size)) } ?? Data()
    }
    return files
  }
}

/// Numbers that are the same in every run of one seed.
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x2545_f491_4f6c_dd1d &+ 1 }

  /// Below `end`.
  mutating func roll(_ end: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(end, 1)))
  }
}
