import Network

/// What is on its way over a virtual link.
enum Delivery: Sendable {
  /// A machine is switched on.
  case power(client: Int)
  case datagram(server: Int, Arrival, [UInt8])
  case answer(client: Int, SentDatagram)
  case httpRequest(client: Int, connection: Int, to: Endpoint, [UInt8])
  case httpResponse(client: Int, connection: Int, ClientResponse)
  case hangUp(client: Int, connection: Int)
}

/// Deliveries by the time when they arrive; of those that arrive together, the one sent first is
/// the first. A binary heap.
struct DeliveryQueue: Sendable {
  private struct Entry: Sendable {
    let time: Instant
    let number: UInt64
    let delivery: Delivery

    func precedes(_ other: Entry) -> Bool {
      time == other.time ? number < other.number : time < other.time
    }
  }

  private var heap: [Entry] = []
  private var count: UInt64 = 0

  var nextTime: Instant? { heap.first?.time }

  mutating func push(_ delivery: Delivery, at time: Instant) {
    count += 1
    heap.append(Entry(time: time, number: count, delivery: delivery))
    var index = heap.count - 1
    while index > 0, heap[index].precedes(heap[(index - 1) / 2]) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func pop() -> Delivery? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first.delivery }
    heap[0] = last
    var index = 0
    while true {
      let left = 2 * index + 1
      guard left < heap.count else { break }
      let right = left + 1
      let child = right < heap.count && heap[right].precedes(heap[left]) ? right : left
      guard heap[child].precedes(heap[index]) else { break }
      heap.swapAt(index, child)
      index = child
    }
    return first.delivery
  }
}
