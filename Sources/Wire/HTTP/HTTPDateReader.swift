import Bytes

/// Reads the parts of an HTTP date in any of its three forms.
struct HTTPDateReader: ~Escapable {
  private let text: RawSpan
  private var offset = 0

  @_lifetime(copy text)
  init(_ text: RawSpan) { self.text = text }

  struct Parts {
    var date = CivilDate(year: 1970, month: 1, day: 1)
    var hour = 0
    var minute = 0
    var second = 0

    /// Nil when there is no such time; the leap second counts as the one before it.
    var seconds: Int64? {
      guard (1970...9999).contains(date.year), (1...31).contains(date.day), hour < 24,
        minute < 60, second <= 60, CivilDate(day: date.dayNumber) == date
      else { return nil }
      return date.dayNumber * 86400 + Int64(hour * 3600 + minute * 60 + min(second, 59))
    }
  }

  mutating func read() -> Parts? {
    guard text.byteCount <= 40 else { return nil }
    var parts = Parts()
    if let comma = text.firstIndex(of: 0x2c) {
      offset = comma + 1
      guard skip(0x20), let day = number(2), skip(0x20) || skip(0x2d), let month = month(),
        skip(0x20) || skip(0x2d), let year = year(), skip(0x20), time(&parts), skip(0x20),
        text.extracting(offset...).equals("GMT")
      else { return nil }
      parts.date = CivilDate(year: year, month: month, day: day)
      return parts
    }
    offset = 3
    guard text.byteCount == 24, skip(0x20), let month = month(), skip(0x20) else { return nil }
    _ = skip(0x20)
    guard let day = number(offset == 9 ? 1 : 2), skip(0x20), time(&parts), skip(0x20),
      let year = number(4), offset == text.byteCount
    else { return nil }
    parts.date = CivilDate(year: year, month: month, day: day)
    return parts
  }

  private mutating func time(_ parts: inout Parts) -> Bool {
    guard let hour = number(2), skip(0x3a), let minute = number(2), skip(0x3a),
      let second = number(2)
    else { return false }
    parts.hour = hour
    parts.minute = minute
    parts.second = second
    return true
  }

  private mutating func month() -> Int? {
    guard offset + 3 <= text.byteCount else { return nil }
    let name = text.extracting(offset..<offset + 3)
    offset += 3
    return HTTPDate.months.firstIndex { name.equals($0) }.map { $0 + 1 }
  }

  /// Four digits, or the two of RFC 850, which mean 1970 … 2069.
  private mutating func year() -> Int? {
    guard let high = number(2) else { return nil }
    guard let low = number(2) else { return high < 70 ? 2000 + high : 1900 + high }
    return high * 100 + low
  }

  private mutating func number(_ count: Int) -> Int? {
    guard offset + count <= text.byteCount,
      let value = text.extracting(offset..<offset + count).decimal
    else { return nil }
    offset += count
    return Int(value)
  }

  private mutating func skip(_ octet: UInt8) -> Bool {
    guard offset < text.byteCount, text.octet(at: offset) == octet else { return false }
    offset += 1
    return true
  }
}
