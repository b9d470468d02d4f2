import Glibc

/// What is piped into a command.
package enum StandardInput {
  /// Reads to the end, or one byte more than `limit`, so that the caller sees that it is too long.
  package static func read(limit: Int) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= limit {
      let count = unsafe chunk.withUnsafeMutableBytes { room in
        unsafe Glibc.read(STDIN_FILENO, room.baseAddress, min(room.count, limit + 1))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError(call: "read", errno: errno, path: "stdin") }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return bytes
  }
}
