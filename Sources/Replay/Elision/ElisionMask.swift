import Wire

/// Which octets of a recording become zero.
///
/// Whatever is not known to be needed goes: first all of a packet's payload is marked, and then what
/// somebody vouches for is taken out again. So what nobody understood is zero too.
struct ElisionMask: Sendable {
  private var rows: [Row]

  private struct Row: Sendable {
    /// From here to the frame's end; nil where all of it stays.
    var start: Int?
    var kept: [Range<Int>] = []
    /// What of it becomes `~`.
    var hidden: [Range<Int>] = []
    /// What the checksum is the sum of; an even number of the packet's octets stand before it.
    var summed: Range<Int> = 0..<0
    var checksum: Place?
    var isOptional = false
  }

  init(frameCount: Int) { rows = Array(repeating: Row(), count: frameCount) }

  /// Marks all octets of a frame from `offset` on.
  mutating func mark(_ frame: Int, from offset: Int, of count: Int) {
    rows[frame].start = min(offset, count)
  }

  mutating func take(_ packet: DissectionTrace.Packet) {
    for place in packet.places {
      rows[place.frame].summed = place.offset..<place.offset + place.count
      rows[place.frame].checksum = packet.checksum
      rows[place.frame].isOptional = packet.isOptional
    }
  }

  mutating func keep(_ places: [Place]) {
    for place in places {
      rows[place.frame].kept.append(place.offset..<place.offset + place.count)
    }
  }

  /// Hides what is a secret in what is kept.
  mutating func hide(_ places: [Place]) {
    for place in places {
      rows[place.frame].hidden.append(place.offset..<place.offset + place.count)
    }
  }

  /// Zeroes what is still marked, and cuts it off where it ends a frame.
  ///
  /// A checksum is made to fit by what was taken out of its sum (RFC 1624): one that was right stays
  /// right, and one that a network card had yet to write stays what it was: wrong.
  ///
  /// - Parameter whole: The recorded frames with zeros for what they lack.
  func apply(to recorded: inout [Frame], _ whole: [Frame]) {
    var removed = [UInt64](repeating: 0, count: rows.count)
    for (index, row) in rows.enumerated() {
      guard let start = row.start else { continue }
      var octets = whole[index].octets
      var position = start
      for kept in row.kept.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        zero(position..<max(position, kept.lowerBound), row, &octets, &removed)
        position = max(position, kept.upperBound)
      }
      zero(position..<max(position, octets.count), row, &octets, &removed)
      for hidden in row.hidden {
        for offset in hidden.clamped(to: octets.indices) where octets[offset] != 0 {
          change(offset, to: TokenMask.octet, row, &octets, &removed)
        }
      }
      let held = min(position, recorded[index].octets.count)
      recorded[index] = recorded[index].holding(Array(octets.prefix(held)))
    }
    for row in rows {
      guard let place = row.checksum, removed[place.frame] > 0 else { continue }
      mend(place, row.isOptional, by: removed[place.frame], &recorded)
      removed[place.frame] = 0
    }
  }

  private func zero(
    _ range: Range<Int>, _ row: Row, _ octets: inout [UInt8], _ removed: inout [UInt64]
  ) {
    for offset in range.clamped(to: octets.indices) where octets[offset] != 0 {
      change(offset, to: 0, row, &octets, &removed)
    }
  }

  /// What comes in the place of an octet is added to the sum, as its complement to what was removed.
  private func change(
    _ offset: Int, to new: UInt8, _ row: Row, _ octets: inout [UInt8], _ removed: inout [UInt64]
  ) {
    let old = octets[offset]
    octets[offset] = new
    guard old != new, let place = row.checksum, row.summed.contains(offset) else { return }
    let shift: UInt64 = (offset - row.summed.lowerBound) & 1 == 0 ? 8 : 0
    removed[place.frame] += UInt64(old) << shift
    if new != 0 { removed[place.frame] += 0xffff - UInt64(new) << shift }
  }

  private func mend(
    _ place: Place, _ isOptional: Bool, by removed: UInt64, _ recorded: inout [Frame]
  ) {
    var octets = recorded[place.frame].octets
    guard place.offset + 1 < octets.count else { return }
    let old = UInt64(octets[place.offset]) << 8 | UInt64(octets[place.offset + 1])
    if isOptional, old == 0 { return }
    var sum = old + removed
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    octets[place.offset] = UInt8(sum >> 8)
    octets[place.offset + 1] = UInt8(sum & 0xff)
    recorded[place.frame] = recorded[place.frame].holding(octets)
  }
}
