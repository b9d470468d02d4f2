import Wire

/// One direction of a TCP connection, its bytes in order; without those that no frame holds.
struct RecordedStream {
  let octets: [UInt8]
  private let pieces: [StreamAssembly.Delivered]
  /// Where in `octets` each piece begins.
  private let starts: [Int]
  private let copies: [Place]
  /// Where in `octets` bytes are missing, and how many.
  let gaps: [(index: Int, count: Int)]
  /// Whether it ended with a FIN behind its last byte.
  let isFinished: Bool

  init(_ assembly: StreamAssembly, _ frames: [Frame]) {
    var octets: [UInt8] = []
    octets.reserveCapacity(assembly.delivered.reduce(0) { $0 + $1.place.count })
    var starts: [Int] = []
    starts.reserveCapacity(assembly.delivered.count)
    var gaps: [(index: Int, count: Int)] = []
    var gap = 0
    for piece in assembly.delivered {
      while gap < assembly.gaps.count, assembly.gaps[gap].start < piece.place.start {
        gaps.append((octets.count, assembly.gaps[gap].count))
        gap += 1
      }
      starts.append(octets.count)
      let place = piece.place
      octets += frames[place.frame].octets[place.offset..<place.offset + place.count]
    }
    for gap in assembly.gaps[gap...] { gaps.append((octets.count, gap.count)) }
    self.octets = octets
    self.starts = starts
    self.gaps = gaps
    pieces = assembly.delivered
    copies = assembly.copies.sorted {
      ($0.start, $0.frame, $0.offset) < ($1.start, $1.frame, $1.offset)
    }
    isFinished = assembly.isFinished
  }

  /// The frame, by its index, with which the byte at `index` of `octets` became readable.
  func frame(at index: Int) -> Int { pieces.isEmpty ? 0 : pieces[piece(at: index)].by }

  /// Where frames hold the bytes at `range` of `octets`, those that came again too.
  ///
  /// - Parameter contentOffset: Where the first of the bytes lies in the content.
  func pieces(
    of range: Range<Int>, contentOffset: Int, _ frames: [Frame]
  ) -> [FramePiece] {
    places(of: range).map { place in
      FramePiece(
        frame: frames[place.frame].number, offset: place.offset, count: place.count,
        contentOffset: contentOffset + place.start)
    }
  }

  /// Where frames hold the bytes at `range`, in which there is no gap; of bytes that came again only
  /// those that are the same.
  func equalPlaces(of range: Range<Int>, _ frames: [Frame]) -> [Place] {
    places(of: range).filter { place in
      let start = range.lowerBound + place.start
      return frames[place.frame].octets[place.offset..<place.offset + place.count]
        == octets[start..<start + place.count]
    }
  }

  /// The places count from the first byte of the range, missing ones too.
  private func places(of range: Range<Int>) -> [Place] {
    guard !range.isEmpty else { return [] }
    var found: [Place] = []
    var index = piece(at: range.lowerBound)
    let start = offset(at: range.lowerBound)
    let end = offset(at: range.upperBound - 1) + 1
    func append(_ place: Place) {
      var place = place
      place.start -= start
      found.append(place)
    }
    while index < pieces.count, let place = pieces[index].place.clamped(to: start..<end) {
      append(place)
      index += 1
    }
    // No segment is longer than a datagram, so earlier copies do not reach here.
    var copy = firstCopy(from: start - 0xffff)
    while copy < copies.count, copies[copy].start < end {
      if let place = copies[copy].clamped(to: start..<end) { append(place) }
      copy += 1
    }
    return found
  }

  /// The stream's offset of the byte at `index` of `octets`.
  private func offset(at index: Int) -> Int {
    let piece = piece(at: index)
    return pieces[piece].place.start + index - starts[piece]
  }

  /// The piece that holds the byte at `index`, which is one of `octets`.
  private func piece(at index: Int) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= index { low = middle } else { high = middle }
    }
    return low
  }

  private func firstCopy(from offset: Int) -> Int {
    var low = 0
    var high = copies.count
    while low < high {
      let middle = (low + high) / 2
      if copies[middle].start < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
