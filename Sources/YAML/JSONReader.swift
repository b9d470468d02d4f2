/// Walks a JSON text (RFC 8259) front to back, to the same events as YAML's.
///
/// It is no more lenient than the RFC: no comments, no trailing commas, no byte order mark. What
/// two readers of one text could understand differently is refused.
struct JSONReader {
  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var column = 1
  /// The brackets that are open; the builder bounds them by refusing an event.
  private var open: [Bracket] = []

  /// Digits, signs and points of one number; no setting and no counter has more.
  static let numberLengthMax = 64

  private enum Bracket {
    case list
    case object

    var end: UInt8 { self == .list ? Octet.listEnd : Octet.objectEnd }
  }

  /// What may come next.
  private enum Expectation {
    case value
    /// After `[`: a value or its end.
    case firstValue
    /// After `{`: a key or its end.
    case firstKey
    case key
    /// After a value within brackets: a comma or their end.
    case more
    case nothing
  }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Gives each event to `take`, until the end, a failure, or false from `take`.
  static func read(_ bytes: [UInt8], _ take: (Event) -> Bool) {
    var reader = JSONReader(bytes)
    do throws(SyntaxMistake) {
      guard take(.documentStart(.start)) else { return }
      var expectation = Expectation.value
      while let next = try reader.step(expectation, take) { expectation = next }
    } catch {
      _ = take(.failure(error))
    }
  }

  /// What is expected after this step; nil at the end.
  private mutating func step(
    _ expectation: Expectation, _ take: (Event) -> Bool
  ) throws(SyntaxMistake) -> Expectation? {
    skipSpace()
    switch expectation {
    case .value: return try value(take)
    case .firstValue: return try peek == Octet.listEnd ? end(take) : value(take)
    case .firstKey: return try peek == Octet.objectEnd ? end(take) : key(take)
    case .key: return try key(take)
    case .more:
      guard let bracket = open.last else { return .nothing }
      if peek == bracket.end { return end(take) }
      guard peek == Octet.comma else {
        throw mistake("expected a comma or \(bracket == .list ? "]" : "}")")
      }
      advance()
      return bracket == .list ? .value : .key
    case .nothing:
      guard offset == bytes.count else { throw mistake("something stands after the end") }
      return nil
    }
  }

  private mutating func value(_ take: (Event) -> Bool) throws(SyntaxMistake) -> Expectation? {
    let position = position
    switch peek {
    case Octet.list:
      return begin(.list, take(.sequenceStart(Event.Decoration(), position))) ? .firstValue : nil
    case Octet.object:
      return begin(.object, take(.mappingStart(Event.Decoration(), position))) ? .firstKey : nil
    case Octet.quote:
      let text = try string()
      return take(.scalar(text, isPlain: false, Event.Decoration(), position)) ? .more : nil
    case _:
      let text = try literal()
      return take(.scalar(text, isPlain: true, Event.Decoration(), position)) ? .more : nil
    }
  }

  private mutating func key(_ take: (Event) -> Bool) throws(SyntaxMistake) -> Expectation? {
    guard peek == Octet.quote else { throw mistake("expected a key in quotes") }
    let position = position
    let text = try string()
    skipSpace()
    guard peek == Octet.colon else { throw mistake("expected a colon after the key") }
    advance()
    return take(.scalar(text, isPlain: false, Event.Decoration(), position)) ? .value : nil
  }

  private mutating func begin(_ bracket: Bracket, _ isTaken: Bool) -> Bool {
    open.append(bracket)
    advance()
    return isTaken
  }

  private mutating func end(_ take: (Event) -> Bool) -> Expectation? {
    advance()
    return take(open.removeLast() == .list ? .sequenceEnd : .mappingEnd) ? .more : nil
  }
}

extension JSONReader {
  private var position: Position { Position(line: line, column: column) }

  /// The octet at hand; nil at the end.
  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func mistake(_ text: String) -> SyntaxMistake {
    let what = peek == nil ? "the text ends here" : "this is no JSON"
    return SyntaxMistake(text: "\(what): \(text)", position: position)
  }

  /// Columns are counted in scalars, so octets that go on with one do not count.
  private mutating func advance() {
    if bytes[offset] & 0xc0 != 0x80 { column += 1 }
    offset += 1
  }

