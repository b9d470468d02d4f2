/// The addresses that share their first bits, as 10.77.0.0/16.
package struct IPv4Prefix: Hashable, Sendable {
  /// The first address: all bits after the prefix are 0.
  package let network: IPv4Address
  /// Number of shared bits, 0 … 32.
  package let length: Int

  /// The prefix that holds `address`. `length` must lie in 0 … 32.
  package init(_ address: IPv4Address, length: Int) {
    precondition((0...32).contains(length), "a prefix has 0 to 32 bits")
    self.length = length
    self.network = IPv4Address(address.number & Self.mask(length))
  }

  /// Reads `10.77.0.0/16`; nil when it is no prefix or has bits set after its length.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(parts[0]), parts[1].count <= 2,
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
      length <= 32
    else { return nil }
    self.init(address, length: length)
    guard network == address else { return nil }
  }

  package var netmask: IPv4Address { IPv4Address(Self.mask(length)) }

  /// The last address, which everyone on the subnet hears.
  package var broadcast: IPv4Address { IPv4Address(network.number | ~Self.mask(length)) }

  package func contains(_ address: IPv4Address) -> Bool {
    address.number & Self.mask(length) == network.number
  }

  /// Whether a machine can have `address` here: within, and neither the network's own nor the
  /// broadcast address (prefixes of 31 and 32 bits have neither, RFC 3021).
  package func canHost(_ address: IPv4Address) -> Bool {
    guard contains(address) else { return false }
    return length >= 31 || (address != network && address != broadcast)
  }

  private static func mask(_ length: Int) -> UInt32 {
    length == 0 ? 0 : UInt32.max << UInt32(32 - length)
  }
}

extension IPv4Prefix: CustomStringConvertible {
  package var description: String { "\(network)/\(length)" }
}
