import COpenSSL

/// Why OpenSSL refused something, in its words or plainer ones.
package struct TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }

  /// OpenSSL did not say why.
  package static let unknown = TLSFailure("TLS failed")

  /// What OpenSSL's queue of this thread says, and `what` when it says nothing. Empties the queue.
  static func last(_ what: String) -> TLSFailure {
    var reason: String?
    // The first is the cause; what follows tells which calls it went through.
    while case let code = ERR_get_error(), code != 0 {
      guard reason == nil, let text = unsafe ERR_reason_error_string(code) else { continue }
      reason = unsafe String(cString: text)
    }
    return TLSFailure(reason.map { "\(what): \($0)" } ?? what)
  }
}
