import Bytes

/// Why a request is not read further: the caller answers with the status and closes the
/// connection, because nobody knows where the next request would begin (RFC 9112 §6.3).
package struct HTTPRefusal: Error, Equatable, Sendable {
  package let status: HTTPStatus
  package let malformed: Malformed

  init(_ status: HTTPStatus, _ reason: Malformed.Reason, at offset: Int) {
    self.status = status
    malformed = Malformed(reason, at: offset)
  }
}

/// How much of a request's head is read.
package struct HTTPLimits: Equatable, Sendable {
  /// Bytes of a head with its empty line.
  package var headByteCount = 16 * 1024
  package var fieldCount = 64
  package var targetByteCount = 4 * 1024

  package init() {}
}
