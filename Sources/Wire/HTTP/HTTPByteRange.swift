import Bytes

/// What a Range field asks for (RFC 9110 §14.2).
package enum HTTPByteRange: Equatable, Sendable {
  /// No range, or none that we serve alone: several ranges, another unit, or a syntax error. All
  /// of it is sent, which every client must take.
  case whole
  /// From `first` on, up to `last` inclusive or to the end.
  case from(first: UInt64, last: UInt64?)
  /// The last bytes, this many.
  case suffix(UInt64)

  package init(_ value: RawSpan) {
    self = .whole
    guard value.byteCount > 6, value.extracting(0..<6).equalsIgnoringCase("bytes=") else { return }
    let text = value.extracting(6...).trimmed
    guard let dash = text.firstIndex(of: 0x2d) else { return }
    let last = text.extracting((dash + 1)...)
    if dash == 0 {
      if let count = last.decimal { self = .suffix(count) }
      return
    }
    guard let first = text.extracting(0..<dash).decimal else { return }
    if last.byteCount == 0 {
      self = .from(first: first, last: nil)
    } else if let last = last.decimal, last >= first {
      self = .from(first: first, last: last)
    }
  }

  /// What is sent of `size` bytes.
  package func selection(of size: UInt64) -> HTTPSelection {
    switch self {
    case .whole: return .whole
    case .from(let first, let last):
      guard first < size else { return .unsatisfiable }
      return .part(offset: first, count: min(last ?? size - 1, size - 1) - first + 1)
    case .suffix(let count):
      guard count > 0, size > 0 else { return .unsatisfiable }
      return .part(offset: size - min(count, size), count: min(count, size))
    }
  }
}

/// The part of a file that a response holds.
package enum HTTPSelection: Equatable, Sendable {
  /// 200 with all bytes.
  case whole
  /// 206 with some.
  case part(offset: UInt64, count: UInt64)
  /// 416 with none.
  case unsatisfiable
}
