/// One YAML document as a tree, and what was wrong with it.
///
/// Anchors, aliases, tags, doubled keys and further documents are refused: none has a meaning
/// here, and each has been a way to break a reader or to mislead one.
package struct Document: Sendable {
  /// Nil for a text without any value, or after a mistake that ended reading.
  package private(set) var root: Node?
  package private(set) var mistakes: [SyntaxMistake] = []

  /// Longest text, in bytes.
  package static let sizeMax = 8 << 20
  /// Sequences and mappings within one another.
  package static let depthMax = 32
  /// Values and keys.
  package static let nodeCountMax = 500_000
  /// Mistakes told; after as many nobody reads on.
  package static let mistakeCountMax = 200

  /// Reads `bytes`; never traps, whatever they are.
  package init(parsing bytes: [UInt8]) {
    var bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
    guard bytes.count <= Self.sizeMax else {
      mistakes = [
        SyntaxMistake(text: "longer than \(Self.sizeMax) bytes, the most we take", position: .start)
      ]
      return
    }
    if let mistake = Self.textMistake(in: bytes) {
      mistakes = [mistake]
      return
    }
    var builder = Builder()
    EventReader.read(bytes) { builder.take($0) }
    root = builder.root
    mistakes = builder.mistakes
  }

  /// Reads `bytes` as JSON (RFC 8259), strictly, within the same limits; never traps.
  ///
  /// Strings come as quoted scalars; numbers, `true`, `false` and `null` as plain ones with their
  /// text, so that no digit of a number is lost. A text without any value is a mistake here.
  ///
  /// - Parameter sizeMax: In bytes, for who has bounded the text already.
  package init(parsingJSON bytes: [UInt8], sizeMax: Int = Self.sizeMax) {
    guard bytes.count <= sizeMax else {
      mistakes = [
        SyntaxMistake(text: "longer than \(sizeMax) bytes, the most we take", position: .start)
      ]
      return
    }
    var builder = Builder()
    JSONReader.read(bytes) { builder.take($0) }
    root = builder.root
    mistakes = builder.mistakes
  }

  /// The first byte that is no text: not UTF-8, or a control character.
  private static func textMistake(in bytes: [UInt8]) -> SyntaxMistake? {
    var (line, column) = (1, 1)
    var decoder = UTF8()
    var octets = bytes.makeIterator()
    while true {
      switch decoder.decode(&octets) {
      case .emptyInput: return nil
      case .error:
        return SyntaxMistake(
          text: "this is no UTF-8 text", position: Position(line: line, column: column))
      case .scalarValue("\n"):
        line += 1
        column = 1
      case .scalarValue(let scalar):
        if scalar.value < 0x20 && scalar != "\t" && scalar != "\r" || scalar.value == 0x7f {
          return SyntaxMistake(
            text: "a control character, \(scalar.value), cannot stand in a text file",
            position: Position(line: line, column: column))
        }
        column += 1
      }
    }
  }
}

extension Position {
  static let start = Position(line: 1, column: 1)
}

/// What is wrong with a text as YAML.
package struct SyntaxMistake: Error, Hashable, Sendable {
  package var text: String
  package var position: Position
}
