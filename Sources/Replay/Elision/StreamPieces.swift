import Network

/// One direction of a TCP connection, as pieces of its frames.
struct StreamPieces: Sendable {
  let destination: Endpoint
  /// The sequence number of the first octet, where its SYN was recorded.
  let initial: UInt32?
  /// The stream of the other direction, by its place among all.
  var peer: Int?
  private var segments: [(position: Int, piece: Piece)] = []
  private var lastPosition = 0
  private var lastSequence: UInt32
  /// Where the sender said that nothing follows.
  private(set) var finish: Int?
  /// In order of their positions, none twice; made by ``sort()``.
  private var ordered: [(position: Int, piece: Piece)] = []
  private var kept: [Range<Int>] = []

  init(to destination: Endpoint, sequence: UInt32, isOpening: Bool) {
    self.destination = destination
    initial = isOpening ? sequence &+ 1 : nil
    lastSequence = initial ?? sequence
  }

  /// Takes a segment, which may come out of order, again, or overlap others.
  mutating func take(_ piece: Piece, sequence: UInt32, isFinal: Bool) {
    let position = lastPosition + Int(Int32(bitPattern: sequence &- lastSequence))
    lastPosition = position
    lastSequence = sequence
    if isFinal { finish = max(finish ?? .min, position + piece.count) }
    if piece.count > 0 { segments.append((position, piece)) }
  }

  /// Puts the segments in order; of octets that came twice the first copy counts.
  mutating func sort() {
    let byPosition = segments.indices.sorted {
      (segments[$0].position, $0) < (segments[$1].position, $1)
    }
    var end = initial == nil ? Int.min : 0
    for index in byPosition {
      let (position, piece) = segments[index]
      let skipped = position < end ? end - position : 0
      guard skipped < piece.count else { continue }
      let part = piece.part(from: skipped, count: piece.count - skipped)
      ordered.append((position + skipped, part))
      end = position + piece.count
    }
  }

  var start: Int { initial == nil ? ordered.first?.position ?? 0 : 0 }
  var end: Int { ordered.last.map { $0.position + $0.piece.count } ?? start }

  /// The pieces that hold a range, and whether none is missing.
  func pieces(_ range: Range<Int>) -> (pieces: [Piece], isWhole: Bool) {
    var pieces: [Piece] = []
    var position = range.lowerBound
    var isWhole = true
    for (start, piece) in ordered[firstIndex(after: range.lowerBound)...] {
      guard start < range.upperBound else { break }
      if start > position { isWhole = false }
      let from = max(start, range.lowerBound)
      let upTo = min(start + piece.count, range.upperBound)
      pieces.append(piece.part(from: from - start, count: upTo - from))
      position = upTo
    }
    return (pieces, isWhole && position == range.upperBound)
  }

  /// The pieces from `position` on, up to a gap or `limit` octets.
  func contiguous(from position: Int, limit: Int) -> [Piece] {
    var pieces: [Piece] = []
    var position = position
    let end = position + limit
    for (start, piece) in ordered[firstIndex(after: position)...] {
      guard start <= position, position < end else { break }
      let count = min(start + piece.count, end) - position
      pieces.append(piece.part(from: position - start, count: count))
      position += count
    }
    return pieces
  }

  /// The first piece that holds something at or after `position`.
  private func firstIndex(after position: Int) -> Int {
    var low = 0
    var high = ordered.count
    while low < high {
      let middle = (low + high) / 2
      let (start, piece) = ordered[middle]
      if start + piece.count <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Vouches for a range; ranges come in order.
  mutating func keep(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    kept.append(range)
  }

  /// What was vouched for, in every copy that was recorded and is one.
  func keptPieces(_ read: ([Piece]) -> [UInt8]) -> [Piece] {
    var pieces: [Piece] = []
    for (position, piece) in segments {
      let whole = position..<position + piece.count
      var index = firstKept(after: position)
      while index < kept.count, kept[index].lowerBound < whole.upperBound {
        let range = kept[index].clamped(to: whole)
        let part = piece.part(from: range.lowerBound - position, count: range.count)
        if read([part]) == read(self.pieces(range).pieces) { pieces.append(part) }
        index += 1
      }
    }
    return pieces
  }

  private func firstKept(after position: Int) -> Int {
    var low = 0
    var high = kept.count
    while low < high {
      let middle = (low + high) / 2
      if kept[middle].upperBound <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
