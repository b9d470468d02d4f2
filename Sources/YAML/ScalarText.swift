/// How a text stands in a YAML document.
enum ScalarText {
  /// On one line: as it is, or in double quotes.
  static func line(_ text: String, isPlain: Bool) -> String {
    guard canStandPlain(text) else {
      // YAML's null, and nothing else, is an empty text that stands plain.
      return isPlain && text.isEmpty ? "null" : QuotedText.quoted(text)
    }
    return isPlain || !isAmbiguous(text) ? text : QuotedText.quoted(text)
  }

  /// Over several lines, the first of them behind the key; nil for what needs one line.
  static func block(_ text: String, _ indentation: String) -> String? {
    guard text.unicodeScalars.contains("\n"),
      text.unicodeScalars.contains(where: { $0 != "\n" && $0 != " " }),
      text.unicodeScalars.allSatisfy({
        $0 == "\n" || $0 == "\t" || !QuotedText.isEscaped($0)
      })
    else { return nil }
    // Where its first line begins with a space, a reader cannot see how far it is indented.
    let start = [" ", "\n", "\t"].contains { text.hasPrefix($0) } ? "2" : ""
    let end = !text.hasSuffix("\n") ? "-" : text.hasSuffix("\n\n") ? "+" : ""
    var block = "|\(start)\(end)\n"
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if text.hasSuffix("\n") { lines.removeLast() }
    for line in lines { block += line.isEmpty ? "\n" : "\(indentation)\(line)\n" }
    return block
  }

  /// Whether YAML reads the text back as it is, without quotes, wherever it stands.
  private static func canStandPlain(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last,
      text.utf8.count <= 1000, first != " ", last != " ", last != ":"
    else { return false }
    // YAML 1.1 §5.3: indicators. A dash may begin a text when no space follows, which few know.
    if "-?:,[]{}#&*!|>'\"%@`=~".unicodeScalars.contains(first), !isNegative(text) {
      return text == "~"
    }
    guard !text.contains(": "), !text.contains(" #"), !text.hasPrefix("...") else { return false }
    return text.unicodeScalars.allSatisfy { !QuotedText.isEscaped($0) && $0 != "\t" }
  }

  private static func isNegative(_ text: String) -> Bool {
    text.hasPrefix("-") && JSONNumber.isNumber(text)
  }

  /// Whether some reader would take the text for something else than a text: YAML 1.1 has numbers
  /// to many bases, dates, and a merge key.
  private static func isAmbiguous(_ text: String) -> Bool {
    let words = [
      "true", "false", "yes", "no", "on", "off", "y", "n", "null", "~", "<<", ".inf", ".nan",
    ]
    if words.contains(text.lowercased()) { return true }
    guard let first = text.utf8.first,
      "+-.0123456789".utf8.contains(first), !text.hasPrefix(".") || text.utf8.count > 1
    else { return false }
    let octets = text.lowercased().utf8
    if octets.contains(UInt8(ascii: ":")) {
      return octets.allSatisfy { "0123456789:.+-_ tz".utf8.contains($0) }
    }
    // An address in dotted decimals is no number to anybody.
    guard octets.count(where: { $0 == UInt8(ascii: ".") }) < 2 else { return false }
    return octets.allSatisfy { "0123456789abcdefox.+-_".utf8.contains($0) }
  }
}
