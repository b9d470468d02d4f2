import CLinux
import Glibc
import TLS

/// How a connection's bytes pass its socket: as they are, or by TLS.
///
/// Results are those of the shims: a count, or a negative error number, EAGAIN for what has to
/// wait.
struct StreamTransport {
  private let session: TLSSession?

  init(_ session: TLSSession?) { self.session = session }

  var isPlain: Bool { session == nil }
  /// Why TLS has given up; nil while it has not.
  var failure: TLSFailure? { session?.failure }

  /// What the socket must be ready for, where TLS knows better than its user: it may have to send
  /// before it can read.
  var wanted: Readiness? {
    guard let session else { return nil }
    if session.wantsRead { return .read }
    return session.wantsWrite ? .write : nil
  }

  /// 0 once both sides have agreed.
  func handshake() -> Int {
    guard let session else { return 0 }
    let outcome = session.handshake()
    if case .ended = outcome { return -Int(ECONNRESET) }
    return Self.result(outcome)
  }

  /// Reads into `room`, which takes a whole record: nothing that came is left out of the socket's
  /// readiness.
  func receive(
    _ descriptor: Int32, _ room: UnsafeMutableRawPointer, _ count: Int
  ) -> Int {
    guard let session else { return unsafe cl_receive(descriptor, room, count) }
    precondition(count >= TLSSession.recordSize, "a record has room")
    return unsafe Self.result(session.read(into: room, count: count))
  }

  /// Sends what the socket takes. What is left must be what the next call begins with, for TLS may
  /// have encrypted a record of it.
  func send(
    _ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, more: Bool
  ) -> Int {
    guard session != nil else { return unsafe cl_send(descriptor, bytes, count, more ? 1 : 0) }
    var sent = 0
    while sent < count {
      let result = unsafe sendRecord(bytes + sent, min(count - sent, TLSSession.recordSize))
      guard result > 0 else { return sent > 0 && result == -Int(EAGAIN) ? sent : result }
      sent += result
    }
    return sent
  }

  /// Sends a part of `file`; 0 when it was cut.
  func sendFile(
    _ descriptor: Int32, _ file: File, _ offset: Int64, _ count: Int, _ scratch: Scratch
  ) -> Int {
    guard session != nil else {
      return cl_send_file(descriptor, file.descriptor, offset, min(count, Self.largestPiece))
    }
    guard let room = unsafe scratch.outgoing.baseAddress else { return 0 }
    let whole = min(count, Self.largestSecret)
    var sent = 0
    while sent < whole {
      let wanted = min(whole - sent, Scratch.size)
      let read = unsafe cl_read_at(file.descriptor, room, wanted, offset + Int64(sent))
      guard read == wanted else { return sent > 0 ? sent : min(read, 0) }
      let result = unsafe send(descriptor, room, wanted, more: false)
      guard result > 0 else { return sent > 0 && result == -Int(EAGAIN) ? sent : result }
      sent += result
      guard result == wanted else { break }
    }
    return sent
  }

  /// Tells the other side that nothing more will come, where there are words for it.
  func finish() { session?.finish() }

  private func sendRecord(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    guard let session else { return -Int(EBADF) }
    let outcome = unsafe session.write(bytes, count: count)
    if case .ended = outcome { return -Int(EPIPE) }
    return Self.result(outcome)
  }

  private static func result(_ outcome: TLSSession.Outcome) -> Int {
    switch outcome {
    case .done(let count): count
    case .wantsRead, .wantsWrite: -Int(EAGAIN)
    case .ended: 0
    case .broken: -Int(ECONNRESET)
    case .failed: -Int(EPROTO)
    }
  }

  /// As nginx: more keeps others waiting, less costs calls (lighttpd's 256 KiB is slower).
  private static let largestPiece = 2 << 20
  /// The same by time: to encrypt costs more than to hand over pages.
  private static let largestSecret = 512 << 10
}
