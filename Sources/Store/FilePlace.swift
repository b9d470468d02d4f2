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

  /// How long the file at a path is; 0 when there is none.
  static func byteCount(_ path: String) -> Int {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Whether something lies at a path that is no file: to read a pipe would wait for ever.
  static func isNoFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
  }
}
