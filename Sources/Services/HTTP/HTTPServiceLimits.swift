import Wire

/// What bounds a client of the HTTP service. The times are the driver's to keep.
package struct HTTPServiceLimits: Sendable {
  package var head = HTTPLimits()
  /// Bytes of a request's body.
  package var bodyByteCount = 64 * 1024
  /// For a head to arrive, from its first byte.
  package var headDuration = Duration.seconds(10)
  /// For a body to arrive.
  package var bodyDuration = Duration.seconds(30)
  /// Between requests. iPXE keeps a connection for each file open for some ten seconds.
  package var idleDuration = Duration.seconds(60)

  package init() {}
}
