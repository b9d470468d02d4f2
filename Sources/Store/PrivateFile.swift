import Glibc

/// A file that only its owner can read.
enum PrivateFile {
  /// Makes it where there is none, and takes what others may do with it from one that is there.
  static func make(_ path: String) throws(StoreError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
    // What cannot be opened is told by SQLite, in its words.
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard fchmod(descriptor, 0o600) != 0 else { return }
    let reason = errno
    throw StoreError(
      .other, code: 0, message: "its mode cannot be set, errno \(reason)", path: path)
  }
}
