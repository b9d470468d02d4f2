import CLinux
import Glibc
import TLS

/// A conversation over a unix socket or TCP that blocks: what the command line has with the
/// appliance.
package final class ClientStream {
  private let descriptor: Int32
  private let session: TLSSession?
  private let name: String

  /// Why there is no conversation, or none any more.
  package enum Failure: Error {
    case system(SystemError)
    case tls(TLSFailure)
    /// The name leads to no address.
    case unknownHost(String)
  }

  /// Opens the socket at `path`.
  package init(path: String) throws(Failure) {
    do throws(SystemError) {
      let fd = try checked(cl_unix_socket(0), "socket")
      do throws(SystemError) {
        try checked(unsafe cl_connect_unix(fd, path, path.utf8.count), "connect", path)
      } catch {
        Glibc.close(fd)
        throw error
      }
      descriptor = fd
    } catch { throw .system(error) }
    Self.block(descriptor)
    session = nil
    name = path
  }

  /// Connects by TLS to a server whose certificate must be for `host`.
  package init(host: String, port: UInt16, tls: TLSContext) throws(Failure) {
    cl_ignore_signal(SIGPIPE)
    name = "\(host):\(port)"
    descriptor = try Self.connect(host, port)
    guard let session = TLSSession(tls, descriptor: descriptor, to: host) else {
      throw .system(SystemError(call: "TLS", errno: ENOMEM, path: name))
    }
    self.session = session
    switch session.handshake() {
    case .done: return
    case .failed: throw .tls(session.failure ?? TLSFailure.unknown)
    case .wantsRead, .wantsWrite: throw .system(failed("handshake", ETIMEDOUT))
    case .ended, .broken: throw .system(failed("handshake", ECONNRESET))
    }
  }

  deinit {
    session?.finish()
    Glibc.close(descriptor)
  }

  package func send(_ bytes: [UInt8]) throws(Failure) {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        guard let start = buffer.baseAddress else { return 0 }
        return unsafe sendSome(start + sent, buffer.count - sent)
      }
      if count == -Int(EINTR) { continue }
      guard count > 0 else { throw failure("send", count) }
      sent += count
    }
  }

  /// What comes next, empty when the other side has finished. Waits for it.
  package func receive() throws(Failure) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: Self.chunkSize)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        guard let start = buffer.baseAddress else { return 0 }
        return unsafe receiveSome(start, buffer.count)
      }
      if count == -Int(EINTR) { continue }
      guard count >= 0 else { throw failure("recv", count) }
      return Array(chunk[..<count])
    }
  }

  private func sendSome(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    guard let session else {
      let sent = unsafe Glibc.send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
      return sent < 0 ? -Int(errno) : sent
    }
    return Self.count(unsafe session.write(bytes, count: min(count, TLSSession.recordSize)))
  }

  private func receiveSome(_ room: UnsafeMutableRawPointer, _ count: Int) -> Int {
    guard let session else {
      let received = unsafe Glibc.recv(descriptor, room, count, 0)
      return received < 0 ? -Int(errno) : received
    }
    return Self.count(unsafe session.read(into: room, count: count))
  }

  private func failure(_ call: String, _ result: Int) -> Failure {
    if let failure = session?.failure { return .tls(failure) }
    return .system(failed(call, Int32(clamping: -result)))
  }

  private func failed(_ call: String, _ number: Int32) -> SystemError {
    SystemError(call: call, errno: number, path: name)
  }

  private static func count(_ outcome: TLSSession.Outcome) -> Int {
    switch outcome {
    case .done(let count): count
    // The socket blocks, so only its time limit comes to this.
    case .wantsRead, .wantsWrite: -Int(ETIMEDOUT)
    case .ended: 0
    case .broken: -Int(ECONNRESET)
    case .failed: -Int(EPROTO)
    }
  }

  /// From here on calls wait, but not for ever.
  private static func block(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, 0)
    var limit = timeval(tv_sec: patience, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      _ = unsafe setsockopt(
        descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  /// The first of the name's addresses that answers.
  private static func connect(_ host: String, _ port: UInt16) throws(Failure) -> Int32 {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, "\(port)", &hints, &list) == 0, let list = unsafe list else {
      throw .unknownHost(host)
    }
    defer { unsafe freeaddrinfo(list) }
    var reason = EHOSTUNREACH
    var next: UnsafeMutablePointer<addrinfo>? = unsafe list
    while let entry = unsafe next?.pointee {
      unsafe next = unsafe entry.ai_next
      let fd = unsafe socket(entry.ai_family, entry.ai_socktype | cloexec, entry.ai_protocol)
      guard fd >= 0 else { continue }
      block(fd)
      if unsafe Glibc.connect(fd, entry.ai_addr, entry.ai_addrlen) == 0 { return fd }
      reason = errno == EINPROGRESS ? ETIMEDOUT : errno
      Glibc.close(fd)
    }
    throw .system(SystemError(call: "connect", errno: reason, path: "\(host):\(port)"))
  }

  private static let chunkSize = 64 << 10
  /// Seconds: a large configuration takes its time, and an event stream speaks every fifteen.
  private static let patience = 120
  private static let cloexec = Int32(SOCK_CLOEXEC.rawValue)
}

extension ClientStream.Failure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error): "\(error)"
    case .tls(let failure): "\(failure)"
    case .unknownHost(let host): "no address is known of \(host)"
    }
  }
}
