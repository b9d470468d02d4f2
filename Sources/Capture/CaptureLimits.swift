/// How much of a recording is read: whoever made it may have meant harm.
package struct CaptureLimits: Sendable {
  /// The longest frame, in octets; libpcap's own limit is the same.
  package var frameOctets = 262_144
  /// All frames together, in octets.
  package var octets = 1 << 30
  package var frames = 10_000_000

  package init() {}
}
