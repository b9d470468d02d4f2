import ArgumentParser

/// A duration as the configuration writes it: `90s`, `30m`, `2h`, `1d`.
struct ExpiryText: ExpressibleByArgument, Equatable {
  let seconds: Int
  /// As it was written.
  let text: String

  init?(argument: String) {
    let units = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let unit = argument.last.flatMap({ units[String($0)] }) else { return nil }
    let digits = argument.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      digits.first != "0", let count = Int(digits)
    else { return nil }
    let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    self.seconds = seconds
    text = argument
  }
}
