/// The checksum of Ethernet, zip and U-Boot: polynomial 0x04c11db7, reflected.
package struct CRC32: Hashable, Sendable {
  package let value: UInt32

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
  }

  package init(of octets: some Sequence<UInt8>) {
    var sum: UInt32 = 0xffff_ffff
    for octet in octets {
      sum = sum >> 8 ^ Self.table[Int(UInt8(truncatingIfNeeded: sum) ^ octet)]
    }
    value = ~sum
  }
}
