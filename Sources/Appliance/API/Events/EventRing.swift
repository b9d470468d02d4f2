import Boot
import Network

/// The last events, each with a number that is never given twice, not even after a restart: the
/// first is the time of the start in microseconds, and no box has more than one event in each.
struct EventRing {
  struct Entry {
    var time: UnixTime
    var event: Event
  }

  private var entries: [Entry] = []
  /// The number that the next event will have.
  private(set) var next: UInt64
  private let limit: Int

  init(start: UnixTime, limit: Int = 16_384) {
    precondition(limit > 0, "a ring holds something")
    next = UInt64(max(1, start.nanoseconds / 1000))
    self.limit = limit
  }

  /// The number of the oldest that is kept.
  var oldest: UInt64 { next - UInt64(entries.count) }

  mutating func append(_ event: Event, at time: UnixTime) {
    let entry = Entry(time: time, event: event)
    if entries.count < limit {
      entries.append(entry)
      // Numbers and places go together from here on.
      if entries.count == limit { turn() }
    } else {
      entries[Int(next % UInt64(limit))] = entry
    }
    next += 1
  }

  subscript(number: UInt64) -> Entry? {
    guard number >= oldest, number < next else { return nil }
    return entries.count < limit
      ? entries[Int(number - oldest)] : entries[Int(number % UInt64(limit))]
  }

  /// Puts each where its number leads, once, when the ring has become full.
  private mutating func turn() {
    let first = next + 1 - UInt64(limit)
    let shift = Int(first % UInt64(limit))
    entries = Array(entries[(limit - shift)...] + entries[..<(limit - shift)])
  }
}
