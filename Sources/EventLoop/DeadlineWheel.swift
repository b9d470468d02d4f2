import Network

/// Coarse deadlines of many descriptors: lists by the tick in which they fall.
///
/// A deadline that moves later, as at each request or acknowledgement, is a plain store: its slot
/// stays in the earlier list and is moved when that comes up. Fires up to two ticks late.
struct DeadlineWheel {
  /// No deadline is due before this.
  private(set) var due = Instant.never

  private var heads = [Int32](repeating: Self.none, count: Self.size)
  private var links: [Link] = []
  /// All earlier ticks have been taken.
  private var cursor: Int64 = 0
  private var linked = 0

  private struct Link {
    var deadline = Int64.max
    var tick: Int64 = -1
    var next = DeadlineWheel.none
    var previous = DeadlineWheel.none
  }

  mutating func grow() { links.append(Link()) }

  mutating func set(_ slot: Int, to instant: Instant) {
    links[slot].deadline = instant.nanoseconds
    if instant == .never { return unlink(slot) }
    let tick = instant.nanoseconds / Self.tick
    if links[slot].tick >= 0 {
      guard tick < links[slot].tick else { return }
      unlink(slot)
    }
    link(slot, in: tick)
  }

  func hasPassed(_ slot: Int, at now: Instant) -> Bool { links[slot].deadline <= now.nanoseconds }

  /// The slots whose deadline has passed. The others of their ticks are moved on.
  mutating func takeDue(at now: Instant) -> [Int] {
    let current = now.nanoseconds / Self.tick
    var taken: [Int] = []
    var tick = max(cursor, current - Int64(Self.size))
    while tick < current {
      taken += take(Int(tick % Int64(Self.size)), at: now)
      tick += 1
    }
    cursor = max(cursor, current)
    var passed: [Int] = []
    for slot in taken {
      if links[slot].deadline <= now.nanoseconds {
        passed.append(slot)
      } else {
        link(slot, in: links[slot].deadline / Self.tick)
      }
    }
    findDue()
    return passed
  }

  /// Slots in about the order of their deadlines, at most `limit`.
  func soonest(atMost limit: Int) -> [Int] {
    var found: [Int] = []
    for offset in 0..<Self.size {
      var slot = heads[Int((cursor + Int64(offset)) % Int64(Self.size))]
      while slot != Self.none, found.count < limit {
        found.append(Int(slot))
        slot = links[Int(slot)].next
      }
      if found.count >= limit { break }
    }
    return found.sorted { links[$0].deadline < links[$1].deadline }
  }

  private mutating func take(_ bucket: Int, at now: Instant) -> [Int] {
    var taken: [Int] = []
    while heads[bucket] != Self.none {
      let slot = Int(heads[bucket])
      taken.append(slot)
      unlink(slot)
    }
    return taken
  }

  private mutating func link(_ slot: Int, in wanted: Int64) {
    // What lies beyond the horizon is looked at again on the way.
    let tick = min(max(wanted, cursor), cursor + Int64(Self.size) - 1)
    let bucket = Int(tick % Int64(Self.size))
    links[slot].tick = tick
    links[slot].previous = Self.none
    links[slot].next = heads[bucket]
    if heads[bucket] != Self.none { links[Int(heads[bucket])].previous = Int32(slot) }
    heads[bucket] = Int32(slot)
    linked += 1
    due = min(due, Self.end(of: tick))
  }

  private mutating func unlink(_ slot: Int) {
    let link = links[slot]
    guard link.tick >= 0 else { return }
    if link.previous == Self.none {
      heads[Int(link.tick % Int64(Self.size))] = link.next
    } else {
      links[Int(link.previous)].next = link.next
    }
    if link.next != Self.none { links[Int(link.next)].previous = link.previous }
    links[slot].tick = -1
    linked -= 1
    if linked == 0 { due = .never }
  }

  private mutating func findDue() {
    due = .never
    guard linked > 0 else { return }
    for offset in 0..<Int64(Self.size) {
      let tick = cursor + offset
      if heads[Int(tick % Int64(Self.size))] != Self.none {
        due = Self.end(of: tick)
        return
      }
    }
  }

  private static func end(of tick: Int64) -> Instant {
    Instant(nanoseconds: (tick + 1) * Self.tick)
  }

  private static let none: Int32 = -1
  private static let size = 256
  private static let tick: Int64 = 250_000_000
}
