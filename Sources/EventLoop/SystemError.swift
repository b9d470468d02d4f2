import Glibc

/// A system call that failed: the call, why, and on what.
package struct SystemError: Error, Hashable, Sendable {
  /// The call's name as its manual page has it.
  package var call: String
  /// The error number, positive.
  package var errno: Int32
  /// The file, address or interface it was about.
  package var path: String?

  package init(call: String, errno: Int32, path: String? = nil) {
    self.call = call
    self.errno = errno
    self.path = path
  }

  /// There is no such file, or its path leads out of the tree: answer as if it did not exist.
  package var isMissing: Bool {
    [ENOENT, ENOTDIR, EXDEV, ELOOP, ENAMETOOLONG, EISDIR, ENXIO, EINVAL].contains(errno)
  }

  /// It exists and we may not have it.
  package var isDenied: Bool { errno == EACCES || errno == EPERM }

  /// Nobody listens there.
  package var isUnanswered: Bool { errno == ENOENT || errno == ECONNREFUSED }

  /// We have run out of something: answer that the machine may try again.
  package var isExhausted: Bool { [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno) }

  /// Somebody else has this port or socket; `PortHolder` tells who.
  package var isTaken: Bool { errno == EADDRINUSE }

  /// There is something of that name already.
  package var isThere: Bool { errno == EEXIST }

  /// Another process has locked it.
  package var isHeld: Bool { errno == EWOULDBLOCK }
}

extension SystemError: CustomStringConvertible {
  package var description: String {
    if call == "openat2", errno == ENOSYS || errno == EPERM {
      return "openat2 is refused by this kernel or its sandbox (Linux 5.6 is needed), and without"
        + " it no file can be served safely"
    }
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    guard let path else { return "\(call): \(reason)" }
    return "\(call) \(path): \(reason)"
  }
}

/// Turns the shims' negative error numbers into errors.
@discardableResult
func checked(
  _ result: Int32, _ call: String, _ path: @autoclosure () -> String? = nil
) throws(SystemError) -> Int32 {
  guard result < 0 else { return result }
  throw SystemError(call: call, errno: -result, path: path())
}
