import Glibc

/// A folder that one process has to itself, until it ends, however it ends.
///
/// Two that kept leases in one database would each give the other's addresses away.
package final class OwnFolder {
  package let path: String
  private let descriptor: Int32

  /// Makes the folder when only its last part is missing, and locks it.
  ///
  /// - Throws: EWOULDBLOCK (`SystemError.isHeld`) while another process has it.
  package init(_ path: String) throws(SystemError) {
    try Self.make(path)
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(call: "open", errno: errno, path: path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      close(descriptor)
      throw SystemError(call: "flock", errno: reason, path: path)
    }
  }

  deinit { close(descriptor) }

  /// Makes the last part of `path`, for us and our group; nothing when it is there.
  package static func make(_ path: String) throws(SystemError) {
    guard unsafe mkdir(path, 0o750) != 0, errno != EEXIST else { return }
    // A folder on a read-only disk exists as well.
    guard unsafe access(path, F_OK) != 0 else { return }
    throw SystemError(call: "mkdir", errno: errno, path: path)
  }
}
