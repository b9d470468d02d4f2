/// Cuts a template's text into literal ranges and tags.
///
/// A comment, section, end or snippet tag that stands alone on its line takes the whole line with
/// it, as the mustache specification wants.
struct TemplateScanner {
  struct Tag {
    /// The character after `{{`: `#`, `^`, `/`, `!`, `>`, `=`, or nil for a variable.
    var sigil: UInt8?
    /// What stands in the tag, without blanks around it.
    var content: Range<Int>
    /// From the first brace to behind the last.
    var range: Range<Int>
    /// The blanks before it when it stands alone on its line, else nil.
    var indentation: Range<Int>?
  }

  enum Piece {
    case text(Range<Int>)
    case tag(Tag)
    /// A tag without its end.
    case unclosed(at: Int)
  }

  let bytes: [UInt8]
  private let lineStarts: [Int]
  private var cursor = 0
  private var last = (offset: 0, line: 1, column: 1)

  init(_ text: String) {
    bytes = Array(text.utf8)
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(index + 1)
    }
    lineStarts = starts
  }

  /// The pieces in the order of the text.
  mutating func pieces() -> [Piece] {
    var pieces: [Piece] = []
    var textStart = 0
    while let open = find("{{", from: cursor) {
      guard let tag = tag(at: open) else {
        pieces.append(.text(textStart..<open))
        pieces.append(.unclosed(at: open))
        return pieces
      }
      let line = tag.indentation?.lowerBound ?? open
      if line > textStart { pieces.append(.text(textStart..<line)) }
      pieces.append(.tag(tag))
      cursor = tag.range.upperBound
      textStart = tag.indentation == nil ? cursor : lineEnd(after: cursor)
    }
    if textStart < bytes.count { pieces.append(.text(textStart..<bytes.count)) }
    return pieces
  }

  /// Line and column of `offset`, from 1; columns count scalars. The place asked for last is kept,
  /// so that asking front to back costs one walk through the text.
  mutating func position(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    if last.line != low + 1 || last.offset > offset { last = (lineStarts[low], low + 1, 1) }
    last.column += bytes[last.offset..<offset].count { $0 & 0xc0 != 0x80 }
    last.offset = offset
    return (last.line, last.column)
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func tag(at open: Int) -> Tag? {
    let isTriple = open + 2 < bytes.count && bytes[open + 2] == UInt8(ascii: "{")
    var start = open + (isTriple ? 3 : 2)
    let closing = isTriple ? "}}}" : "}}"
    guard let close = find(closing, from: start) else { return nil }
    var sigil: UInt8?
    if !isTriple, start < close {
      switch bytes[start] {
      case UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "/"), UInt8(ascii: "!"),
        UInt8(ascii: ">"), UInt8(ascii: "="):
        sigil = bytes[start]
        start += 1
      case UInt8(ascii: "&"): start += 1
      default: break
      }
    }
    var end = close
    while start < end, Self.isBlank(bytes[start]) { start += 1 }
    while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
    let range = open..<(close + closing.utf8.count)
    let alone = sigil == nil ? nil : indentation(around: range)
    return Tag(sigil: sigil, content: start..<end, range: range, indentation: alone)
  }

  /// The blanks before `range` when nothing else stands on its lines.
  private func indentation(around range: Range<Int>) -> Range<Int>? {
    var start = range.lowerBound
    while start > 0, Self.isSpace(bytes[start - 1]) { start -= 1 }
    guard start == 0 || bytes[start - 1] == UInt8(ascii: "\n") else { return nil }
    var end = range.upperBound
    while end < bytes.count, Self.isSpace(bytes[end]) || isCarriageReturn(end) { end += 1 }
    guard end == bytes.count || bytes[end] == UInt8(ascii: "\n") else { return nil }
    return start..<range.lowerBound
  }

  private func isCarriageReturn(_ index: Int) -> Bool {
    bytes[index] == UInt8(ascii: "\r") && index + 1 < bytes.count
      && bytes[index + 1] == UInt8(ascii: "\n")
  }

  private func lineEnd(after offset: Int) -> Int {
    guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) else { return bytes.count }
    return end + 1
  }

  private func find(_ mark: String, from start: Int) -> Int? {
    let mark = Array(mark.utf8)
    guard bytes.count >= mark.count, start <= bytes.count - mark.count else { return nil }
    for index in start...(bytes.count - mark.count) where bytes[index] == mark[0] {
      if bytes[index..<(index + mark.count)].elementsEqual(mark) { return index }
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }
}
