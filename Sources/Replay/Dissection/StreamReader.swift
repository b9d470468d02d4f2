/// Reads a stream from front to back, gaps and all.
struct StreamReader {
  /// Bytes of the stream that were taken.
  struct Taken {
    /// In the stream's octets.
    var range: Range<Int>
    /// How many of them stand before the first gap.
    var leading: Int
    /// Whether none is missing, neither in a gap nor at the end.
    var isWhole: Bool
  }

  let stream: RecordedStream
  private(set) var index = 0
  private var gap = 0
  /// Bytes of the next gap that were passed over.
  private var passed = 0

  init(_ stream: RecordedStream) { self.stream = stream }

  var isAtEnd: Bool { index >= stream.octets.count }
  /// Where no byte is missing before.
  var limit: Int { gap < stream.gaps.count ? stream.gaps[gap].index : stream.octets.count }

  /// The bytes up to the end of the line after `from`, its line feed too; nil when it is longer
  /// than `longest` or does not end before a gap.
  func lineEnd(from start: Int, longest: Int) -> Int? {
    let (end, overflow) = start.addingReportingOverflow(longest)
    let limit = overflow ? self.limit : min(self.limit, end)
    var index = start
    while index < limit {
      if stream.octets[index] == 0x0a { return index + 1 }
      index += 1
    }
    return nil
  }

  /// Where the head that begins here ends, its empty line included; lines may end with a line feed
  /// alone (RFC 9112 §2.2).
  func headEnd(longest: Int) -> Int? {
    var start = index
    while let end = lineEnd(from: start, longest: longest - (start - index)) {
      let isEmpty = end - start == 1 || (end - start == 2 && stream.octets[start] == 0x0d)
      if isEmpty { return end }
      start = end
    }
    return nil
  }

  /// Passes over the empty lines that a client may send before a request (RFC 9112 §2.2).
  mutating func skipEmptyLines() {
    while index < limit, stream.octets[index] == 0x0d || stream.octets[index] == 0x0a {
      index += 1
    }
  }

  /// Goes on to `index`, before which there is no gap.
  mutating func advance(to index: Int) { self.index = index }

  /// Takes `count` bytes, counting those that are missing.
  mutating func take(_ count: Int) -> Taken {
    let start = index
    var left = count
    var leading: Int?
    while left > 0 {
      let present = min(left, limit - index)
      index += present
      left -= present
      guard left > 0 else { break }
      if leading == nil { leading = index - start }
      guard gap < stream.gaps.count else { break }
      let missing = min(left, stream.gaps[gap].count - passed)
      left -= missing
      passed += missing
      if passed == stream.gaps[gap].count {
        gap += 1
        passed = 0
      }
    }
    return Taken(
      range: start..<index, leading: leading ?? (index - start), isWhole: leading == nil)
  }

  /// Takes all that is left; whole when the stream was closed properly.
  mutating func takeRest() -> Taken {
    let start = index
    let leading = limit - start
    let isWhole = gap == stream.gaps.count && stream.isFinished
    index = stream.octets.count
    gap = stream.gaps.count
    return Taken(range: start..<index, leading: leading, isWhole: isWhole)
  }
}
