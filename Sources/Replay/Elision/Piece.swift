/// Octets of one frame of a recording.
struct Piece: Hashable, Sendable {
  /// Which frame, counted from 0.
  let frame: Int
  /// Where in the frame they begin.
  let offset: Int
  let count: Int

  /// Some of them.
  func part(from start: Int, count: Int) -> Piece {
    Piece(frame: frame, offset: offset + start, count: count)
  }
}

extension [Piece] {
  /// Some of the octets that the pieces are together.
  func part(from start: Int, count: Int) -> [Piece] {
    var parts: [Piece] = []
    var position = 0
    for piece in self {
      let first = Swift.max(start, position)
      let last = Swift.min(start + count, position + piece.count)
      if first < last { parts.append(piece.part(from: first - position, count: last - first)) }
      position += piece.count
    }
    return parts
  }

  var octetCount: Int { reduce(0) { $0 + $1.count } }
}
