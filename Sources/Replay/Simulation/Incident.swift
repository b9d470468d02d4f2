import Network

/// What befalls a whole server, or its clock.
enum Incident: Hashable, Sendable {
  /// Its process ends now, or its box goes dark, for so long.
  case stop(server: Int, PowerCut.Kind, for: Duration)
  /// The same, once it has done so many things more.
  case cut(PowerCut)
  case start(server: Int, PowerCut.Kind)
  /// It goes for good, as an intruder that was found.
  case leave(server: Int)
  case setWallClock(by: Duration)
  /// Its tables are counted, again and again.
  case count(server: Int, every: Duration)
}

/// A crash of the first server between two of its actions.
struct PowerCut: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// The kernel runs on, and with it the clock that leases are counted by.
    case process
    /// Only the wall clock knows how long it was off.
    case reboot
  }

  var outcomesLeft: Int
  let kind: Kind
  let duration: Duration
}

extension VirtualLink {
  mutating func plan(_ incident: Incident, at time: Instant) {
    queue.add(.incident(incident), at: time)
  }

  mutating func befall(_ incident: Incident, _ observe: (Instant, LinkEvent) -> Void) {
    switch incident {
    case .stop(let server, let kind, let duration):
      stop(server, observe)
      plan(.start(server: server, kind), at: time + duration)
    case .cut(let cut): self.cut = cut
    case .start(let server, let kind): start(server, kind, observe)
    case .leave(let server): stop(server, observe)
    case .setWallClock(let step): wallClockOffset += step
    case .count(let server, let pause):
      observe(time, .counted(server: server, servers[server].appliance.counts))
      plan(incident, at: time + pause)
    }
  }

  /// What both clocks say. Where the day begins does not matter; that it is no round number does.
  func wallClock(at time: Instant) -> VirtualStore.Reading {
    let wall = 1_790_000_000_500_000_000 + time.nanoseconds + wallClockOffset.nanoseconds
    return VirtualStore.Reading(
      time: time, wallClock: UnixTime(nanoseconds: wall),
      boot: "boot \(servers.first?.store?.boot ?? 0)")
  }

  /// Whether the power goes before `outcome`. A transaction is durable whole or not at all, so what
  /// it stores is not cut apart.
  mutating func isCut(_ server: Int, before outcome: Outcome) -> Bool {
    guard server == 0, let left = cut?.outcomesLeft else { return false }
    switch outcome {
    case .stored, .erased, .kept: return false
    case .sent, .responded, .respondedFile, .closed, .decided, .asked, .recorded: break
    }
    guard left > 0 else { return true }
    cut?.outcomesLeft = left - 1
    return false
  }

  mutating func finishCut(of server: Int, _ observe: (Instant, LinkEvent) -> Void) {
    guard server == 0, let cut, cut.outcomesLeft == 0 else { return }
    self.cut = nil
    befall(.stop(server: server, cut.kind, for: cut.duration), observe)
  }

  /// All that was in memory is gone, and whoever was connected hears so.
  private mutating func stop(_ server: Int, _ observe: (Instant, LinkEvent) -> Void) {
    guard servers[server].isOn else { return }
    servers[server].isOn = false
    observe(time, .stopped(server: server))
    let lost = connections.filter { $0.value.server == server }.map(\.key)
      .sorted { ($0.client, $0.number) < ($1.client, $1.number) }
    for key in lost {
      if let open = connections.removeValue(forKey: key) { keys[open.id] = nil }
      queue.add(
        .httpResponse(client: key.client, connection: key.number, Self.refusal),
        at: time + Self.latency)
    }
  }

  private mutating func start(
    _ server: Int, _ kind: PowerCut.Kind, _ observe: (Instant, LinkEvent) -> Void
  ) {
    guard !servers[server].isOn, var store = servers[server].store else { return }
    if kind == .reboot { store.reboot() }
    servers[server].store = store
    let dhcp = store.restored(at: wallClock(at: time))
    servers[server].store = store
    servers[server].appliance = servers[server].appliance.restarted(with: dhcp)
    servers[server].isOn = true
    observe(time, .started(server: server))
  }
}
