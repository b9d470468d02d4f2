import Glibc

/// The stream that systemd's journal and terminals read.
package enum StandardError {
  /// Writes a whole line in one call, so that lines of two processes do not mix. A reader that is
  /// gone or full loses lines; it never stops the loop.
  package static func write(line: String) {
    var bytes = Array(line.utf8)
    bytes.append(UInt8(ascii: "\n"))
    unsafe bytes.withUnsafeBytes { buffer in
      _ = unsafe Glibc.write(STDERR_FILENO, buffer.baseAddress, buffer.count)
    }
  }
}
