/// A set of option codes without allocation: one bit for each of the 256.
struct OptionCodes: Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  func contains(_ code: UInt8) -> Bool {
    let word =
      switch code >> 6 {
      case 0: words.0
      case 1: words.1
      case 2: words.2
      default: words.3
      }
    return word & Self.bit(code) != 0
  }

  mutating func insert(_ code: UInt8) {
    switch code >> 6 {
    case 0: words.0 |= Self.bit(code)
    case 1: words.1 |= Self.bit(code)
    case 2: words.2 |= Self.bit(code)
    default: words.3 |= Self.bit(code)
    }
  }

  private static func bit(_ code: UInt8) -> UInt64 { 1 << UInt64(code & 63) }
}
