/// Stands for a machine's name in the URLs of one installation: 128 bits that nobody can guess.
package struct BootToken: Hashable, Sendable {
  private let high: UInt64
  private let low: UInt64

  /// - Parameter dice: Gives 64 bits at each call that nobody can guess.
  package init(dice: () -> UInt64) {
    high = dice()
    low = dice()
  }

  /// 32 hexadecimal digits in lower case, as in URLs; nil for all else.
  package init?(_ text: some StringProtocol) {
    let octets = text.utf8
    guard octets.count == 32,
      octets.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
      let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.high = high
    self.low = low
  }

  /// For the URL only; whatever is printed shows ``description``.
  package var text: String { Self.digits(high) + Self.digits(low) }

  private static func digits(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }
}

extension BootToken {
  /// The text with a `~` in place of all that could be a token, in either case of letters: for
  /// names of requests, which anyone reads in a log.
  package static func masked(_ text: String) -> String {
    var masked: [UInt8] = []
    var run: [UInt8] = []
    for octet in Array(text.utf8) + [0] {
      if isPartOfDigits(octet) {
        run.append(octet)
        continue
      }
      masked += run.count < 32 ? run : [UInt8(ascii: "~")]
      run.removeAll(keepingCapacity: true)
      masked.append(octet)
    }
    return String(decoding: masked.dropLast(), as: UTF8.self)
  }

  /// A percent sign writes digits too.
  private static func isPartOfDigits(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66, UInt8(ascii: "%"): true
    default: false
    }
  }
}

extension BootToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "~" }
  package var debugDescription: String { "~" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
