/// An Ethernet hardware address, held in one word so that it costs no allocation.
package struct MACAddress: Hashable, Sendable {
  /// The six octets as one number, the first octet highest; the upper 16 bits are 0.
  package let number: UInt64

  package init(number: UInt64) { self.number = number & 0xffff_ffff_ffff }

  package init(
    _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, _ f: UInt8
  ) {
    let high = UInt64(a) << 40 | UInt64(b) << 32 | UInt64(c) << 24
    number = high | UInt64(d) << 16 | UInt64(e) << 8 | UInt64(f)
  }

  /// Reads six pairs of hexadecimal digits, between them `:` or `-` throughout, or nothing.
  package init?(_ text: some StringProtocol) {
    var number: UInt64 = 0
    var digits = 0
    var separators = 0
    var separator: UInt8?
    for character in text.utf8 {
      switch character {
      case UInt8(ascii: ":"), UInt8(ascii: "-"):
        guard digits == 2 * (separators + 1), separator == nil || separator == character else {
          return nil
        }
        separators += 1
        separator = character
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        number = number << 4 | UInt64(character - UInt8(ascii: "0"))
        digits += 1
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        number = number << 4 | UInt64((character | 0x20) - UInt8(ascii: "a") + 10)
        digits += 1
      default: return nil
      }
      guard digits <= 12 else { return nil }
    }
    guard digits == 12, separators == 0 || separators == 5 else { return nil }
    self.number = number
  }

  package static let zero = MACAddress(number: 0)
  package static let broadcast = MACAddress(number: 0xffff_ffff_ffff)

  package var octets: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) {
    (
      octet(0), octet(1), octet(2), octet(3), octet(4), octet(5)
    )
  }

  /// Octet `index`, 0 … 5, in the order of the wire.
  package func octet(_ index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: number >> UInt64(40 - 8 * index))
  }

  /// Whether one interface can have it: neither all zero nor a group address.
  package var isUnicast: Bool { number != 0 && octet(0) & 1 == 0 }

  /// Lower-case pairs with dashes, as in URLs, file names and `01-MAC`.
  package var dashed: String { text(separator: "-") }

  private func text(separator: String) -> String {
    var text = ""
    for index in 0..<6 {
      if index > 0 { text += separator }
      if octet(index) < 16 { text += "0" }
      text += String(octet(index), radix: 16)
    }
    return text
  }
}

extension MACAddress: CustomStringConvertible {
  package var description: String { text(separator: ":") }
}
