import Boot

/// A text for a person, line by line: each line keeps its spaces and quotes, and loses whatever
/// could move the cursor or hide other text.
struct Printable: CustomStringConvertible {
  let text: String

  init(_ text: String) {
    self.text =
      text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.line($0) }
      .joined(separator: "\n")
  }

  var description: String { text }

  private static func line(_ line: Substring) -> String {
    // Most lines are plain, and 10,000 of them are looked at.
    if line.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return String(line) }
    var safe = ""
    for scalar in line.unicodeScalars {
      switch scalar {
      case " ", "\"", "\\", "=", "\t": safe.unicodeScalars.append(scalar)
      case _: safe += Escaped(String(scalar)).description
      }
    }
    return safe
  }
}
