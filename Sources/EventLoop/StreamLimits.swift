/// How many connections a listener takes, and how long each may take over what.
package struct StreamLimits: Hashable, Sendable {
  /// Beyond it a newcomer takes the place of the connection that has been idle longest; where
  /// none is idle, the newcomer is closed.
  package var connections = 10_000
  /// Of one address; beyond it, its newcomer is closed. One machine that goes wild, or ill, must
  /// leave room for the others; a room behind one address-translating router fits well within.
  package var connectionsPerSource = 4_096
  /// From the beginning of a TLS connection until both sides have agreed.
  package var handshake = Duration.seconds(10)
  /// From the first byte of a request, or from the beginning, to its answer: not prolonged by
  /// bytes that trickle in.
  package var request = Duration.seconds(10)
  /// Between an answer and the next request.
  package var idle = Duration.seconds(15)
  /// The longest that a reader may take nothing while output waits; looked at once in each.
  package var progress = Duration.seconds(30)

  package init() {}
}

/// Why a connection is closed.
package enum StreamEnding: Hashable, Sendable {
  /// The other side has finished.
  case peer
  /// The other side has broken off; the error number, 0 when unknown.
  case reset(Int32)
  /// We have finished.
  case local
  /// TLS was not agreed on within `StreamLimits.handshake`.
  case slowHandshake
  /// The other side does not keep to TLS, or would not have us; OpenSSL's words.
  case insecure(String)
  /// No request came within `StreamLimits.idle`.
  case idle
  /// A request was not complete within `StreamLimits.request`.
  case slowRequest
  /// Output waited for `StreamLimits.progress`.
  case slowReader
  /// A file was cut while it was sent, or could not be read.
  case fileCut
  /// The receiver took nothing of half a buffer.
  case oversized
  /// Another took its place.
  case crowdedOut
}
