import Glibc

/// What tells whether anything in a folder has changed: names, and of each file which one it is, how
/// long, and when it was last written.
package struct FolderPrint: Hashable, Sendable {
  private let hash: Int
  private let count: Int

  /// Files looked at, and folders within one another; what is beyond is not seen to change.
  private static let fileMax = 16_384
  private static let depthMax = 8

  /// Links are followed, for a new release often is one that was moved; hidden names are not seen,
  /// for editors keep their own files there.
  package init(of path: String) {
    var walk = Walk()
    walk.enter(path, depth: 0)
    hash = walk.hasher.finalize()
    count = walk.count
  }

  private struct Walk {
    var hasher = Hasher()
    var count = 0

    mutating func enter(_ path: String, depth: Int) {
      for name in (try? Folder.names(path)) ?? [] where count < FolderPrint.fileMax {
        count += 1
        var status = stat()
        guard unsafe stat("\(path)/\(name)", &status) == 0 else { continue }
        hasher.combine(name)
        guard status.st_mode & S_IFMT != S_IFDIR else {
          if depth + 1 < FolderPrint.depthMax { enter("\(path)/\(name)", depth: depth + 1) }
          hasher.combine(depth)
          continue
        }
        hasher.combine(status.st_ino)
        hasher.combine(status.st_size)
        hasher.combine(status.st_mtim.tv_sec)
        hasher.combine(status.st_mtim.tv_nsec)
      }
    }
  }
}
