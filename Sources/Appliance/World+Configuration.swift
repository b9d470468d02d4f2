import Boot
import EventLoop
import Network
import Replay
import Synchronization

extension World {
  /// The world of a configuration for one recording.
  ///
  /// - Parameter addresses: Addresses that the box may have, as the recording's servers.
  package static func load(
    _ path: String, addresses: [IPv4Address]
  ) throws(ConfigurationMistakes) -> World {
    try Worlds(reading: path).world(for: addresses)
  }

  /// Looks into the trees as the appliance does: no path leads out of them.
  static func finder(
    files: String, loaders: String
  ) -> @Sendable (Resource.Tree, BootPath) -> WorldFile? {
    { tree, path in
      let root =
        switch tree {
        case .files: files
        case .loaders: loaders
        }
      guard let folder = try? FileTree(root), let file = try? folder.open(path.description) else {
        return nil
      }
      let byteCount = Int(clamping: file.size)
      // Boot programs and texts are read; of a kernel the length is enough.
      guard byteCount <= 4 << 20, let octets = try? file.read(at: 0, count: byteCount) else {
        return WorldFile(byteCount: byteCount)
      }
      return WorldFile(octets)
    }
  }

  /// Asks `find` once for each file, as long as there are not too many: for a thousand recordings
  /// a thousand machines fetch one loader.
  static func remembering(
    _ find: @escaping @Sendable (Resource.Tree, BootPath) -> WorldFile?
  ) -> @Sendable (Resource.Tree, BootPath) -> WorldFile? {
    let memory = FileMemory()
    return { tree, path in
      let key = "\(tree) \(path)"
      if let known = memory.files.withLock({ $0.files[key] }) { return known }
      let file = find(tree, path)
      memory.files.withLock { files in
        let count = file?.octets?.count ?? 0
        guard files.files.count < FileMemory.mostFiles, files.count + count < FileMemory.mostOctets
        else { return }
        files.files[key] = .some(file)
        files.count += count
      }
      return file
    }
  }
}

/// Files that were found, and names that stand for none.
private final class FileMemory: Sendable {
  struct Files {
    var files: [String: WorldFile?] = [:]
    var count = 0
  }

  static let mostFiles = 4096
  static let mostOctets = 128 << 20

  let files = Mutex(Files())
}
