/// One line of an iPXE script: commands with what joins them (iPXE, `core/exec.c`).
struct IPXELine: Hashable, Sendable {
  enum Joint: Hashable, Sendable {
    /// The first, or after `;`.
    case always
    /// After `&&`.
    case success
    /// After `||`.
    case failure

    func goes(_ succeeded: Bool) -> Bool {
      switch self {
      case .always: true
      case .success: succeeded
      case .failure: !succeeded
      }
    }
  }

  struct Command: Hashable, Sendable {
    let joint: Joint
    /// As they stand: settings are expanded when the command runs.
    let words: [String]
  }

  /// From 1, as editors count.
  let number: Int
  /// `:name` alone on a line.
  let label: String?
  let commands: [Command]

  /// Reads a whole script; lines that end with `\` go on in the next.
  static func lines(of script: String) -> [IPXELine] {
    var lines: [IPXELine] = []
    var pending = ""
    var first = 0
    let texts = script.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, text) in texts.enumerated() {
      var text = text
      if text.last == "\r" { text.removeLast() }
      if pending.isEmpty { first = index + 1 }
      if text.last == "\\" {
        pending += text.dropLast()
        continue
      }
      lines.append(IPXELine(pending + text, number: first))
      pending = ""
    }
    if !pending.isEmpty { lines.append(IPXELine(pending, number: first)) }
    return lines
  }

  init(_ text: String, number: Int) {
    self.number = number
    let words = Self.words(of: text)
    if let first = words.first, first.hasPrefix(":") {
      label = String(first.dropFirst())
      commands = []
      return
    }
    label = nil
    var commands: [Command] = []
    var joint = Joint.always
    var current: [String] = []
    for word in words {
      let next: Joint
      switch word {
      case "||": next = .failure
      case "&&": next = .success
      case ";": next = .always
      default:
        current.append(word)
        continue
      }
      commands.append(Command(joint: joint, words: current))
      (joint, current) = (next, [])
    }
    // Nothing after `||` is a command that succeeds.
    if !current.isEmpty || !commands.isEmpty {
      commands.append(Command(joint: joint, words: current))
    }
    self.commands = commands
  }

  /// Words part at blanks outside quotes; `#` begins a comment, `\` takes the next as it is.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var word = String.UnicodeScalarView()
    var isBegun = false
    var quote: Unicode.Scalar?
    var isEscaped = false
    for scalar in text.unicodeScalars {
      if isEscaped {
        word.append(scalar)
        isEscaped = false
      } else if let open = quote {
        if scalar == open { quote = nil } else { word.append(scalar) }
      } else if scalar == "\\" {
        (isEscaped, isBegun) = (true, true)
      } else if scalar == "\"" || scalar == "'" {
        (quote, isBegun) = (scalar, true)
      } else if scalar == " " || scalar == "\t" {
        if isBegun { words.append(String(word)) }
        word.removeAll()
        isBegun = false
      } else if scalar == "#", !isBegun {
        break
      } else {
        word.append(scalar)
        isBegun = true
      }
    }
    if isBegun { words.append(String(word)) }
    return words
  }
}
