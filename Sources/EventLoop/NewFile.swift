import Glibc

/// A file that must not have been there.
package enum NewFile {
  /// Writes it whole, or leaves nothing behind; EEXIST when there is something of that name.
  ///
  /// - Parameters:
  ///   - mode: Its permissions, whatever the process's mask says.
  ///   - owner: The user that it is given to, where there is one of that name and we are root.
  package static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32, owner: String? = nil
  ) throws(SystemError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      throw SystemError(call: "open", errno: errno, path: path)
    }
    defer { close(descriptor) }
    do throws(SystemError) {
      try check(fchmod(descriptor, mode), "fchmod", path)
      if geteuid() == 0, let owner, let user = unsafe getpwnam(owner) {
        let result = unsafe fchown(descriptor, user.pointee.pw_uid, user.pointee.pw_gid)
        try check(result, "fchown", path)
      }
      var done = 0
      while done < bytes.count {
        let count = unsafe bytes.withUnsafeBytes { buffer in
          unsafe Glibc.write(
            descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done)
        }
        guard count > 0 else { throw SystemError(call: "write", errno: errno, path: path) }
        done += count
      }
      try check(fsync(descriptor), "fsync", path)
    } catch {
      unsafe unlink(path)
      throw error
    }
  }

  /// Makes a folder that only its owner may write to; one that is there is left as it is.
  package static func makeFolder(_ path: String) throws(SystemError) {
    guard unsafe mkdir(path, 0o755) != 0, errno != EEXIST else { return }
    throw SystemError(call: "mkdir", errno: errno, path: path)
  }

  private static func check(_ result: Int32, _ call: String, _ path: String) throws(SystemError) {
    guard result < 0 else { return }
    throw SystemError(call: call, errno: errno, path: path)
  }
}
