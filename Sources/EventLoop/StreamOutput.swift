import Network

/// What waits until a full socket has room again.
struct StreamOutput {
  enum Piece {
    case bytes([UInt8], from: Int)
    case file(File, offset: Int64, count: Int64)
  }

  private var pieces: [Piece] = []

  var isEmpty: Bool { pieces.isEmpty }
  var first: Piece? { pieces.first }

  var byteCount: Int64 {
    pieces.reduce(0) { sum, piece in
      switch piece {
      case .bytes(let bytes, let from): sum + Int64(bytes.count - from)
      case .file(_, _, let count): sum + count
      }
    }
  }

  mutating func append(_ piece: Piece) { pieces.append(piece) }

  /// Drops `count` bytes of the first piece, and the piece when nothing is left of it.
  mutating func advance(by count: Int) {
    guard let first else { return }
    switch first {
    case .bytes(let bytes, let from):
      if from + count < bytes.count {
        pieces[0] = .bytes(bytes, from: from + count)
      } else {
        removeFirst()
      }
    case .file(let file, let offset, let left):
      if Int64(count) < left {
        pieces[0] = .file(file, offset: offset + Int64(count), count: left - Int64(count))
      } else {
        removeFirst()
      }
    }
  }

  /// An idle connection holds no buffer.
  mutating func removeAll() { pieces = [] }

  private mutating func removeFirst() {
    if pieces.count == 1 { pieces = [] } else { pieces.removeFirst() }
  }
}
