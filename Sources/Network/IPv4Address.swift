/// An IPv4 address.
package struct IPv4Address: Hashable, Sendable {
  /// The four octets as one number in host order, the first octet highest.
  package var number: UInt32

  package init(_ number: UInt32) { self.number = number }

  package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    number = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// Reads dotted decimal, four parts without leading zeros; nil for anything else.
  package init?(_ text: some StringProtocol) {
    var number: UInt32 = 0
    var parts = 0
    for part in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      guard parts < 4, (1...3).contains(part.count) else { return nil }
      if part.count > 1, part.first == UInt8(ascii: "0") { return nil }
      var value: UInt32 = 0
      for digit in part {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        value = value * 10 + UInt32(digit - UInt8(ascii: "0"))
      }
      guard value <= 255 else { return nil }
      number = number << 8 | value
      parts += 1
    }
    guard parts == 4 else { return nil }
    self.number = number
  }

  /// 0.0.0.0: no address yet, or any.
  package static let unspecified = IPv4Address(0)
  /// 255.255.255.255: everyone on this link.
  package static let broadcast = IPv4Address(UInt32.max)

  package var octets: (UInt8, UInt8, UInt8, UInt8) {
    (
      UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
      UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)
    )
  }

  /// Whether one machine can have this address: not 0/8, not 127/8, not multicast or above.
  package var isUnicast: Bool {
    let first = number >> 24
    return first != 0 && first != 127 && first < 224
  }
}

extension IPv4Address: Comparable {
  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

extension IPv4Address: CustomStringConvertible {
  package var description: String {
    let (a, b, c, d) = octets
    return "\(a).\(b).\(c).\(d)"
  }
}

extension IPv4Address {
  /// Whether it is of a network that is nobody's in the Internet: this host (RFC 1122), private
  /// (RFC 1918), shared (RFC 6598), link-local (RFC 3927).
  package var isPrivate: Bool { Self.privatePrefixes.contains { $0.contains(self) } }

  private static let privatePrefixes = [
    IPv4Prefix(IPv4Address(0, 0, 0, 0), length: 8), IPv4Prefix(IPv4Address(10, 0, 0, 0), length: 8),
    IPv4Prefix(IPv4Address(100, 64, 0, 0), length: 10),
    IPv4Prefix(IPv4Address(127, 0, 0, 0), length: 8),
    IPv4Prefix(IPv4Address(169, 254, 0, 0), length: 16),
    IPv4Prefix(IPv4Address(172, 16, 0, 0), length: 12),
    IPv4Prefix(IPv4Address(192, 168, 0, 0), length: 16),
  ]
}
