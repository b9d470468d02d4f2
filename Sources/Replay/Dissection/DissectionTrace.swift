import Bytes
import Network
import Wire

/// Where a capture holds what was understood and is no content, for ``Elision``.
struct DissectionTrace {
  /// A packet of UDP, TCP or ICMP, as places in frames.
  struct Packet {
    var places: [Place]
    /// The two octets of its checksum; nil where it has none.
    var checksum: Place?
    /// Whether 0 stands for no checksum, as in UDP (RFC 768).
    var isOptional = false
  }

  private(set) var packets: [Packet] = []
  /// Heads, and messages that are nobody's files.
  private(set) var kept: [Place] = []
  /// What of these is a token or a credential.
  private(set) var secrets: [Place] = []

  /// DHCP's and DNS's: what they say stays whole.
  static let messagePorts: Set<UInt16> = [53, 67, 68, 4011]

  mutating func keep(_ places: [Place]) { kept += places }

  mutating func hide(_ places: [Place]) { secrets += places }

  mutating func takeDatagram(_ payload: InternetPayload) {
    take(payload, checksumAt: 6, isOptional: true)
    keep(payload, count: UDPDatagram.headLength)
    guard isMessage(payload) else { return }
    keep(payload, count: payload.range.count)
  }

  mutating func takeSegment(_ payload: InternetPayload) {
    take(payload, checksumAt: 16)
    guard payload.range.count >= TCPSegment.headLength else { return }
    let words = payload.octets[payload.range.lowerBound + 12] >> 4
    keep(payload, count: isMessage(payload) ? payload.range.count : Int(words) * 4)
  }

  /// Of ICMP's errors the heads of the packet that they answer stay (RFC 792), not what was in it.
  mutating func takeOther(_ payload: InternetPayload) {
    guard payload.protocolNumber == 1 else { return take(payload, checksumAt: nil) }
    take(payload, checksumAt: 2)
    keep(payload, count: 36)
  }

  private func isMessage(_ payload: InternetPayload) -> Bool {
    guard payload.range.count >= 4 else { return false }
    let octets = payload.octets[payload.range.prefix(4)].map(UInt16.init)
    return Self.messagePorts.contains(octets[0] << 8 | octets[1])
      || Self.messagePorts.contains(octets[2] << 8 | octets[3])
  }

  private mutating func take(
    _ payload: InternetPayload, checksumAt offset: Int?, isOptional: Bool = false
  ) {
    let start = payload.range.lowerBound
    packets.append(
      Packet(
        places: payload.places(of: payload.range, from: 0),
        checksum: offset.flatMap { offset in
          guard payload.range.count >= offset + 2 else { return nil }
          let place = payload.places(of: start + offset..<start + offset + 2, from: 0).first
          return place?.count == 2 ? place : nil
        }, isOptional: isOptional))
  }

  private mutating func keep(_ payload: InternetPayload, count: Int) {
    let start = payload.range.lowerBound
    let end = start + min(count, payload.range.count)
    kept += payload.places(of: start..<end, from: 0)
  }
}
