/// Takes tokens and credentials out of what is passed on, and leaves every length as it was:
/// ``Boot/BootToken/masked(_:)`` for octets that others count. Masking twice is masking once.
package enum TokenMask {
  private static let shortest = 32
  private static let mark = UInt8(ascii: "~")
  /// Fields whose values open doors (RFC 9110 §11.6.2, §11.7.2; RFC 6265).
  private static let secretFields: Set<String> = [
    "authorization", "proxy-authorization", "cookie", "set-cookie",
  ]

  /// What stands for each octet that is taken out.
  static var octet: UInt8 { mark }

  /// Where runs of hexadecimal digits stand that could hold a token. A percent sign writes digits too.
  static func ranges(in octets: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for index in 0...octets.count {
      if index < octets.count, isPartOfDigits(octets[index]) { continue }
      if index - start >= shortest { ranges.append(start..<index) }
      start = index + 1
    }
    return ranges
  }

  /// The same in the head of an HTTP message, and the values of fields that hold credentials.
  static func ranges(inHead octets: [UInt8]) -> [Range<Int>] {
    var ranges = ranges(in: octets)
    var start = 0
    var isSecret = false
    while start < octets.count {
      let end = octets[start...].firstIndex(of: 0x0a) ?? octets.count
      let last = end > start && octets[end - 1] == 0x0d ? end - 1 : end
      // A line that begins with a blank goes on with the value of the one before (RFC 9112 §5.2).
      if isSecret, octets[start] == 0x20 || octets[start] == 0x09 {
        ranges.append(start..<last)
      } else {
        let colon = octets[start..<last].firstIndex(of: 0x3a)
        isSecret = colon.map { isSecretField(octets[start..<$0]) } ?? false
        if isSecret, let colon, colon + 1 < last { ranges.append(colon + 1..<last) }
      }
      start = end + 1
    }
    return ranges
  }

  /// A request with a blank before the colon is refused, and its value is a secret all the same.
  private static func isSecretField(_ name: ArraySlice<UInt8>) -> Bool {
    let name = name.filter { $0 > 0x20 }
    return name.count <= 32
      && secretFields.contains(String(decoding: name, as: UTF8.self).lowercased())
  }

  /// The octets without tokens.
  package static func masked(_ octets: [UInt8]) -> [UInt8] {
    var octets = octets
    mask(&octets)
    return octets
  }

  package static func mask(_ octets: inout [UInt8]) {
    for range in ranges(in: octets) {
      for index in range { octets[index] = mark }
    }
  }

  /// As ``mask(_:)``, of the head of an HTTP message, and the values of fields that hold credentials.
  package static func maskHead(_ octets: inout [UInt8]) {
    for range in ranges(inHead: octets) {
      for index in range where octets[index] > 0x20 { octets[index] = mark }
    }
  }

  private static func isPartOfDigits(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66, UInt8(ascii: "%"): true
    default: false
    }
  }
}
