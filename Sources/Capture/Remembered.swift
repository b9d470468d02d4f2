/// The latest so many values by their keys; the oldest key is forgotten for a new one.
struct Remembered<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let capacity: Int
  private var values: [Key: Value] = [:]
  /// In the order in which they came, as a ring once it is full.
  private var keys: [Key] = []
  private var oldest = 0

  init(capacity: Int) {
    precondition(capacity > 0, "nothing is remembered in no room")
    self.capacity = capacity
  }

  subscript(key: Key) -> Value? { values[key] }

  mutating func remember(_ value: Value, for key: Key) {
    guard values.updateValue(value, forKey: key) == nil else { return }
    guard keys.count == capacity else {
      keys.append(key)
      return
    }
    values[keys[oldest]] = nil
    keys[oldest] = key
    oldest = (oldest + 1) % capacity
  }
}
