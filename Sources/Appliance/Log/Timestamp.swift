import Network

/// A wall-clock time as RFC 3339 writes it, in UTC with milliseconds.
package struct Timestamp: CustomStringConvertible {
  package let description: String

  package init(_ time: UnixTime) {
    let milliseconds = (time.nanoseconds - time.seconds * 1_000_000_000) / 1_000_000
    let days = Self.floorDivide(time.seconds, 86_400)
    let second = time.seconds - days * 86_400
    let (year, month, day) = Self.civil(days)
    description =
      "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))"
      + "T\(Self.pad(second / 3600, 2)):\(Self.pad(second / 60 % 60, 2))"
      + ":\(Self.pad(second % 60, 2)).\(Self.pad(milliseconds, 3))Z"
  }

  /// The proleptic Gregorian date of a day counted from 1970-01-01, by eras of 400 years.
  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
    number / divisor - (number % divisor < 0 ? 1 : 0)
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
