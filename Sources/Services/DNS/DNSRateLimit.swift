import Network

/// Keeps strangers from using us to flood others under a false address: so many answers a second
/// and /24 network, then every second one cut short (TC), by which a true client comes by TCP.
///
/// Of fixed size; networks that share a place share its allowance.
struct DNSRateLimit: Sendable {
  enum Verdict: Sendable {
    case pass, slip, drop
  }

  private var places = [Place](repeating: Place(), count: 1024)

  private struct Place: Sendable {
    var second: Int64 = -1
    var count = 0
  }

  static let allowance = 100

  mutating func admit(_ source: IPv4Address, at now: Instant) -> Verdict {
    let hash = (source.number >> 8) &* 0x9e37_79b1
    let index = Int(hash >> 22)
    let second = now.nanoseconds / 1_000_000_000
    if places[index].second != second { places[index] = Place(second: second, count: 0) }
    places[index].count += 1
    let excess = places[index].count - Self.allowance
    guard excess > 0 else { return .pass }
    return excess.isMultiple(of: 2) ? .slip : .drop
  }
}
