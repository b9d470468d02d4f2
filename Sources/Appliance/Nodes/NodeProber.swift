import EventLoop
import Network

/// Asks again and again whether nodes take connections on their port 22. What it finds is a fact
/// and no more: nothing follows from it.
///
/// Used on the loop only.
final class NodeProber {
  /// Called for each node that was asked, on the loop.
  var onResult: (_ name: String, _ isReachable: Bool) -> Void = { _, _ in }

  private let loop: EventLoop
  private let rhythm: Rhythm
  private var followed: [String: Followed] = [:]
  private var probes: [String: ConnectionProbe] = [:]

  var probeCount: Int { probes.count }

  struct Rhythm {
    var port: UInt16 = 22
    var period = Duration.seconds(60)
    /// After an installation, until it first answers: somebody waits for it.
    var eagerPeriod = Duration.seconds(5)
    var eagerFor = Duration.seconds(300)
    var timeout = Duration.seconds(5)
    var mostAtOnce = 32
    /// Of one node's addresses: the first that answers will do.
    var mostAddresses = 4
  }

  struct Target: Equatable {
    var name: String
    var places: [Place]
    /// When it was installed, in this box's time.
    var installed: Instant
    var isReachable: Bool
  }

  struct Place: Equatable {
    var address: IPv4Address
    /// The interface that serves it; nil: as the routes say.
    var device: String?
  }

  private struct Followed {
    var target: Target
    var due: Instant
    /// Which of its places is asked next, of the present round.
    var next = 0
  }

  init(_ loop: EventLoop, rhythm: Rhythm = Rhythm()) {
    self.loop = loop
    self.rhythm = rhythm
  }

  /// Follows these from now on and no others, spread over a period so that they are not all asked
  /// at once.
  func follow(_ targets: [Target]) {
    let names = Set(targets.map(\.name))
    for name in followed.keys where !names.contains(name) { forget(name) }
    let step = rhythm.period.nanoseconds / Int64(max(targets.count, 1))
    for (index, target) in targets.enumerated() {
      follow(target, wait: .nanoseconds(step * Int64(index)))
    }
  }

  /// Follows one from now on; one that was installed lately is asked soon.
  func follow(_ target: Target, wait: Duration = .zero) {
    if let known = followed[target.name], known.target.installed == target.installed {
      followed[target.name]?.target = target
      return
    }
    let wait = isEager(target) ? rhythm.eagerPeriod : wait
    followed[target.name] = Followed(target: target, due: loop.now + wait)
  }

  func forget(_ name: String) {
    followed[name] = nil
    probes.removeValue(forKey: name)?.close()
  }

  func close() {
    for probe in probes.values { probe.close() }
    probes = [:]
    followed = [:]
  }

  /// Asks those whose time has come, as many at once as may be; called each second.
  func tick() {
    guard probes.count < rhythm.mostAtOnce else { return }
    let now = loop.now
    let due = followed.filter { $0.value.due <= now && probes[$0.key] == nil }
      .sorted { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
    for (name, _) in due.prefix(rhythm.mostAtOnce - probes.count) { ask(name) }
  }

  /// Asks the next of its places; one that nobody can be asked at is passed over.
  private func ask(_ name: String) {
    guard var node = followed[name] else { return }
    let places = node.target.places.prefix(rhythm.mostAddresses)
    while node.next < places.count {
      let place = places[node.next]
      node.next += 1
      followed[name] = node
      guard
        let probe = try? ConnectionProbe(
          loop: loop, to: Endpoint(place.address, rhythm.port), device: place.device,
          timeout: rhythm.timeout)
      else { continue }
      probe.onResult = { [unowned self] isReachable in
        probes[name] = nil
        isReachable ? conclude(name, true) : ask(name)
      }
      probes[name] = probe
      return
    }
    conclude(name, false)
  }

  private func conclude(_ name: String, _ isReachable: Bool) {
    guard var node = followed[name] else { return }
    node.next = 0
    node.target.isReachable = isReachable
    node.due = loop.now + (isEager(node.target) ? rhythm.eagerPeriod : rhythm.period)
    followed[name] = node
    // Without an address there was nobody to be asked.
    if !node.target.places.isEmpty { onResult(name, isReachable) }
  }

  private func isEager(_ target: Target) -> Bool {
    !target.isReachable && loop.now - target.installed < rhythm.eagerFor
  }
}
