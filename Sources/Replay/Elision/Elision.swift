import Bytes
import Network
import Wire

/// A recording that carries nobody's files: what TFTP and HTTP brought is zeroed, and cut off where
/// nothing follows it in its frame; lengths and checksums are as they were.
///
/// What stays: all heads; DHCP, DNS and ARP whole; of TFTP all but DATA's bytes; of HTTP all but
/// bodies. Files that are text of at most 64 KiB stay too, for they are the scripts and menus that say
/// what a machine does next; answers and hooks, which may hold secrets, and what a machine sent never
/// do. Tokens and credentials in what stays become `~`. Of everything else, and of what could not be understood, only the heads stay.
package struct Elision: Sendable {
  package private(set) var frames: [Frame]
  /// The files whose transfers are in the recording, TFTP's first.
  package private(set) var files: [ElidedFile] = []
  /// As the recording was read: numbered from 1, with zeros for what it lacks.
  private let whole: [Frame]
  private var mask: ElisionMask

  package init(_ recorded: [Frame]) {
    frames = recorded
    let numbered = recorded.enumerated().map { index, frame in
      Frame(
        number: index + 1, time: frame.time, link: frame.link,
        originalCount: frame.originalCount, octets: frame.octets)
    }
    var dissection = Dissection(numbered, DissectionLimits(), trace: DissectionTrace())
    for index in numbered.indices { dissection.take(index) }
    let recording = dissection.finished()
    whole = dissection.frames
    mask = ElisionMask(frameCount: recorded.count)
    for index in whole.indices { mark(index) }
    if let trace = dissection.trace {
      for packet in trace.packets { mask.take(packet) }
      mask.keep(trace.kept)
      mask.hide(trace.secrets)
    }
    for transfer in recording.transfers { take(transfer) }
    for connection in recording.connections {
      for exchange in connection.exchanges { take(exchange, of: connection) }
    }
    mask.apply(to: &frames, whole)
  }

  // Files.

  private mutating func take(_ transfer: RecordedTransfer) {
    take(transfer.content, transfer.pieces, name: ElidedFile.name(of: transfer))
  }

  private mutating func take(_ exchange: RecordedExchange, of connection: RecordedConnection) {
    if !exchange.body.isEmpty {
      files.append(
        ElidedFile(
          name: ElidedFile.name(ofBodyOf: exchange, to: connection.server), octets: exchange.body,
          byteCount: exchange.bodyCount, isKept: false))
    }
    guard let response = exchange.response else { return }
    take(
      response.content, response.pieces,
      name: ElidedFile.name(of: exchange, to: connection.server), isSecret: exchange.mayHoldSecrets)
  }

  private mutating func take(
    _ content: RecordedContent, _ pieces: [FramePiece], name: [UInt8], isSecret: Bool = false
  ) {
    guard !content.octets.isEmpty else { return }
    let isKept = !isSecret && content.isWhole && BootText.matches(content.octets)
    if isKept { keep(pieces, of: content.octets) }
    files.append(
      ElidedFile(
        name: name, octets: content.octets, byteCount: content.byteCount, isKept: isKept))
  }

  /// Keeps a text, but for the tokens in it.
  private mutating func keep(_ pieces: [FramePiece], of file: [UInt8]) {
    mask.keep(pieces.compactMap { copy($0, of: file) })
    for range in TokenMask.ranges(in: file) {
      for piece in pieces {
        let part = range.clamped(to: piece.contentOffset..<piece.contentOffset + piece.count)
        guard !part.isEmpty else { continue }
        let offset = piece.offset + part.lowerBound - piece.contentOffset
        mask.hide([Place(start: 0, count: part.count, frame: piece.frame - 1, offset: offset)])
      }
    }
  }

  /// What has a block's number or a segment's and other octets is of another file.
  private func copy(_ piece: FramePiece, of file: [UInt8]) -> Place? {
    let end = piece.contentOffset + piece.count
    let frame = whole[piece.frame - 1]
    guard piece.contentOffset >= 0, end <= file.count,
      frame.octets[piece.offset..<piece.offset + piece.count] == file[piece.contentOffset..<end]
    else { return nil }
    return Place(start: 0, count: piece.count, frame: piece.frame - 1, offset: piece.offset)
  }

  // Frames.

  /// The heads of Ethernet, IPv4 and UDP: what is left of a frame that makes no sense.
  private static let shortest = 42

  /// Marks all that a frame's packet carries.
  private mutating func mark(_ index: Int) {
    let octets = whole[index].octets
    let bytes = octets.rawSpan
    do throws(Malformed) {
      let head = try LinkHead(checking: bytes, whole[index].link)
      switch head.type {
      case EtherType.ipv4:
        let packet = try IPv4Packet(
          checking: bytes.extracting(head.length..<octets.count), asCaptured: true)
        let start = head.length + packet.headCount
        mask.mark(index, from: start, of: octets.count)
        // The ports of a fragment that never finds the others.
        let ports = min(8, packet.payload.byteCount)
        guard packet.fragmentOffset == 0, ports > 0 else { return }
        mask.keep([Place(start: 0, count: ports, frame: index, offset: start)])
      case EtherType.arp: break
      case EtherType.ipv6: markIPv6(octets, of: index, at: head.length)
      default: mask.mark(index, from: head.length, of: octets.count)
      }
    } catch {
      mask.mark(index, from: Self.shortest, of: octets.count)
    }
  }

  /// ICMPv6 and DHCPv6 stay; a boot server of IPv4 has nothing to do with the rest.
  private mutating func markIPv6(_ octets: [UInt8], of index: Int, at start: Int) {
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
