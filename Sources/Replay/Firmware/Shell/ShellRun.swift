/// A shell script that runs: hands out one command after another, and is told how each ended.
struct ShellRun: Sendable {
  enum Event: Sendable {
    case command([String])
    case block([String], body: [ShellScript.Statement])
    case ended
    /// More commands than any boot takes.
    case endless
  }

  private struct Frame: Sendable {
    let statements: [ShellScript.Statement]
    var index = 0
    var step = 0
    var end = End.none
  }

  /// What comes when a frame is at its end.
  private enum End: Sendable {
    case none
    case branch([ShellScript.Branch], otherwise: [ShellScript.Statement])
  }

  private var frames: [Frame] = []
  private(set) var variables: [String: String] = [:]
  /// How the last command ended.
  var status = true
  private var count = 0

  private static let mostSteps = 10_000
  private static let mostFrames = 64
  private static let mostVariables = 512
  private static let longestValue = 16_384
  private static let longestWord = 1 << 20

  mutating func start(_ statements: [ShellScript.Statement]) {
    guard frames.count < Self.mostFrames else { return }
    frames.append(Frame(statements: statements))
  }

  /// Leaves all that runs.
  mutating func stop() { frames = [] }

  mutating func set(_ name: String, _ value: String?) {
    guard variables.count < Self.mostVariables || variables[name] != nil else { return }
    variables[name] = value.map { String($0.prefix(Self.longestValue)) }
  }

  mutating func next() -> Event {
    while count < Self.mostSteps {
      count += 1
      guard let frame = frames.last else { return .ended }
      guard frame.index < frame.statements.count else {
        frames.removeLast()
        branch(frame.end)
        continue
      }
      let top = frames.count - 1
      switch frame.statements[frame.index] {
      case .steps(let steps):
        guard frame.step < steps.count else {
          frames[top].index += 1
          frames[top].step = 0
          continue
        }
        frames[top].step += 1
        if let words = words(of: steps[frame.step]), !test(words) { return .command(words) }
      case .choice(let branches, let otherwise):
        frames[top].index += 1
        guard let first = branches.first, frames.count < Self.mostFrames else { continue }
        frames.append(
          Frame(statements: first.condition, end: .branch(branches, otherwise: otherwise)))
      case .loop(let variable, let words, let body):
        frames[top].index += 1
        for value in words.flatMap(expanded).reversed() where frames.count < Self.mostFrames {
          let name = ShellScript.Word(parts: [.text("set")])
          let assignment = ShellScript.Word(
            parts: [.text("\(variable)=\(value)")], isQuoted: true)
          let step = ShellScript.Step(joint: .always, words: [name, assignment])
          frames.append(Frame(statements: [.steps([step])] + body))
        }
      case .block(let words, let body):
        frames[top].index += 1
        return .block(words.flatMap(expanded), body: body)
      }
    }
    return .endless
  }

  private mutating func branch(_ end: End) {
    guard case .branch(let branches, let otherwise) = end, let first = branches.first else {
      return
    }
    if status {
      start(first.body)
    } else if branches.count > 1 {
      frames.append(
        Frame(
          statements: branches[1].condition,
          end: .branch(Array(branches.dropFirst()), otherwise: otherwise)))
    } else {
      start(otherwise)
    }
  }

  /// A step's words; nil when what was before it keeps it from running.
  private mutating func words(of step: ShellScript.Step) -> [String]? {
    switch step.joint {
    case .always: break
    case .success: if !status { return nil }
    case .failure: if status { return nil }
    }
    let words = step.words.flatMap(expanded)
    // Long values cost as much time as many commands.
    count += words.reduce(0) { $0 + $1.utf8.count } / 256
    return words.isEmpty ? nil : words
  }

  /// A word with the values of its variables; those outside quotes may make several of it, or none.
  func expanded(_ word: ShellScript.Word) -> [String] {
    var words: [String] = [""]
    var isBegun = word.isQuoted
    var count = 0
    for part in word.parts where count < Self.longestWord {
      count += words[words.count - 1].utf8.count
      switch part {
      case .text(let text):
        words[words.count - 1] += text
        isBegun = true
      case .variable(let name, let isQuoted):
        let value = variables[name] ?? ""
        guard !isQuoted else {
          words[words.count - 1] += value
          continue
        }
        for (index, piece) in value.split(separator: " ").enumerated() {
          if index > 0 { words.append("") }
          words[words.count - 1] += piece
          isBegun = true
        }
      }
    }
    return isBegun ? words : []
  }

  /// Runs what both shells have built in; false when it is no such command.
  private mutating func test(_ words: [String]) -> Bool {
    switch words[0] {
    case "test": status = Self.holds(words.dropFirst()[...])
    case "[": status = Self.holds(words.dropFirst().dropLast()[...])
    case "true", ":": status = true
    case "false": status = false
    case _: return false
    }
    return true
  }

  /// `-a` binds closer than `-o`. Nothing here calls itself: a value may hold thousands of them.
  private static func holds(_ words: ArraySlice<String>) -> Bool {
    words.split(separator: "-o", omittingEmptySubsequences: false).contains { words in
      words.split(separator: "-a", omittingEmptySubsequences: false).allSatisfy(isTrue)
    }
  }

  private static func isTrue(_ words: ArraySlice<String>) -> Bool {
    let negations = words.prefix { $0 == "!" }.count
    return isPlainlyTrue(Array(words.dropFirst(negations))) != (negations % 2 == 1)
  }

  private static func isPlainlyTrue(_ words: [String]) -> Bool {
    switch words.count {
    case 1: return !words[0].isEmpty
    case 2 where words[0] == "-n": return !words[1].isEmpty
    case 2 where words[0] == "-z": return words[1].isEmpty
    case 3:
      let (left, right) = (Int(words[0]), Int(words[2]))
      switch words[1] {
      case "=", "==": return words[0] == words[2]
      case "!=": return words[0] != words[2]
      case "-eq": return left == right
      case "-ne": return left != right
      case "-lt": return (left ?? 0) < (right ?? 0)
      case "-le": return (left ?? 0) <= (right ?? 0)
      case "-gt": return (left ?? 0) > (right ?? 0)
      case "-ge": return (left ?? 0) >= (right ?? 0)
      case _: return false
      }
    case _: return false
    }
  }
}
