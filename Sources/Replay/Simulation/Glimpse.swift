import Network

/// A DHCP message as a checker reads it: by its octets, trusting no decoder of ours.
struct DHCPGlimpse: Sendable {
  let isRequest: Bool
  let transactionID: UInt32
  let clientAddress: IPv4Address
  let yourAddress: IPv4Address
  let machine: MACAddress
  private(set) var type: UInt8 = 0
  private(set) var leaseSeconds: UInt32?
  private(set) var server: IPv4Address?

  static let discover: UInt8 = 1
  static let offer: UInt8 = 2
  static let request: UInt8 = 3
  static let decline: UInt8 = 4
  static let ack: UInt8 = 5
  static let nak: UInt8 = 6
  static let release: UInt8 = 7

  init?(_ octets: [UInt8]) {
    guard octets.count > 240, octets[236...239].elementsEqual([0x63, 0x82, 0x53, 0x63]) else {
      return nil
    }
    isRequest = octets[0] == 1
    transactionID = Self.number(octets, 4)
    clientAddress = IPv4Address(Self.number(octets, 12))
    yourAddress = IPv4Address(Self.number(octets, 16))
    machine = MACAddress(octets[28], octets[29], octets[30], octets[31], octets[32], octets[33])
    var offset = 240
    while offset + 1 < octets.count, octets[offset] != 255 {
      guard octets[offset] != 0 else {
        offset += 1
        continue
      }
      let count = Int(octets[offset + 1])
      guard offset + 2 + count <= octets.count else { return }
      switch (octets[offset], count) {
      case (51, 4): leaseSeconds = Self.number(octets, offset + 2)
      case (53, 1): type = octets[offset + 2]
      case (54, 4): server = IPv4Address(Self.number(octets, offset + 2))
      case (_, _): break
      }
      offset += 2 + count
    }
  }

  private static func number(_ octets: [UInt8], _ offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 << 8 | UInt32(octets[offset + $1]) }
  }
}

/// A TFTP packet, likewise.
struct TFTPGlimpse: Sendable {
  let operation: UInt8
  /// Of DATA and ACK.
  let number: UInt16

  static let readRequest: UInt8 = 1
  static let block: UInt8 = 3
  static let acknowledgement: UInt8 = 4
  static let options: UInt8 = 6

  init?(_ octets: [UInt8]) {
    guard octets.count >= 4, octets[0] == 0 else { return nil }
    operation = octets[1]
    number = UInt16(octets[2]) << 8 | UInt16(octets[3])
  }

  /// The texts that a request or an OACK holds, each ended by a NUL.
  static func texts(_ octets: [UInt8]) -> [String] {
    octets.dropFirst(2).split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The value of an option among them.
  static func value(of option: String, in texts: [String]) -> Int? {
    texts.firstIndex { $0.lowercased() == option }
      .flatMap { $0 + 1 < texts.count ? Int(texts[$0 + 1]) : nil }
  }
}
