import Wire

/// The body of a recorded message, and where its bytes are.
struct RecordedBody {
  /// Up to the first byte that is missing.
  private(set) var octets: [UInt8] = []
  private(set) var pieces: [FramePiece] = []
  /// Whether nothing is missing.
  private(set) var isWhole = true
  /// Whether what follows it can be found.
  private(set) var hasEnd = true
  /// The whole length, where it is known.
  private(set) var byteCount: Int?
  /// What says how long chunks are, in the stream's octets.
  private(set) var lines: [Range<Int>] = []
  /// Bytes that went by, missing ones too as far as they are counted.
  private var offset = 0

  /// A body of no bytes, whose length may still be said, as in the answer to HEAD.
  init(byteCount: Int?) { self.byteCount = byteCount }

  init(counted count: Int, _ reader: inout StreamReader, _ frames: [Frame], _ budget: inout Int) {
    byteCount = count
    take(reader.take(count), count, reader, frames, &budget)
    hasEnd = isWhole || !reader.isAtEnd
  }

  init(untilClose reader: inout StreamReader, _ frames: [Frame], _ budget: inout Int) {
    let rest = reader.takeRest()
    take(rest, rest.range.count, reader, frames, &budget)
    if isWhole { byteCount = octets.count }
  }

  /// RFC 9112 §7.1.
  init(chunked reader: inout StreamReader, _ frames: [Frame], _ budget: inout Int) {
    while true {
      guard let end = reader.lineEnd(from: reader.index, longest: 4096),
        let count = Self.chunkSize(reader.stream.octets[reader.index..<end])
      else { break }
      pass(to: end, &reader)
      guard count > 0 else {
        guard let end = reader.headEnd(longest: 65_536) else { break }
        pass(to: end, &reader)
        if isWhole { byteCount = octets.count }
        return
      }
      take(reader.take(count), count, reader, frames, &budget)
      // Its line end must follow at once: a chunk that is longer than it says is no chunk.
      guard let end = reader.lineEnd(from: reader.index, longest: 2) else { break }
      pass(to: end, &reader)
    }
    isWhole = false
    hasEnd = false
  }

  var content: RecordedContent { RecordedContent(octets: octets, byteCount: byteCount) }

  private mutating func pass(to end: Int, _ reader: inout StreamReader) {
    lines.append(reader.index..<end)
    reader.advance(to: end)
  }

  private mutating func take(
    _ taken: StreamReader.Taken, _ count: Int, _ reader: StreamReader, _ frames: [Frame],
    _ budget: inout Int
  ) {
    pieces += reader.stream.pieces(of: taken.range, contentOffset: offset, frames)
    offset = offset.addingReportingOverflow(count).partialValue
    if isWhole, taken.leading <= budget {
      octets += reader.stream.octets[taken.range.prefix(taken.leading)]
      budget -= taken.leading
    } else {
      isWhole = false
    }
    if !taken.isWhole { isWhole = false }
  }

  /// Hexadecimal digits, then perhaps an extension; nil for what no capture can hold.
  private static func chunkSize(_ line: ArraySlice<UInt8>) -> Int? {
    var size = 0
    var digits = 0
    for octet in line {
      guard let digit = hexadecimal(octet) else { break }
      digits += 1
      guard digits <= 12 else { return nil }
      size = size << 4 | Int(digit)
    }
    return digits > 0 ? size : nil
  }

  private static func hexadecimal(_ octet: UInt8) -> UInt8? {
    switch octet {
    case 0x30...0x39: octet - 0x30
    case 0x41...0x46: octet - 0x41 + 10
    case 0x61...0x66: octet - 0x61 + 10
    default: nil
    }
  }
}
