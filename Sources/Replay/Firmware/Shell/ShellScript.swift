/// A script of GRUB or of U-Boot's shell, as far as both are a Bourne shell: commands with quotes and
/// variables, `&&` and `||`, `if`, `for`, and GRUB's blocks.
struct ShellScript: Sendable {
  /// A word before its variables have values.
  struct Word: Hashable, Sendable {
    enum Part: Hashable, Sendable {
      case text(String)
      /// A variable; a quoted one stays within its word.
      case variable(String, isQuoted: Bool)
    }

    var parts: [Part] = []
    /// Whether any of it was in quotes: then it is a word though it be empty, and no keyword.
    var isQuoted = false

    /// The word where it has no variables and no quotes.
    var plain: String? {
      guard !isQuoted, parts.count == 1, case .text(let text) = parts[0] else { return nil }
      return text
    }
  }

  enum Joint: Sendable {
    case always
    case success
    case failure
  }

  struct Step: Sendable {
    let joint: Joint
    let words: [Word]
  }

  struct Branch: Sendable {
    let condition: [Statement]
    let body: [Statement]
  }

  indirect enum Statement: Sendable {
    case steps([Step])
    case choice([Branch], otherwise: [Statement])
    case loop(variable: String, [Word], body: [Statement])
    /// `menuentry 'a' { … }`, `submenu`, `function`.
    case block([Word], body: [Statement])
  }

  let statements: [Statement]

  /// nil: it is not well formed, or deeper or longer than a boot script is.
  init?(_ text: String) {
    guard text.utf8.count <= FetchedFile.mostKept else { return nil }
    var reader = ShellReader(ShellToken.tokens(of: text))
    guard let statements = reader.statements(until: [], depth: 0), reader.isAtEnd else {
      return nil
    }
    self.statements = statements
  }
}

/// What a shell script is read as, before its grammar.
enum ShellToken: Hashable, Sendable {
  case word(ShellScript.Word)
  case end
  case and
  case or

  static func tokens(of text: String) -> [ShellToken] {
    var scanner = Scanner(scalars: Array(text.unicodeScalars))
    return scanner.scan()
  }

  private struct Scanner {
    let scalars: [Unicode.Scalar]
    var index = 0
    var tokens: [ShellToken] = []
    var word = ShellScript.Word()
    var isBegun = false

    mutating func scan() -> [ShellToken] {
      while index < scalars.count {
        let scalar = scalars[index]
        index += 1
        switch scalar {
        case "'": quoted("'")
        case "\"": quoted("\"")
        case "\\":
          if index < scalars.count, scalars[index] != "\n" { append(scalars[index]) }
          index += 1
        case "$": variable(isQuoted: false)
        case " ", "\t", "\r": finish()
        case "\n", ";":
          finish()
          tokens.append(.end)
        case "&" where follows("&"): joint(.and)
        case "|" where follows("|"): joint(.or)
        case "#" where !isBegun:
          while index < scalars.count, scalars[index] != "\n" { index += 1 }
        default: append(scalar)
        }
      }
      finish()
      return tokens
    }

    private func follows(_ scalar: Unicode.Scalar) -> Bool {
      index < scalars.count && scalars[index] == scalar
    }

    private mutating func joint(_ token: ShellToken) {
      index += 1
      finish()
      tokens.append(token)
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
      isBegun = true
      if case .text(var text) = word.parts.last {
        text.unicodeScalars.append(scalar)
        word.parts[word.parts.count - 1] = .text(text)
      } else {
        word.parts.append(.text(String(scalar)))
      }
    }

    private mutating func quoted(_ quote: Unicode.Scalar) {
      (isBegun, word.isQuoted) = (true, true)
      while index < scalars.count, scalars[index] != quote {
        let scalar = scalars[index]
        index += 1
        if quote == "\"", scalar == "$" {
          variable(isQuoted: true)
        } else if quote == "\"", scalar == "\\", index < scalars.count {
          append(scalars[index])
          index += 1
        } else {
          append(scalar)
        }
      }
      index += 1
    }

    private mutating func variable(isQuoted: Bool) {
      isBegun = true
      var name = ""
      if follows("{") {
        index += 1
        while index < scalars.count, scalars[index] != "}" {
          name.unicodeScalars.append(scalars[index])
          index += 1
        }
        index += 1
      } else {
        while index < scalars.count, Self.isName(scalars[index], isFirst: name.isEmpty) {
          name.unicodeScalars.append(scalars[index])
          index += 1
        }
      }
      if name.isEmpty {
        append("$")
      } else {
        word.parts.append(.variable(name, isQuoted: isQuoted))
      }
    }

    private static func isName(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
      if scalar == "_" || scalar == "?" && isFirst { return true }
      return scalar.properties.isAlphabetic || !isFirst && ("0"..."9").contains(scalar)
    }

    private mutating func finish() {
      if isBegun { tokens.append(.word(word)) }
      word = ShellScript.Word()
      isBegun = false
    }
  }
}
