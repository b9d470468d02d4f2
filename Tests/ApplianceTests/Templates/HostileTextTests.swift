import Boot
import Network
import Testing
import YAML

@testable import Replay

/// What a stranger calls itself is one word or value in every target,
/// whatever it holds. The targets are small models of who reads them.
@Suite("Case 10, case 46: hostile texts in each target") struct HostileTextTests {
  /// What has a meaning to one of the targets, or to somebody's terminal.
  private static let atoms: [String] = [
    "", "a", "no", "1e3", "\n", "\r\n", "\r", "\t", " ", "  ", ";", "||", "&&", "&", "|", "#",
    " # ",
    "'", "\"", "\\", "\\\n", "`x`", "$(x)", "${net0/mac}", "$x", "{", "}", "[", "]", ",", ": ", ":",
    "- ", "-", "--option", "---\n", "%", "%0a", "%include /etc/passwd", "%end", "~", "~root", "@",
    "!", "*", "?", "<", ">", "=", "(", ")", "{{values.a}}", "d-i x string y", "\u{0}", "\u{1b}[2J",
    "\u{7f}", "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{202e}", "\u{fffe}", "\u{ffff}",
    "\u{1f600}", "\u{e0001}", "ü", String(decoding: [0xff, 0xc0, 0x80, 0x61], as: UTF8.self),
    String(decoding: [0xed, 0xa0, 0x80], as: UTF8.self), String(repeating: "x", count: 300),
  ]

  /// Each atom, each pair, and longer ones by chance that is the same each time.
  private static let texts: [String] = {
    var texts = atoms
    for first in atoms { for second in atoms { texts.append(first + second) } }
    var state: UInt64 = 46
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<1_000 {
      texts.append((0..<3 + next(4)).map { _ in atoms[next(atoms.count)] }.joined())
    }
    return texts
  }()

  /// What `{{machine.serial | …}}` is in `template` for each text.
  private func check(
    _ template: String, as target: Template.Target = .text,
    _ judge: (_ rendered: String, _ text: String) -> Bool
  ) throws {
    let template = try Template(parsing: template, named: "t", as: target)
    var machine = Variables.MachineVariables(name: "a")
    var failures = 0
    for text in Self.texts {
      machine.serial = text
      machine.facts = ["manufacturer": text, "product": text, "asset": text]
      machine.hostname = text
      let variables = Variables(
        server: Variables.Server(address: IPv4Address(10, 0, 0, 1)), site: "s", machine: machine,
        values: ["a": "VALUE"])
      let rendered = template.rendered(variables)
      guard !judge(rendered, text), failures < 5 else { continue }
      failures += 1
      Issue.record("\(text.debugDescription) became \(rendered.debugDescription)")
    }
  }

  /// The names of variables whose text is the client's.
  private static let names = [
    "machine.serial", "machine.hostname", "machine.manufacturer", "machine.product",
    "machine.asset",
  ]

  @Test(arguments: names) func iPXEStartsNoCommand(_ name: String) throws {
    for tag in ["{{\(name)}}", "{{#\(name)}}{{. | ipxe}}{{/\(name)}}"] {
      try check("#!ipxe\nset x a\(tag) end\nset y \(tag)\n", as: .script) { rendered, _ in
        let lines = IPXELine.lines(of: rendered)
        let commands = lines.flatMap(\.commands).filter { !$0.words.isEmpty }
        guard commands.count == 2, !rendered.contains("${") else { return false }
        let words = commands[1].words
        return commands[0].words.count == 4 && commands[0].words.last == "end"
          && words.count <= 3 && words.starts(with: ["set", "y"])
          && !(words.count == 3 && words[2].hasPrefix("-"))
      }
    }
  }

  /// Whatever the operator's own value holds, it stays in its command.
  @Test func anOperatorsValueStaysOnItsLine() throws {
    let template = try Template(
      parsing: "#!ipxe\nkernel x {{values.a}}\nboot\n", named: "t", as: .script)
    let machine = Variables.MachineVariables(name: "a")
    for text in Self.texts {
      let variables = Variables(
        server: Variables.Server(address: IPv4Address(10, 0, 0, 1)), site: "s", machine: machine,
        values: ["a": text])
      #expect(template.rendered(variables).split(separator: "\n").count == 3, "\(text)")
    }
  }

  @Test func aShellReadsOneWord() throws {
    try check("f {{machine.serial | shell}} end\n") { rendered, text in
      Shell.words(rendered) == ["f", Shell.kept(text), "end", "\n"]
    }
    try check("f a{{machine.serial}} end\n") { rendered, _ in
      Shell.words(rendered)?.count == 4
    }
    try check("f {{#machine.serial}}{{. | shell}}{{/machine.serial}}\n") { rendered, text in
      text.isEmpty || text == "false" || Shell.words(rendered) == ["f", Shell.kept(text), "\n"]
    }
  }

