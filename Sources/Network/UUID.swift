/// A machine's UUID, its octets in the order in which `dmidecode` prints them.
///
/// Never an identity by itself: whole product lines share one (00020003-0004-0005-0006-…), and
/// HP sends a zero-padded serial number instead.
package struct UUID: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads 8-4-4-4-12 hexadecimal digits as SMBIOS tools and iPXE's `${uuid}` print them; nil for
  /// anything else.
  package init?(_ text: some StringProtocol) {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
    guard groups.allSatisfy({ $0.utf8.allSatisfy(Self.isHexadecimal) }),
      let high = UInt64(groups[0..<3].joined(), radix: 16),
      let low = UInt64(groups[3..<5].joined(), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// The first three fields in the other order of octets: where SMBIOS has them little-endian and
  /// a program takes them for big-endian, as PXELINUX does on some firmware.
  package var swapped: UUID {
    let first = UInt32(truncatingIfNeeded: high >> 32).byteSwapped
    let second = UInt16(truncatingIfNeeded: high >> 16).byteSwapped
    let third = UInt16(truncatingIfNeeded: high).byteSwapped
    return UUID(high: UInt64(first) << 32 | UInt64(second) << 16 | UInt64(third), low: low)
  }

  private static func isHexadecimal(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
  }
}

extension UUID: CustomStringConvertible {
  package var description: String {
    func digits(_ value: UInt64, _ count: Int) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    return [
      digits(high >> 32, 8), digits(high >> 16 & 0xffff, 4), digits(high & 0xffff, 4),
      digits(low >> 48, 4), digits(low & 0xffff_ffff_ffff, 12),
    ].joined(separator: "-")
  }
}
