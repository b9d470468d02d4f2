/// Octets as hexadecimal text and back.
package enum Hexadecimal {
  /// Two lower-case digits an octet, with `separator` between octets.
  package static func text(_ octets: some Sequence<UInt8>, separator: String = "") -> String {
    var text = ""
    for octet in octets {
      if !text.isEmpty { text += separator }
      if octet < 16 { text += "0" }
      text += String(octet, radix: 16)
    }
    return text
  }

  /// The octets of `text`, which holds an even number of digits and nothing else; else nil.
  package static func octets(_ text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var octets: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
      octets.append(high << 4 | low)
    }
    return octets
  }

  /// The value of one digit in either case; nil for anything else.
  package static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
