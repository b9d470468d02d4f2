/// How long something has taken, for people: `4s`, `2m05s`, `1h02m`.
struct Elapsed: CustomStringConvertible {
  let description: String

  init(seconds: Int) {
    let seconds = max(0, seconds)
    switch seconds {
    case ..<60: description = "\(seconds)s"
    case ..<3600: description = "\(seconds / 60)m\(Self.two(seconds % 60))s"
    case _: description = "\(seconds / 3600)h\(Self.two(seconds / 60 % 60))m"
    }
  }

  init(since start: ContinuousClock.Instant) {
    self.init(seconds: Int(start.duration(to: .now).components.seconds))
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
