/// A command's words, options apart: those stand before the first word that is none.
struct IPXEArguments: Sendable {
  /// By their long names, without dashes; a flag has an empty value.
  private(set) var options: [String: String] = [:]
  private(set) var rest: [String] = []

  /// Long names of the one-letter options that boot scripts use.
  private static let letters: [Character: String] = [
    "n": "name", "t": "timeout", "a": "autofree", "r": "replace", "k": "key", "d": "default",
    "m": "menu", "e": "ext",
  ]
  private static let valued: Set<String> = [
    "name", "timeout", "key", "default", "menu", "drive", "setting", "ext", "configurator",
    "filename", "picture", "x", "y", "foreground", "background", "rgb", "basic", "label", "params",
    "signer", "extra",
  ]

  /// - Parameter flags: Options that have no value in this command, though they have elsewhere.
  init(_ words: ArraySlice<String>, flags: Set<String> = []) {
    var words = words
    while let word = words.first, word.hasPrefix("-"), word.count > 1 {
      words.removeFirst()
      if word == "--" { break }
      var name: String
      if word.hasPrefix("--") {
        name = String(word.dropFirst(2))
      } else {
        // Letters may stand together, as in `-ar`; only the last may have a value.
        let letters = word.dropFirst().map { Self.letters[$0] ?? String($0) }
        for flag in letters.dropLast() { options[flag] = "" }
        name = letters.last ?? ""
      }
      if let sign = name.firstIndex(of: "=") {
        options[String(name[..<sign])] = String(name[name.index(after: sign)...])
      } else if Self.valued.contains(name), !flags.contains(name), let value = words.first {
        options[name] = value
        words.removeFirst()
      } else {
        options[name] = ""
      }
    }
    rest = Array(words)
  }

  /// Milliseconds; nil: none were given, or nothing that is a number.
  var timeout: Duration? {
    options["timeout"].flatMap { Int($0) }.flatMap { $0 > 0 ? .milliseconds($0) : nil }
  }
}
