import Wire

/// Frames of which a capture holds only the beginning, and what becomes of them.
struct CutFrames {
  /// How many octets the capture holds of them, by their places.
  private var held: [Int: Int] = [:]
  private var heldByNumber: [Int: Int] = [:]
  private var missing = 0
  /// Those that hold less of a file than was sent.
  private var shortened: Set<Int> = []

  /// The longest frame that a network card takes apart.
  private static let longest = 262_144

  /// Gives a frame zeros for what is missing, but no more than `limit` octets to all of them.
  mutating func mend(_ frame: inout Frame, at index: Int, limit: Int) {
    guard frame.isCut, frame.originalCount <= Self.longest,
      frame.originalCount - frame.octets.count <= limit - missing
    else { return }
    let count = frame.octets.count
    missing += frame.originalCount - count
    held[index] = count
    heldByNumber[frame.number] = count
    let zeros = [UInt8](repeating: 0, count: frame.originalCount - count)
    frame = frame.holding(frame.octets + zeros)
  }

  /// What to say of a message that reaches into what is missing.
  func remark(on places: [Place], _ frames: [Frame]) -> String? {
    for place in places {
      guard let count = held[place.frame], place.offset + place.count > count else { continue }
      return Self.remark(frames[place.frame].number, count, frames[place.frame].originalCount)
    }
    return nil
  }

  static func remark(_ number: Int, _ count: Int, _ originalCount: Int) -> String {
    "packet \(number) is cut: \(count) of \(originalCount) bytes"
  }

  /// Says of all contents whose bytes are missing that they are elided.
  mutating func mark(_ recording: inout Recording) {
    guard !held.isEmpty else { return }
    for index in recording.transfers.indices {
      if isMissing(recording.transfers[index].pieces) {
        recording.transfers[index].content.isElided = true
      }
    }
    for index in recording.connections.indices {
      for exchange in recording.connections[index].exchanges.indices {
        guard let pieces = recording.connections[index].exchanges[exchange].response?.pieces,
          isMissing(pieces)
        else { continue }
        recording.connections[index].exchanges[exchange].response?.content.isElided = true
      }
    }
  }

  private mutating func isMissing(_ pieces: [FramePiece]) -> Bool {
    var isMissing = false
    for piece in pieces {
      guard let count = heldByNumber[piece.frame], piece.offset + piece.count > count else {
        continue
      }
      shortened.insert(piece.frame)
      isMissing = true
    }
    return isMissing
  }

  /// One for all of them.
  var remark: String? {
    let count = shortened.count
    guard count > 0 else { return nil }
    return "the bytes of files that \(count) cut \(count == 1 ? "packet lacks" : "packets lack") "
      + "count as zeros"
  }
}

extension Frame {
  /// The same with other octets.
  func holding(_ octets: [UInt8]) -> Frame {
    Frame(number: number, time: time, link: link, originalCount: originalCount, octets: octets)
  }
}
