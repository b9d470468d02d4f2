import CLinux
import Glibc
import Network

/// A descriptor in the readiness set. Level-triggered: what `ready` leaves is reported again.
package class Watched {
  let loop: EventLoop
  /// −1 once closed.
  fileprivate(set) var descriptor: Int32
  /// Slot and generation, so that an event of a closed descriptor finds nobody.
  fileprivate(set) var token = Token.none
  private var interest: UInt32 = 0

  /// Takes ownership of `descriptor`, which is closed if it cannot be watched.
  init(loop: EventLoop, descriptor: Int32) {
    self.loop = loop
    self.descriptor = descriptor
  }

  deinit {
    if descriptor >= 0 { Glibc.close(descriptor) }
  }

  /// Does a bounded piece of work.
  func ready(_ events: Readiness) {}
  /// The deadline set by `expire(at:)` has passed.
  func expired(at now: Instant) {}
  /// Whether it may be closed in favour of a newcomer.
  var isIdle: Bool { false }
  /// Closes in favour of a newcomer.
  func giveWay() {}

  /// Takes ownership of `descriptor` where there was none.
  func adopt(_ descriptor: Int32) {
    precondition(self.descriptor < 0, "a descriptor is not replaced")
    self.descriptor = descriptor
  }

  /// Starts to be told of `events`.
  func watch(_ events: Readiness) throws(SystemError) {
    token = loop.readiness.add(self)
    let result = cl_set_add(
      loop.readiness.descriptor, descriptor, events.rawValue, token.number)
    interest = events.rawValue
    guard result < 0 else { return }
    loop.readiness.remove(token)
    token = .none
    throw SystemError(call: "epoll_ctl", errno: -result)
  }

  func change(to events: Readiness) {
    guard interest != events.rawValue, descriptor >= 0 else { return }
    interest = events.rawValue
    _ = cl_set_change(loop.readiness.descriptor, descriptor, interest, token.number)
  }

  /// Sets, moves or (`.never`) lifts the deadline. Later is a plain store.
  func expire(at instant: Instant) {
    guard token.number != 0 else { return }
    loop.readiness.wheel.set(token.slot, to: instant)
  }

  /// Closing takes a descriptor out of the set.
  final func closeDescriptor() {
    guard descriptor >= 0 else { return }
    if token.number != 0 { loop.readiness.remove(token) }
    token = .none
    Glibc.close(descriptor)
    descriptor = -1
  }
}

/// What a descriptor is ready for, or is watched for; errors are always reported.
struct Readiness: OptionSet {
  let rawValue: UInt32

  static let read = Readiness(rawValue: 1)
  static let write = Readiness(rawValue: 4)
  static let error = Readiness(rawValue: 8)
  static let hangUp = Readiness(rawValue: 16)
}

/// A slot of the readiness set and how often it was used.
struct Token {
  let number: UInt64

  init(slot: Int, generation: UInt32) {
    number = UInt64(generation) << 32 | UInt64(slot)
  }

  init(number: UInt64) { self.number = number }

  /// Generations begin at 1, so no token is 0.
  static let none = Token(number: 0)

  var slot: Int { Int(number & 0xffff_ffff) }
  var generation: UInt32 { UInt32(truncatingIfNeeded: number >> 32) }
}
