import CLinux
import Glibc

/// The stream that systemd's journal and terminals read.
package enum StandardError {
  /// Writes a whole line, so that lines of two processes do not mix. A reader that is gone or full
  /// loses lines; it never stops the loop.
  package static func write(line: String) { write(line: line, to: STDERR_FILENO) }

  /// Not by O_NONBLOCK: the descriptor's flags are shared with whoever started us, and a shell
  /// would find its terminal changed.
  ///
  /// - Returns: Whether all of it was written.
  @discardableResult
  static func write(line: String, to descriptor: Int32) -> Bool {
    write(Array((line + "\n").utf8), to: descriptor)
  }

  /// Writes a part of a line, for a person who reads along.
  static func write(_ part: String) { _ = write(Array(part.utf8), to: STDERR_FILENO) }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    let written = unsafe bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      return unsafe cl_write_now(descriptor, start, buffer.count)
    }
    return written == bytes.count
  }
}
