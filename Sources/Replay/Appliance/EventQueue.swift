import Network

/// What is to happen, the earliest first; of one instant, what was added first.
struct EventQueue<Element: Sendable>: Sendable {
  private struct Entry: Sendable {
    let time: Instant
    let serial: Int
    let element: Element

    func precedes(_ other: Entry) -> Bool {
      time == other.time ? serial < other.serial : time < other.time
    }
  }

  /// In heap order.
  private var heap: [Entry] = []
  private var serial = 0

  var earliest: Instant? { heap.first?.time }

  mutating func add(_ element: Element, at time: Instant) {
    serial += 1
    heap.append(Entry(time: time, serial: serial, element: element))
    var child = heap.count - 1
    while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeEarliest() -> (time: Instant, element: Element)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.time, first.element)
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [parent * 2 + 1, parent * 2 + 2]
      where child < heap.count && heap[child].precedes(heap[least]) { least = child }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
