import Bytes

/// What a decoder must survive: every prefix of a packet, and the packet with each octet in turn
/// replaced by 0, 1 and 255.
enum Mutants {
  static func each(of packet: [UInt8], _ body: ([UInt8]) throws -> Void) rethrows {
    for count in 0..<packet.count { try body(Array(packet[..<count])) }
    for index in packet.indices {
      for octet: UInt8 in [0, 1, 255] {
        var mutant = packet
        mutant[index] = octet
        try body(mutant)
      }
    }
  }
}
