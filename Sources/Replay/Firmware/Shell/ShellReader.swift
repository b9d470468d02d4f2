/// The grammar of ``ShellScript``.
struct ShellReader {
  private let tokens: [ShellToken]
  private var index = 0

  /// Of blocks within blocks.
  private static let mostDepth = 32

  init(_ tokens: [ShellToken]) { self.tokens = tokens }

  var isAtEnd: Bool { index >= tokens.count }

  private var keyword: String? {
    guard index < tokens.count, case .word(let word) = tokens[index] else { return nil }
    return word.plain
  }

  /// Statements up to one of `ends`, which is left; nil when the script is malformed.
  mutating func statements(until ends: Set<String>, depth: Int) -> [ShellScript.Statement]? {
    guard depth < Self.mostDepth else { return nil }
    var statements: [ShellScript.Statement] = []
    while index < tokens.count {
      if case .end = tokens[index] {
        index += 1
        continue
      }
      if let keyword, ends.contains(keyword) { return statements }
      guard let statement = statement(depth: depth) else { return nil }
      statements.append(statement)
    }
    return ends.isEmpty ? statements : nil
  }

  private mutating func statement(depth: Int) -> ShellScript.Statement? {
    switch keyword {
    case "if":
      index += 1
      return choice(depth: depth)
    case "for":
      index += 1
      return loop(depth: depth)
    case "menuentry", "submenu", "function": return block(depth: depth)
    case "then", "elif", "else", "fi", "do", "done", "}", "while", "until": return nil
    case _: return steps()
    }
  }

  private mutating func steps() -> ShellScript.Statement? {
    var steps: [ShellScript.Step] = []
    var joint = ShellScript.Joint.always
    var words: [ShellScript.Word] = []
    loop: while index < tokens.count {
      switch tokens[index] {
      // GRUB takes a brace for the block's end wherever it stands.
      case .word(let word) where word.plain == "}": break loop
      case .word(let word): words.append(word)
      case .end: break loop
      case .and, .or:
        guard !words.isEmpty else { return nil }
        steps.append(ShellScript.Step(joint: joint, words: words))
        joint = tokens[index] == .and ? .success : .failure
        words = []
      }
      index += 1
    }
    guard !words.isEmpty else { return nil }
    return .steps(steps + [ShellScript.Step(joint: joint, words: words)])
  }

  private mutating func choice(depth: Int) -> ShellScript.Statement? {
    var branches: [ShellScript.Branch] = []
    while true {
      guard let condition = statements(until: ["then"], depth: depth + 1) else { return nil }
      index += 1
      guard let body = statements(until: ["elif", "else", "fi"], depth: depth + 1) else {
        return nil
      }
      branches.append(ShellScript.Branch(condition: condition, body: body))
      let end = keyword
      index += 1
      if end == "elif" { continue }
      guard end == "else" else { return .choice(branches, otherwise: []) }
      guard let otherwise = statements(until: ["fi"], depth: depth + 1) else { return nil }
      index += 1
      return .choice(branches, otherwise: otherwise)
    }
  }

  private mutating func loop(depth: Int) -> ShellScript.Statement? {
    guard let variable = keyword else { return nil }
    index += 1
    guard keyword == "in" else { return nil }
    index += 1
    var words: [ShellScript.Word] = []
    while index < tokens.count, case .word(let word) = tokens[index] {
      words.append(word)
      index += 1
    }
    guard let between = statements(until: ["do"], depth: depth + 1), between.isEmpty else {
      return nil
    }
    index += 1
    guard let body = statements(until: ["done"], depth: depth + 1) else { return nil }
    index += 1
    return .loop(variable: variable, words, body: body)
  }

  private mutating func block(depth: Int) -> ShellScript.Statement? {
    var words: [ShellScript.Word] = []
    while index < tokens.count, case .word(let word) = tokens[index], word.plain != "{" {
      words.append(word)
      index += 1
    }
    guard keyword == "{" else { return nil }
    index += 1
    guard let body = statements(until: ["}"], depth: depth + 1) else { return nil }
    index += 1
    return .block(words, body: body)
  }
}