  private mutating func skipSpace() {
    while let octet = peek {
      switch octet {
      case 0x20, 0x09, 0x0d: advance()
      case 0x0a:
        offset += 1
        line += 1
        column = 1
      case _: return
      }
    }
  }

  /// A number, `true`, `false` or `null`, as it is written.
  private mutating func literal() throws(SyntaxMistake) -> String {
    let rest = bytes[offset...].prefix { Octet.isOfLiteral($0) }
    let text = String(decoding: rest.prefix(Self.numberLengthMax + 1), as: UTF8.self)
    guard !rest.isEmpty else { throw mistake("expected a value") }
    if !["true", "false", "null"].contains(text) {
      guard rest.count <= Self.numberLengthMax else {
        throw mistake("more than \(Self.numberLengthMax) digits, the most we take")
      }
      guard JSONNumber.isNumber(text) else {
        throw mistake("expected a value: a number, true, false, null, or a text in quotes")
      }
    }
    for _ in rest { advance() }
    return text
  }

  /// A string, from its first quote to its last.
  private mutating func string() throws(SyntaxMistake) -> String {
    let start = position
    advance()
    var octets: [UInt8] = []
    while true {
      let run = bytes[offset...].prefix {
        $0 != Octet.quote && $0 != Octet.backslash && $0 >= 0x20
      }
      octets += run
      for _ in run { advance() }
      switch peek {
      case Octet.quote:
        advance()
        guard let text = String(validating: octets, as: UTF8.self) else {
          throw SyntaxMistake(text: "this is no UTF-8 text", position: start)
        }
        return text
      case Octet.backslash: octets += Array(String(try escape()).utf8)
      case nil: throw mistake("a text has no closing quote")
      case _: throw mistake("a control character stands in a text; write it as \\u and four digits")
      }
    }
  }

  /// What `\n`, `\u00e4` or a pair of surrogates stands for.
  private mutating func escape() throws(SyntaxMistake) -> Unicode.Scalar {
    advance()
    guard let octet = peek else { throw mistake("a text has no closing quote") }
    let plain: Unicode.Scalar
    switch octet {
    case UInt8(ascii: "\""): plain = "\""
    case UInt8(ascii: "\\"): plain = "\\"
    case UInt8(ascii: "/"): plain = "/"
    case UInt8(ascii: "b"): plain = "\u{8}"
    case UInt8(ascii: "f"): plain = "\u{c}"
    case UInt8(ascii: "n"): plain = "\n"
    case UInt8(ascii: "r"): plain = "\r"
    case UInt8(ascii: "t"): plain = "\t"
    case UInt8(ascii: "u"): return try unicode()
    case _: throw mistake("a backslash before what needs none")
    }
    advance()
    return plain
  }

  private mutating func unicode() throws(SyntaxMistake) -> Unicode.Scalar {
    let first = try fourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // RFC 8259 §7: a scalar beyond U+FFFF is written as two surrogates, high before low.
    guard UTF16.isLeadSurrogate(first), peek == Octet.backslash else {
      throw mistake("half of a surrogate pair")
    }
    advance()
    guard peek == UInt8(ascii: "u") else { throw mistake("half of a surrogate pair") }
    let second = try fourDigits()
    guard UTF16.isTrailSurrogate(second) else { throw mistake("half of a surrogate pair") }
    let number = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
    guard let scalar = Unicode.Scalar(number) else { throw mistake("half of a surrogate pair") }
    return scalar
  }

  /// The number after the `u` at hand.
  private mutating func fourDigits() throws(SyntaxMistake) -> UInt16 {
    advance()
    var number: UInt16 = 0
    for _ in 0..<4 {
      guard let octet = peek, let digit = Character(Unicode.Scalar(octet)).hexDigitValue else {
        throw mistake("expected four hexadecimal digits after \\u")
      }
      number = number << 4 | UInt16(digit)
      advance()
    }
    return number
  }
}

/// The octets that JSON is built of (RFC 8259 §2).
private enum Octet {
  static let list = UInt8(ascii: "[")
  static let listEnd = UInt8(ascii: "]")
  static let object = UInt8(ascii: "{")
  static let objectEnd = UInt8(ascii: "}")
  static let comma = UInt8(ascii: ",")
  static let colon = UInt8(ascii: ":")
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")

  static func isOfLiteral(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2b, 0x2d, 0x2e: true
    case _: false
    }
  }
}