  @Test func yamlReadsTheTextItself() throws {
    func value(_ text: String) -> String? {
      let document = Document(parsing: Array(text.utf8))
      guard document.mistakes.isEmpty, let root = document.root, root.entries.count == 2,
        root["b"]?.text == "end", case .scalar(let text, isPlain: false)? = root["a"]?.content
      else { return nil }
      return text
    }
    try check("a: {{machine.serial | yaml}}\nb: end\n") { rendered, text in
      value(rendered).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars)
    }
    try check("{a: {{machine.serial | yaml}}, b: end}\n") { rendered, text in
      value(rendered).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars)
    }
    // Without a filter it is some harmless scalar.
    try check("a: x{{machine.serial}}\nb: end\n") { rendered, _ in
      let root = Document(parsing: Array(rendered.utf8)).root
      return root?.entries.count == 2 && root?["a"]?.text != nil && root?["b"]?.text == "end"
    }
    try check("a: {{machine.serial}}\nb: end\n") { rendered, _ in
      let root = Document(parsing: Array(rendered.utf8)).root
      return root?.entries.count == 2 && root?["a"]?.text != nil && root?["b"]?.text == "end"
    }
  }

  @Test func jsonReadsTheTextItself() throws {
    try check("{\"a\": {{machine.serial | yaml}}, \"b\": 1}") { rendered, text in
      let document = Document(parsingJSON: Array(rendered.utf8))
      return document.mistakes.isEmpty
        && document.root?["a"]?.text.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars)
    }
  }

  @Test func kickstartReadsOneWordOfOneCommand() throws {
    try check("rootpw {{machine.serial | kickstart}} --end\nreboot\n") { rendered, text in
      let lines = rendered.split(omittingEmptySubsequences: true) { $0.isNewline }
      guard lines.count == 2, lines[1] == "reboot" else { return false }
      let words = Shlex.words(String(lines[0]))
      return words?.count == 3 && words?[0] == "rootpw" && words?[2] == "--end"
        && words?[1].unicodeScalars.count == text.unicodeScalars.count
    }
  }

  @Test func preseedReadsOneLine() throws {
    try check("d-i a/b string x {{machine.serial | preseed}}\nd-i c/d string y\n") { rendered, _ in
      let lines = Debconf.lines(rendered)
      return lines.count == 2 && lines[0].hasPrefix("d-i a/b string x ")
        && lines[1] == "d-i c/d string y"
    }
    try check("d-i a/b string f {{machine.serial | shell | preseed}} end\nd-i c/d string y\n") {
      rendered, _ in
      let lines = Debconf.lines(rendered)
      guard lines.count == 2, lines[1] == "d-i c/d string y" else { return false }
      return Shell.words(String(lines[0].dropFirst("d-i a/b string ".count)))?.count == 3
    }
  }

  @Test func aURLHasTheTextInOnePart() throws {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%".utf8)
    try check("{{machine.serial | url}}") { rendered, text in
      rendered.utf8.allSatisfy(plain.contains)
        && Percent.decoded(rendered) == Array(text.utf8)
    }
  }
}

/// What a POSIX shell makes of a line (XCU §2.2, §2.3): words, and `\n` where a command ends. nil
/// where it would expand, redirect or join anything.
private enum Shell {
  static func words(_ text: String) -> [String]? {
    var words: [String] = []
    var word: String.UnicodeScalarView?
    var isQuoted = false
    var isEscaped = false
    for scalar in text.unicodeScalars {
      if isQuoted {
        if scalar == "'" { isQuoted = false } else { word?.append(scalar) }
      } else if isEscaped {
        guard scalar != "\n" else { return nil }
        word = (word ?? .init()) + [scalar]
        isEscaped = false
      } else if scalar == "'" {
        isQuoted = true
        word = word ?? .init()
      } else if scalar == "\\" {
        isEscaped = true
      } else if [" ", "\t", "\n"].contains(scalar) {
        if let word { words.append(String(word)) }
        word = nil
        if scalar == "\n" { words.append("\n") }
      } else if "\"$`;&|<>()*?[#~!{}".unicodeScalars.contains(scalar), word == nil || scalar != "~"
      {
        return nil
      } else {
        word = (word ?? .init()) + [scalar]
      }
    }
    if let word { words.append(String(word)) }
    return isQuoted || isEscaped ? nil : words
  }

  /// A word has no NUL, and what only moves a terminal's cursor is left out.
  static func kept(_ text: String) -> String {
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars
    where scalar == "\n" || scalar == "\t"
      || scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
    {
      kept.append(scalar)
    }
    return String(kept)
  }
}

/// Python's shlex with `posix=True`, as pykickstart splits its lines; nil for an open quote.
private enum Shlex {
  static func words(_ line: String) -> [String]? {
    var words: [String] = []
    var word: String.UnicodeScalarView?
    var isQuoted = false
    var isEscaped = false
    for scalar in line.unicodeScalars {
      if isEscaped {
        // Within double quotes a backslash stays before all but these two.
        if isQuoted, scalar != "\"", scalar != "\\" { word?.append("\\") }
        word?.append(scalar)
        isEscaped = false
      } else if scalar == "\\" {
        word = word ?? .init()
        isEscaped = true
      } else if scalar == "\"" {
        isQuoted.toggle()
        word = word ?? .init()
      } else if isQuoted {
        word?.append(scalar)
      } else if scalar == "'" || scalar == "#" {
        return nil
      } else if scalar == " " || scalar == "\t" {
        if let word { words.append(String(word)) }
        word = nil
      } else {
        word = (word ?? .init()) + [scalar]
      }
    }
    if let word { words.append(String(word)) }
    return isQuoted || isEscaped ? nil : words
  }
}

/// The lines of debconf-set-selections: a backslash at the end joins the next.
private enum Debconf {
  static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var pending = ""
    for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: true) {
      if line.last == "\\" {
        pending += String(line.dropLast())
        continue
      }
      lines.append(pending + String(line))
      pending = ""
    }
    return pending.isEmpty ? lines : lines + [pending]
  }
}

private enum Percent {
  static func decoded(_ text: String) -> [UInt8]? {
    var octets: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let octet = rest.popFirst() {
      guard octet == UInt8(ascii: "%") else {
        octets.append(octet)
        continue
      }
      guard rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      else { return nil }
      octets.append(value)
      rest = rest.dropFirst(2)
    }
    return octets
  }
}
