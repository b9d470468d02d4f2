/// Takes tokens out of what is written down, and leaves its length: ``Boot/BootToken/masked(_:)`` for octets
/// that others count.
enum TokenMask {
  private static let shortest = 32
  private static let mark = UInt8(ascii: "~")

  /// Each run of hexadecimal digits that could hold a token becomes as many `~`. A percent sign writes
  /// digits too.
  static func masked(_ octets: [UInt8]) -> [UInt8] {
    var octets = octets
    mask(&octets)
    return octets
  }

  static func mask(_ octets: inout [UInt8]) {
    var start = 0
    for index in 0...octets.count {
      if index < octets.count, isPartOfDigits(octets[index]) { continue }
      if index - start >= shortest {
        for place in start..<index { octets[place] = mark }
      }
      start = index + 1
    }
  }

  private static func isPartOfDigits(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66, UInt8(ascii: "%"): true
    default: false
    }
  }
}

extension TokenMask {
  private static let secretFields = ["authorization", "proxy-authorization", "cookie"]

  /// As ``mask(_:)``, of a request's head, and the values of fields that hold credentials.
  static func maskHead(_ octets: inout [UInt8]) {
    mask(&octets)
    var start = 0
    while start < octets.count {
      let end = octets[start...].firstIndex(of: 0x0a) ?? octets.count
      if let colon = octets[start..<end].firstIndex(of: 0x3a) {
        let name = String(decoding: octets[start..<colon], as: UTF8.self).lowercased()
        if secretFields.contains(name) {
          for place in colon + 1..<end where octets[place] > 0x20 { octets[place] = mark }
        }
      }
      start = end + 1
    }
  }
}
