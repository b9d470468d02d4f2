import Network

/// Numbers that look thrown and are the same for the same seed (SplitMix64).
package struct Dice: Hashable, Sendable {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var number = state
    number = (number ^ number >> 30) &* 0xbf58_476d_1ce4_e5b9
    number = (number ^ number >> 27) &* 0x94d0_49bb_1331_11eb
    return number ^ number >> 31
  }

  /// A number from 0 up to, but not, `bound`. Its bias is below one in 2³² for bounds that matter.
  package mutating func roll(_ bound: Int) -> Int {
    precondition(bound > 0, "dice have a side at least")
    return Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(bound)) >> 32)
  }

  /// True in so many of ten thousand throws.
  package mutating func hits(_ myriadth: Int) -> Bool { roll(10_000) < myriadth }

  package mutating func duration(_ least: Duration, _ most: Duration) -> Duration {
    let span = (most - least).nanoseconds / 1000
    guard span > 0 else { return least }
    return least + .microseconds(Int64(roll(Int(span) + 1)))
  }

  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[roll(elements.count)]
  }
}
