/// How often each event happened since the start.
package struct Counters: Sendable {
  private var counts: [String: Int] = [:]

  package init() {}

  package mutating func count(_ fact: Fact) { counts[fact.name, default: 0] += 1 }

  /// By name, sorted.
  package var all: [(name: String, count: Int)] {
    counts.sorted { $0.key < $1.key }.map { (name: $0.key, count: $0.value) }
  }
}
