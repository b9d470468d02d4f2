import Wire

/// Which octets of a recording become zero.
///
/// Whatever is not known to be needed goes: first all of a packet's payload is marked, and then what
/// somebody vouches for is taken out again. So what nobody understood is zero too.
struct ElisionMask: Sendable {
  private var frames: [Row]

  private struct Row: Sendable {
    var marked: Range<Int> = 0..<0
    var kept: [Range<Int>] = []
    /// Where the checksummed packet begins; an even number of its octets stand before the frame's.
    var origin = 0
    var checksum: Place?
  }

  /// Two octets that hold the checksum of a packet.
  struct Place: Sendable {
    let frame: Int
    let offset: Int
    /// UDP's, where 0 means that there is none (RFC 768).
    let isOptional: Bool
  }

  init(frameCount: Int) { frames = Array(repeating: Row(), count: frameCount) }

  /// Marks all octets of a frame from `offset` on.
  mutating func mark(_ frame: Int, from offset: Int, of count: Int) {
    frames[frame].marked = min(offset, count)..<count
  }

  /// Marks the octets of a packet, whose checksum stands at `checksum`.
  mutating func mark(_ piece: Piece, checksum: Place?) {
    frames[piece.frame].marked = piece.offset..<piece.offset + piece.count
    frames[piece.frame].origin = piece.offset
    frames[piece.frame].checksum = checksum
  }

  mutating func keep(_ pieces: [Piece]) {
    for piece in pieces {
      frames[piece.frame].kept.append(piece.offset..<piece.offset + piece.count)
    }
  }

  /// Zeroes what is still marked.
  ///
  /// A checksum is made to fit by what was taken out of its sum (RFC 1624): one that was right stays
  /// right, and one that a network card had yet to write stays what it was: wrong.
  func apply(to recorded: inout [Frame]) {
    var removed = [UInt64](repeating: 0, count: frames.count)
    for index in frames.indices where !frames[index].marked.isEmpty {
      let row = frames[index]
      var octets = recorded[index].octets
      var position = row.marked.lowerBound
      for kept in row.kept.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        zero(position..<max(position, kept.lowerBound), row, &octets, &removed)
        position = max(position, kept.upperBound)
      }
      zero(position..<max(position, row.marked.upperBound), row, &octets, &removed)
      recorded[index] = recorded[index].holding(octets)
    }
    for row in frames {
      guard let place = row.checksum, removed[place.frame] > 0 else { continue }
      mend(place, by: removed[place.frame], &recorded)
      removed[place.frame] = 0
    }
  }

  private func zero(
    _ range: Range<Int>, _ row: Row, _ octets: inout [UInt8], _ removed: inout [UInt64]
  ) {
    for offset in range.clamped(to: octets.indices) where octets[offset] != 0 {
      if let place = row.checksum {
        let isHigh = (offset - row.origin) & 1 == 0
        removed[place.frame] += UInt64(octets[offset]) << (isHigh ? 8 : 0)
      }
      octets[offset] = 0
    }
  }

  private func mend(_ place: Place, by removed: UInt64, _ recorded: inout [Frame]) {
    var octets = recorded[place.frame].octets
    guard place.offset + 1 < octets.count else { return }
    let old = UInt64(octets[place.offset]) << 8 | UInt64(octets[place.offset + 1])
    if place.isOptional, old == 0 { return }
    var sum = old + removed
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    octets[place.offset] = UInt8(sum >> 8)
    octets[place.offset + 1] = UInt8(sum & 0xff)
    recorded[place.frame] = recorded[place.frame].holding(octets)
  }
}

extension Frame {
  fileprivate func holding(_ octets: [UInt8]) -> Frame {
    Frame(number: number, time: time, link: link, originalCount: originalCount, octets: octets)
  }
}
