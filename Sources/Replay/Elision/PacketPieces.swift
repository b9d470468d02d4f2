import Bytes
import Network
import Wire

/// An IPv4 packet of a recording whose fragments are put together again, as pieces of its frames.
struct PacketPieces: Sendable {
  let source: IPv4Address
  let destination: IPv4Address
  let protocolNumber: UInt8
  /// What follows the IP head, in order.
  let pieces: [Piece]
}

/// Puts fragments together (RFC 791 §3.2): in any order, repeated, but never overlapping, which no
/// honest sender does and which has been an attack.
struct PacketAssembly: Sendable {
  private var pending: [Key: Pending] = [:]
  /// In the order in which they began; the oldest is given up for a new one.
  private var order: [Key] = []
  private static let capacity = 256

  private struct Key: Hashable, Sendable {
    let source: IPv4Address
    let destination: IPv4Address
    let protocolNumber: UInt8
    let identification: UInt16
  }

  private struct Pending: Sendable {
    var fragments: [Int: Piece] = [:]
    var end: Int?
    var octetCount = 0
  }

  /// Takes the packet at `start` of a frame; gives it when it is whole.
  mutating func take(
    _ packet: borrowing IPv4Packet, _ payload: Piece
  ) -> PacketPieces? {
    guard packet.isFragment else {
      return PacketPieces(
        source: packet.source, destination: packet.destination,
        protocolNumber: packet.protocolNumber, pieces: [payload])
    }
    let key = Key(
      source: packet.source, destination: packet.destination,
      protocolNumber: packet.protocolNumber, identification: packet.identification)
    if pending[key] == nil {
      if order.count == Self.capacity { pending[order.removeFirst()] = nil }
      order.append(key)
    }
    var known = pending[key] ?? Pending()
    // A repeated fragment has another frame; the first is the one that is read.
    if known.fragments[packet.fragmentOffset] == nil {
      known.fragments[packet.fragmentOffset] = payload
      known.octetCount += payload.count
    }
    if !packet.hasMoreFragments { known.end = packet.fragmentOffset + payload.count }
    guard let pieces = Self.whole(known) else {
      pending[key] = known
      return nil
    }
    pending[key] = nil
    order.removeAll { $0 == key }
    return PacketPieces(
      source: key.source, destination: key.destination, protocolNumber: key.protocolNumber,
      pieces: pieces)
  }

  private static func whole(_ pending: Pending) -> [Piece]? {
    guard let end = pending.end, pending.octetCount >= end else { return nil }
    var pieces: [Piece] = []
    var position = 0
    while position < end {
      guard let piece = pending.fragments[position], piece.count > 0 else { return nil }
      pieces.append(piece)
      position += piece.count
    }
    return position == end ? pieces : nil
  }
}
