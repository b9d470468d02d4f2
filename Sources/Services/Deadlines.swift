import Network

/// When each of many numbered slots must be looked at next, the earliest first.
///
/// A deadline that moves later, as with every ACK, costs one store: the heap learns of it when
/// the old one is due. So ``earliest`` may name an instant at which nothing is due after all.
package struct Deadlines: Sendable {
  /// Slots in heap order of `entry`.
  private var heap: [Int] = []
  /// By slot: where it stands in `heap`; -1 for a slot without a deadline.
  private var position: [Int] = []
  /// By slot: the instant that the heap is ordered by, never later than `wanted`.
  private var entry: [Instant] = []
  /// By slot: the true deadline.
  private var wanted: [Instant] = []

  package init() {}

  /// The first instant at which something may be due.
  package var earliest: Instant? { heap.first.map { entry[$0] } }

  package mutating func set(_ slot: Int, to deadline: Instant) {
    while position.count <= slot {
      position.append(-1)
      entry.append(.never)
      wanted.append(.never)
    }
    wanted[slot] = deadline
    if position[slot] < 0 {
      position[slot] = heap.count
      heap.append(slot)
    } else if deadline >= entry[slot] {
      return
    }
    entry[slot] = deadline
    rise(slot)
  }

  package mutating func remove(_ slot: Int) {
    guard slot < position.count, position[slot] >= 0, let last = heap.popLast() else { return }
    let hole = position[slot]
    position[slot] = -1
    guard last != slot else { return }
    heap[hole] = last
    position[last] = hole
    rise(last)
    sink(last)
  }

  /// Takes out a slot whose deadline has come, or gives nil when there is none.
  package mutating func popDue(at now: Instant) -> Int? {
    while let slot = heap.first, entry[slot] <= now {
      guard wanted[slot] > now else {
        remove(slot)
        return slot
      }
      entry[slot] = wanted[slot]
      sink(slot)
    }
    return nil
  }

  private mutating func rise(_ slot: Int) {
    var index = position[slot]
    while index > 0 {
      let parent = (index - 1) / 2
      guard entry[slot] < entry[heap[parent]] else { break }
      place(heap[parent], at: index)
      index = parent
    }
    place(slot, at: index)
  }

  private mutating func sink(_ slot: Int) {
    var index = position[slot]
    while 2 * index + 1 < heap.count {
      var child = 2 * index + 1
      if child + 1 < heap.count, entry[heap[child + 1]] < entry[heap[child]] { child += 1 }
      guard entry[heap[child]] < entry[slot] else { break }
      place(heap[child], at: index)
      index = child
    }
    place(slot, at: index)
  }

  private mutating func place(_ slot: Int, at index: Int) {
    heap[index] = slot
    position[slot] = index
  }
}
