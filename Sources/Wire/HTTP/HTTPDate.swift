import Bytes
import Network

/// A point in time as HTTP writes it: whole seconds, always GMT (RFC 9110 §5.6.7).
package struct HTTPDate: Equatable, Sendable {
  /// Since 1970-01-01 UTC; within the years 1970 … 9999.
  package let seconds: Int64

  /// The last second of the year 9999, which is the last that the format can write.
  private static let last: Int64 = 253_402_300_799

  package init(seconds: Int64) { self.seconds = min(max(seconds, 0), Self.last) }

  package init(_ time: UnixTime) { self.init(seconds: time.seconds) }

  /// Appends `Sun, 06 Nov 1994 08:49:37 GMT`.
  package func encode(into writer: inout ByteWriter) {
    let day = seconds / 86400
    let date = CivilDate(day: day)
    writer.write(literal: Self.weekdays[Int((day + 4) % 7)])
    writer.write(literal: ", ")
    Self.write(date.day, into: &writer)
    writer.write(literal: " ")
    writer.write(literal: Self.months[date.month - 1])
    writer.write(literal: " ")
    Self.write(date.year / 100, into: &writer)
    Self.write(date.year % 100, into: &writer)
    let second = Int(seconds % 86400)
    writer.write(literal: " ")
    Self.write(second / 3600, into: &writer)
    writer.write(literal: ":")
    Self.write(second / 60 % 60, into: &writer)
    writer.write(literal: ":")
    Self.write(second % 60, into: &writer)
    writer.write(literal: " GMT")
  }

  /// Reads the three forms that a recipient must take: IMF-fixdate, RFC 850 and asctime. The day
  /// of the week is skipped. Nil for anything else, and the field then counts as not sent.
  package init?(_ text: RawSpan) {
    var reader = HTTPDateReader(text)
    guard let parts = reader.read(), let seconds = parts.seconds else { return nil }
    self.init(seconds: seconds)
  }

  private static let weekdays: [StaticString] = [
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
  ]
  static let months: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func write(_ number: Int, into writer: inout ByteWriter) {
    writer.write(UInt8(0x30 + number / 10 % 10))
    writer.write(UInt8(0x30 + number % 10))
  }
}

/// A day of the Gregorian calendar.
struct CivilDate: Equatable {
  var year: Int
  /// 1 … 12
  var month: Int
  /// 1 … 31
  var day: Int

  init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// - Parameter day: Days since 1970-01-01, not negative.
  init(day: Int64) {
    // Years are counted from March, so that the leap day is the last of its year.
    let shifted = Int(day) + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1970-01-01.
  var dayNumber: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }
}
