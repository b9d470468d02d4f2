/// Where some bytes of a whole lie that frames carried in pieces.
struct Place: Hashable, Sendable {
  /// In the whole.
  var start: Int
  var count: Int
  /// The frame, by its index among the frames that are dissected.
  var frame: Int
  /// In the frame's octets.
  var offset: Int

  var end: Int { start + count }

  /// What is left of it within `range` of the whole; nil when that is nothing.
  func clamped(to range: Range<Int>) -> Place? {
    let lower = max(start, range.lowerBound)
    let upper = min(end, range.upperBound)
    guard lower < upper else { return nil }
    return Place(
      start: lower, count: upper - lower, frame: frame, offset: offset + (lower - start))
  }
}
