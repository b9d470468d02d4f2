/// A point on the monotonic clock, in nanoseconds since an origin of the driver's choice.
///
/// `ContinuousClock.Instant` cannot be made from a number, so no replay could choose one.
package struct Instant: Hashable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static let start = Instant(nanoseconds: 0)
  /// Later than all others.
  package static let never = Instant(nanoseconds: .max)

  /// Saturates, so that no duration out of a packet or a file can overflow.
  package static func + (instant: Self, duration: Duration) -> Self {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.nanoseconds)
    guard overflow else { return Instant(nanoseconds: sum) }
    return Instant(nanoseconds: duration.nanoseconds < 0 ? .min : .max)
  }

  package static func - (later: Self, earlier: Self) -> Duration {
    let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(
      earlier.nanoseconds)
    return .nanoseconds(overflow ? .max : difference)
  }
}

extension Instant: Comparable {
  package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
  /// The whole nanoseconds, saturated to 64 bits (292 years).
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    guard !carry else { return seconds < 0 ? .min : .max }
    return sum
  }

  /// The whole seconds, as DHCP counts them; 0 for a negative duration, at most 2³² − 1.
  package var wholeSeconds: UInt32 { UInt32(clamping: components.seconds) }
}
