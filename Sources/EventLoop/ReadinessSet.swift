import CLinux
import Glibc
import Network

/// Everything numerous, in one epoll descriptor that one Dispatch source watches.
@safe final class ReadinessSet {
  let descriptor: Int32
  var wheel = DeadlineWheel()
  private var entries: [Entry] = []
  private var free: [Int] = []
  private let events: UnsafeMutableBufferPointer<cl_event>

  private struct Entry {
    var watched: Watched?
    var generation: UInt32
  }

  init() throws(SystemError) {
    unsafe events = .allocate(capacity: 64)
    unsafe events.initialize(repeating: cl_event())
    descriptor = try checked(cl_set_create(), "epoll_create1")
  }

  deinit {
    unsafe events.deallocate()
    Glibc.close(descriptor)
  }

  /// Keeps `watched` until `remove`.
  func add(_ watched: Watched) -> Token {
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      entries[slot].generation &+= 1
      if entries[slot].generation == 0 { entries[slot].generation = 1 }
      entries[slot].watched = watched
    } else {
      slot = entries.count
      entries.append(Entry(watched: watched, generation: 1))
      wheel.grow()
    }
    return Token(slot: slot, generation: entries[slot].generation)
  }

  func remove(_ token: Token) {
    guard watched(token) != nil else { return }
    wheel.set(token.slot, to: .never)
    entries[token.slot].watched = nil
    free.append(token.slot)
  }

  func removeAll() {
    for slot in entries.indices {
      // Each is let go of; who still holds one closes it, or its end does.
      remove(Token(slot: slot, generation: entries[slot].generation))
    }
  }

  func watched(_ token: Token) -> Watched? {
    guard token.slot < entries.count, entries[token.slot].generation == token.generation else {
      return nil
    }
    return entries[token.slot].watched
  }

  /// Hands out one batch of events; returns how many there were.
  func work(at now: Instant, waiting milliseconds: Int32) -> Int {
    guard let start = unsafe events.baseAddress else { return 0 }
    let count = unsafe cl_set_wait(descriptor, start, 64, milliseconds)
    guard count > 0 else { return 0 }
    for index in 0..<Int(count) {
      let event = unsafe events[index]
      // Whoever was closed by an earlier event of this batch is not found.
      watched(Token(number: event.token))?.ready(Readiness(rawValue: event.events))
    }
    return Int(count)
  }

  func expire(at now: Instant) {
    for slot in wheel.takeDue(at: now) {
      guard slot < entries.count, let watched = entries[slot].watched else { continue }
      // An earlier one of this batch may have given the slot to a newcomer.
      guard wheel.hasPassed(slot, at: now) else { continue }
      wheel.set(slot, to: .never)
      watched.expired(at: now)
    }
  }

  /// Closes the idle connection nearest to its deadline: with one idle time for all it is the one
  /// that has been idle longest. False when none was found among the next few.
  func closeLongestIdle() -> Bool {
    for slot in wheel.soonest(atMost: 256) {
      guard let watched = entries[slot].watched, watched.isIdle else { continue }
      watched.giveWay()
      return true
    }
    return false
  }
}
