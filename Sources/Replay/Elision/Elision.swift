import Bytes
import Network
import Wire

/// A recording that carries nobody's files: what TFTP and HTTP brought is zeroed, lengths and
/// checksums are as they were.
///
/// What stays: all heads; DHCP, DNS, ARP and ICMP whole; of TFTP all but DATA's bytes; of HTTP all but
/// bodies. Files that are text of at most 64 KiB stay too, for they are the scripts and menus that say
/// what a machine does next; what a machine sent never does. Of everything else, and of what could
/// not be understood, only the heads stay.
package struct Elision: Sendable {
  package private(set) var frames: [Frame]
  /// The files whose transfers are in the recording, TFTP's first.
  package internal(set) var files: [ElidedFile] = []
  var mask: ElisionMask
  private var assembly = PacketAssembly()
  var transfers: [TransferPieces] = []
  /// The latest transfer of each client's port.
  var transferByClient: [Endpoint: Int] = [:]
  var streams: [StreamPieces] = []
  var streamByEnds: [StreamEnds: Int] = [:]

  struct StreamEnds: Hashable, Sendable {
    let source: Endpoint
    let destination: Endpoint
  }

  package init(_ recorded: [Frame]) {
    frames = recorded
    mask = ElisionMask(frameCount: recorded.count)
    for index in recorded.indices { take(index) }
    for transfer in transfers where !transfer.isEmpty { finish(transfer) }
    for index in streams.indices { streams[index].sort() }
    // Each connection once, by the first of its streams.
    for index in streams.indices where streams[index].peer ?? .max > index { finish(index) }
    for stream in streams { mask.keep(stream.keptPieces { octets(of: $0) }) }
    mask.apply(to: &frames)
  }

  func octets(of pieces: [Piece]) -> [UInt8] {
    var octets: [UInt8] = []
    for piece in pieces {
      octets += frames[piece.frame].octets[piece.offset..<piece.offset + piece.count]
    }
    return octets
  }
}

// Frames and packets.
extension Elision {
  private mutating func take(_ index: Int) {
    let octets = frames[index].octets
    let bytes = octets.rawSpan
    do throws(Malformed) {
      let head = try LinkHead(checking: bytes, frames[index].link)
      switch head.type {
      case EtherType.ipv4:
        try takePacket(bytes.extracting(head.length..<octets.count), of: index, at: head.length)
      case EtherType.arp: break
      case EtherType.ipv6: takeIPv6(octets, of: index, at: head.length)
      default: mask.mark(index, from: head.length, of: octets.count)
      }
    } catch {
      mask.mark(index, from: Self.shortest, of: octets.count)
    }
  }

  /// The heads of Ethernet, IPv4 and UDP: what is left of a frame that makes no sense.
  private static let shortest = 42

  private mutating func takePacket(
    _ bytes: RawSpan, of index: Int, at start: Int
  ) throws(Malformed) {
    let packet = try IPv4Packet(checking: bytes)
    let headLength = Int(bytes.octet(at: 0) & 15) * 4
    let payload = Piece(
      frame: index, offset: start + headLength, count: packet.payload.byteCount)
    mask.mark(index, from: payload.offset, of: frames[index].octets.count)
    // The ports of a fragment that never finds the others.
    if packet.fragmentOffset == 0 { mask.keep([payload].part(from: 0, count: 8)) }
    guard let whole = assembly.take(packet, payload) else { return }
    switch whole.protocolNumber {
    case 1: mask.keep(whole.pieces)
    case 6: try takeSegment(whole)
    case UDPDatagram.protocolNumber: try takeDatagram(whole)
    default: break
    }
  }

  /// ICMPv6 and DHCPv6 stay; a boot server of IPv4 has nothing to do with the rest.
  private mutating func takeIPv6(_ octets: [UInt8], of index: Int, at start: Int) {
    let head = 40
    guard octets.count >= start + head + 4 else { return }
    let next = octets[start + 6]
    let ports = [
      Int(octets[start + head]) << 8 | Int(octets[start + head + 1]),
      Int(octets[start + head + 2]) << 8 | Int(octets[start + head + 3]),
    ]
    // 0 are hop-by-hop options, as multicast listeners send them before ICMPv6 (58).
    if next == 58 || next == 0 || next == 17 && ports.contains(where: { [546, 547].contains($0) }) {
      return
    }
    mask.mark(index, from: start + head + 8, of: octets.count)
  }
}
