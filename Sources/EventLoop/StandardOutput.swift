import Glibc

/// The result of a command, as soon as it is known: `print` keeps what goes into a pipe until it is
/// 4 KiB.
package enum StandardOutput {
  /// Writes all of it and waits for a slow reader; one that is gone ends the process (SIGPIPE).
  package static func write(line: String) throws(SystemError) {
    let bytes = Array((line + "\n").utf8)
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(
          STDOUT_FILENO, buffer.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError(call: "write", errno: errno, path: "stdout") }
      done += count
    }
  }
}
