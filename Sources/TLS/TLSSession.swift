import COpenSSL

/// One side of a TLS connection over a socket that the caller owns: the server's does not block.
///
/// It holds some 10 KiB while it is idle and up to 40 while bytes are on their way. OpenSSL writes to
/// the socket itself, so SIGPIPE must be ignored.
@safe package final class TLSSession {
  /// What became of a call.
  package enum Outcome {
    /// So many bytes went through; 0 for a handshake that is complete.
    case done(Int)
    /// To be called again, with the same bytes, when the socket can be read.
    case wantsRead
    /// To be called again, with the same bytes, when the socket can be written.
    case wantsWrite
    /// The other side has finished.
    case ended
    /// The socket is gone: ECONNRESET and the like are not told apart.
    case broken
    /// The other side did not keep to the protocol, or would not have us: see ``failure``.
    case failed
  }

  /// Why it has failed; nil while it has not.
  package private(set) var failure: TLSFailure?
  /// What the last call waits for: it may have to send before it can read, and the other way about.
  package private(set) var wantsRead = false
  package private(set) var wantsWrite = false

  private let pointer: OpaquePointer
  private var isSound = true

  /// Nil when there is no memory for it.
  package init?(_ context: TLSContext, descriptor: Int32) {
    guard let session = unsafe SSL_new(context.pointer) else { return nil }
    guard unsafe SSL_set_fd(session, descriptor) == 1 else {
      unsafe SSL_free(session)
      return nil
    }
    unsafe SSL_set_accept_state(session)
    unsafe pointer = session
  }

  /// The client's side, over a socket that may block.
  ///
  /// - Parameter host: The name or address that the server's certificate must be for.
  package init?(_ context: TLSContext, descriptor: Int32, to host: String) {
    guard let session = unsafe SSL_new(context.pointer) else { return nil }
    guard unsafe SSL_set_fd(session, descriptor) == 1, unsafe cssl_expect(session, host) == 1 else {
      unsafe SSL_free(session)
      return nil
    }
    unsafe pointer = session
  }

  deinit { unsafe SSL_free(pointer) }

  /// Goes as far as the bytes at hand allow: one flight at most.
  package func handshake() -> Outcome {
    ERR_clear_error()
    let result = unsafe SSL_do_handshake(pointer)
    return outcome(of: result, count: 0)
  }

  /// Reads one record at most. With room for 16 KiB nothing of it stays behind, so that the
  /// socket's own readiness tells whether there is more.
  package func read(into room: UnsafeMutableRawPointer, count: Int) -> Outcome {
    ERR_clear_error()
    let result = unsafe SSL_read(pointer, room, Int32(clamping: count))
    return outcome(of: result, count: Int(result))
  }

  /// Sends one record at most, of at most ``recordSize`` bytes.
  package func write(_ bytes: UnsafeRawPointer, count: Int) -> Outcome {
    ERR_clear_error()
    let result = unsafe SSL_write(pointer, bytes, Int32(clamping: count))
    return outcome(of: result, count: Int(result))
  }

  /// Says that nothing more will come (close_notify), if the socket takes it at once.
  package func finish() {
    // After a failure, or amid a handshake, OpenSSL forbids it.
    guard isSound, unsafe SSL_is_init_finished(pointer) == 1 else { return }
    isSound = false
    ERR_clear_error()
    _ = unsafe SSL_shutdown(pointer)
    ERR_clear_error()
  }

  /// As `TLSv1.3 TLS_AES_256_GCM_SHA384`.
  package var agreement: String {
    guard let version = unsafe SSL_get_version(pointer),
      let cipher = unsafe SSL_CIPHER_get_name(SSL_get_current_cipher(pointer))
    else { return "" }
    return unsafe "\(String(cString: version)) \(String(cString: cipher))"
  }

  /// The most that a record holds (RFC 8446 §5.1).
  package static let recordSize = 16_384

  private func outcome(of result: Int32, count: Int) -> Outcome {
    wantsRead = false
    wantsWrite = false
    if result > 0 { return .done(count) }
    switch unsafe SSL_get_error(pointer, result) {
    case SSL_ERROR_WANT_READ:
      wantsRead = true
      return .wantsRead
    case SSL_ERROR_WANT_WRITE:
      wantsWrite = true
      return .wantsWrite
    case SSL_ERROR_ZERO_RETURN: return .ended
    case SSL_ERROR_SYSCALL:
      isSound = false
      return .broken
    default:
      isSound = false
      failure = TLSFailure.last("TLS")
      let verdict = unsafe SSL_get_verify_result(pointer)
      if verdict != X509_V_OK, let reason = unsafe X509_verify_cert_error_string(verdict) {
        failure = unsafe TLSFailure("the certificate is not believed: \(String(cString: reason))")
      }
      return .failed
    }
  }
}
