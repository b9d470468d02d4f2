/// How much of a capture is kept. Whoever made it may have filled it with anything.
package struct DissectionLimits: Hashable, Sendable {
  package var transfers = 65_536
  package var connections = 65_536
  /// Bytes of all files and bodies together.
  package var contentByteCount = 512 << 20
  /// Zeros for the bytes that cut frames lack.
  package var missingByteCount = 256 << 20
  /// Datagrams that wait for more of their fragments, and fragments of one of them.
  package var fragmentedDatagrams = 64
  package var fragments = 2048
  /// Segments of one direction of a connection that wait for those before them; past it, what is
  /// missing counts as lost.
  package var waitingSegments = 2048
  /// Bytes of one HTTP head.
  package var headByteCount = 65_536

  package init() {}
}
