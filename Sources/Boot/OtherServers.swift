import Network

/// What clients tell of other DHCP servers: one too many where we give the addresses, none where we
/// rely on one. Bounded, and said once in a while only.
package struct OtherServers: Sendable {
  private var heard: [(server: IPv4Address, isItself: Bool, until: Instant)] = []
  private var waiting: [(interface: Int32, silence: Silence)] = []

  /// DISCOVERs on an interface since a client last took an OFFER there.
  private struct Silence: Sendable {
    var count = 0
    var since: Instant
    var isTold = false
  }

  private static let limit = 32
  /// How long a server that was told of is not told of again.
  private static let interval = Duration.seconds(3600)

  package init() {}

  /// `server` was heard of; true when that is to be told.
  ///
  /// - Parameter isItself: Whether it was heard itself, which says more than a client that names it.
  package mutating func hear(of server: IPv4Address, isItself: Bool, at now: Instant) -> Bool {
    heard.removeAll { $0.until <= now }
    if let index = heard.firstIndex(where: { $0.server == server }) {
      guard isItself, !heard[index].isItself else { return false }
      heard[index].isItself = true
      return true
    }
    guard heard.count < Self.limit else { return false }
    heard.append((server, isItself, now + Self.interval))
    return true
  }

  /// A client on `interface` takes the address that somebody gave it.
  package mutating func succeed(on interface: Int32) {
    waiting.removeAll { $0.interface == interface }
  }

  /// A client on `interface` looks for a server; true when it is to be told that there is none:
  /// EDK II asks at 0, 5 and 14 s, iPXE more often, and both take an OFFER within 4 s.
  package mutating func search(on interface: Int32, at now: Instant) -> Bool {
    guard let index = waiting.firstIndex(where: { $0.interface == interface }) else {
      if waiting.count < Self.limit {
        waiting.append((interface, Silence(count: 1, since: now)))
      }
      return false
    }
    waiting[index].silence.count += 1
    let silence = waiting[index].silence
    guard !silence.isTold, silence.count >= 3, now >= silence.since + .seconds(10) else {
      return false
    }
    waiting[index].silence.isTold = true
    return true
  }
}
