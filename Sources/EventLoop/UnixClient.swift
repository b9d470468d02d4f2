import CLinux
import Glibc

/// One blocking exchange over a unix socket: what the command line says to the appliance.
package enum UnixClient {
  /// The most that is read of an answer, in bytes.
  private static let limit = 64 << 20

  /// Sends `request` and reads until the other side closes.
  package static func exchange(
    path: String, request: [UInt8]
  ) throws(SystemError) -> [UInt8] {
    let descriptor = try checked(cl_unix_socket(0), "socket")
    defer { Glibc.close(descriptor) }
    try checked(unsafe cl_connect_unix(descriptor, path, path.utf8.count), "connect", path)
    _ = fcntl(descriptor, F_SETFL, 0)  // blocking from here on
    var sent = 0
    while sent < request.count {
      let count = unsafe request.withUnsafeBytes { bytes in
        unsafe Glibc.send(
          descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SystemError(call: "send", errno: errno, path: path) }
      sent += count
    }
    return try read(descriptor, path)
  }

  private static func read(_ descriptor: Int32, _ path: String) throws(SystemError) -> [UInt8] {
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while answer.count < limit {
      let count = unsafe chunk.withUnsafeMutableBytes { bytes in
        unsafe Glibc.recv(descriptor, bytes.baseAddress, bytes.count, 0)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError(call: "recv", errno: errno, path: path) }
      if count == 0 { break }
      answer += chunk[..<count]
    }
    return answer
  }
}
