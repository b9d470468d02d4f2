import Foundation
import FuzzTargets

/// Where libFuzzer keeps what it has found to lead further; it begins with the seeds.
struct SeedFolder {
  private let folder: URL

  init(_ path: String) { folder = URL(fileURLWithPath: path) }

  /// Writes the target's seeds under names of their own, so that new ones reach an old folder too.
  func fill(for target: FuzzTarget) {
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (index, seed) in FuzzSeeds.all(of: target).enumerated() {
      try? Data(seed).write(to: folder.appendingPathComponent("seed-\(index)"))
    }
  }
}
