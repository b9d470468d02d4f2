import Network

/// How many addresses may be kept for clients that nobody knows and that do not take them: at each
/// interface or relay, and at each port of one, so that who makes up clients hinders his own
/// neighbours at most.
///
/// A count begins anew every minute, which is as long as an OFFER is held. Bounded: places beyond
/// the limit have no count of their own, and the interface's holds for them.
package struct NewcomerQuota: Sendable {
  /// Where clients hang.
  package struct Place: Hashable, Sendable {
    /// The kernel's number of our interface.
    package var interface: Int32
    /// `giaddr`; unspecified on our own wire.
    package var relay: IPv4Address
    /// Option 82's circuit identifier; empty for all of the interface or relay.
    package var port: [UInt8]

    package init(interface: Int32, relay: IPv4Address = .unspecified, port: [UInt8] = []) {
      self.interface = interface
      self.relay = relay
      self.port = port
    }

    /// All of the interface or relay.
    package var whole: Place { Place(interface: interface, relay: relay) }
  }

  private struct Count: Sendable {
    /// Addresses kept for clients that have not asked for them yet.
    var held = 0
    var end: Instant
    var isTold = false
  }

  private var counts: [Place: Count] = [:]
  /// Alarms of this minute, of all places.
  private var alarms = Count(end: .start)

  /// At an interface or relay. A fleet of a thousand that is switched on at once stays below it,
  /// because each asks for what it is offered within seconds.
  package static let limit = 1024
  /// At one port: a machine, a host with its guests, or all of a relay that names its interface there.
  package static let limitOfPort = 64
  /// Places that are counted at once.
  package static let placeLimit = 1024
  /// Alarms a minute: ports may be made up too.
  package static let alarmLimit = 16
  package static let interval = Duration.seconds(60)

  package init() {}

  /// Addresses kept at `place` in this minute that nobody asked for yet.
  package func held(at place: Place, at now: Instant) -> Int {
    guard let count = counts[place], now < count.end else { return 0 }
    return count.held
  }

  /// The place that is at its limit for one more client; nil when an address may be kept for it.
  ///
  /// - Parameter isNewcomer: Whether this is the first that is heard of it. Who comes again, as
  ///   machines that boot do, is held back by a port that is as full as an interface may be.
  package func full(for place: Place, isNewcomer: Bool, at now: Instant) -> Place? {
    let most = isNewcomer ? Self.limitOfPort : Self.limit
    if !place.port.isEmpty, held(at: place, at: now) >= most { return place }
    return isNewcomer && held(at: place.whole, at: now) >= Self.limit ? place.whole : nil
  }

  /// Whether it is to be told now that `place` is flooded: once a minute, and of a few places only.
  package mutating func alarm(at place: Place, at now: Instant) -> Bool {
    guard var count = count(of: place, at: now), !count.isTold else { return false }
    if now >= alarms.end { alarms = Count(end: now + Self.interval) }
    guard alarms.held < Self.alarmLimit else { return false }
    alarms.held += 1
    count.isTold = true
    counts[place] = count
    return true
  }

  /// An address is kept for a client that nobody knows.
  package mutating func hold(at place: Place, at now: Instant) {
    for place in places(of: place) {
      guard var count = count(of: place, at: now) else { continue }
      count.held += 1
      counts[place] = count
    }
  }

  /// A client asks for the address that was kept for it.
  package mutating func take(at place: Place) {
    for place in places(of: place) {
      guard let count = counts[place], count.held > 0 else { continue }
      counts[place]?.held -= 1
    }
  }

  private func places(of place: Place) -> [Place] {
    place.port.isEmpty ? [place] : [place.whole, place]
  }

  /// The count of this minute; nil when too many places are counted.
  private mutating func count(of place: Place, at now: Instant) -> Count? {
    if let count = counts[place], now < count.end { return count }
    if counts[place] == nil, counts.count >= Self.placeLimit {
      counts = counts.filter { now < $0.value.end }
      guard counts.count < Self.placeLimit else { return nil }
    }
    return Count(end: now + Self.interval)
  }
}
