extension IPv6Address {
  /// Reads the text forms of RFC 4291 §2.2; nil for anything else, zones (`%eth0`) too.
  package init?(_ text: some StringProtocol) {
    var groups: [UInt16] = []
    var gap: Int?
    var rest = Array(text.utf8)[...]
    let colon = UInt8(ascii: ":")
    if rest.starts(with: "::".utf8) {
      gap = 0
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      guard groups.count < 8 else { return nil }
      let part = rest.prefix { $0 != colon }
      rest = rest.dropFirst(part.count)
      if part.contains(UInt8(ascii: ".")) {
        guard rest.isEmpty, let address = IPv4Address(String(decoding: part, as: UTF8.self)) else {
          return nil
        }
        groups.append(UInt16(address.number >> 16))
        groups.append(UInt16(truncatingIfNeeded: address.number))
        break
      }
      guard (1...4).contains(part.count), let group = Self.hexadecimal(part) else { return nil }
      groups.append(group)
      guard !rest.isEmpty else { break }
      rest = rest.dropFirst()
      if rest.first == colon {
        guard gap == nil else { return nil }
        gap = groups.count
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return nil
      }
    }
    if let gap {
      guard groups.count < 8 else { return nil }
      groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    }
    guard groups.count == 8 else { return nil }
    self.init(
      high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
      low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
  }

  private static func hexadecimal(_ digits: some Collection<UInt8>) -> UInt16? {
    var number: UInt16 = 0
    for digit in digits {
      switch digit {
      case 0x30...0x39: number = number << 4 | UInt16(digit - 0x30)
      case 0x41...0x46: number = number << 4 | UInt16(digit - 0x41 + 10)
      case 0x61...0x66: number = number << 4 | UInt16(digit - 0x61 + 10)
      default: return nil
      }
    }
    return number
  }

  /// In network order.
  package var octets: [UInt8] {
    [high, low].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
    }
  }

  /// Whether it is nobody's in the Internet: `::`, `::1`, unique local (RFC 4193), link-local, or
  /// a private IPv4 address mapped into IPv6.
  package var isPrivate: Bool {
    if high == 0, low <= 1 { return true }
    if high >> 57 == 0xfc >> 1 || isLinkLocal { return true }
    guard high == 0, low >> 32 == 0xffff || low >> 32 == 0 else { return false }
    return IPv4Address(UInt32(truncatingIfNeeded: low)).isPrivate
  }

  /// ::1.
  package var isLoopback: Bool { high == 0 && low == 1 }
}
