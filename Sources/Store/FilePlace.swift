import Glibc

/// Which file lies at a path now.
struct FilePlace: Equatable {
  private let device: UInt64
  private let inode: UInt64

  /// Nil when there is none.
  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  /// Where a database and its log lie now.
  static func ofDatabase(_ path: String) -> [FilePlace?] {
    [FilePlace(path), FilePlace("\(path)-wal")]
  }
}
