import Network

/// A fault that a test plants in the driver: it perverts what reaches the first server, or what the
/// server does.
package struct Tampering: Sendable {
  /// Of each datagram, after the transcript has it as it came.
  package var arrival: @Sendable (inout Arrival, inout [UInt8]) -> Void = { _, _ in }
  /// Of each message or deadline, before anything leaves.
  package var outcomes: @Sendable (inout VirtualAppliance, inout [Outcome], Instant) -> Void =
    { _, _, _ in }

  package init() {}
}
