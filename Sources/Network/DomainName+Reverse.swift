extension DomainName {
  /// The name by which an address is looked up (RFC 1035 §3.5):
  /// `7.0.77.10.in-addr.arpa` for 10.77.0.7; with `octetCount` below 4 the zone of that many first
  /// octets.
  package init(reverse address: IPv4Address, octetCount: Int = 4) {
    self.init()
    for index in (0..<octetCount).reversed() {
      let octet = UInt8(truncatingIfNeeded: address.number >> UInt32(24 - 8 * index))
      append(label: String(octet).utf8)
    }
    append(label: "in-addr".utf8)
    append(label: "arpa".utf8)
  }

  /// The address that the name is the reverse of; nil when it is of none.
  package var reversedAddress: IPv4Address? {
    var number: UInt32 = 0
    var start = 0
    for index in 0..<4 {
      guard let octet = decimal(at: start) else { return nil }
      number |= UInt32(octet) << UInt32(8 * index)
      start = next(after: start)
    }
    return octets[start...].elementsEqual(Self.reverseRoot) ? IPv4Address(number) : nil
  }

  /// Whether it is the reverse of some of an address's first octets: `77.10.in-addr.arpa`.
  package var isPartlyReversed: Bool {
    var start = 0
    for _ in 0..<3 {
      guard decimal(at: start) != nil else { return false }
      start = next(after: start)
      if octets[start...].elementsEqual(Self.reverseRoot) { return true }
    }
    return false
  }

  /// The number of the label at `start`, 0 to 255 without leading zeros.
  private func decimal(at start: Int) -> UInt8? {
    let count = Int(octets[start])
    guard (1...3).contains(count) else { return nil }
    var number = 0
    for octet in octets[start + 1...start + count] {
      guard (0x30...0x39).contains(octet) else { return nil }
      number = number * 10 + Int(octet - 0x30)
    }
    if count > 1, octets[start + 1] == 0x30 { return nil }
    return UInt8(exactly: number)
  }

  private static let reverseRoot: [UInt8] = Array("\u{7}in-addr\u{4}arpa\0".utf8)
}
