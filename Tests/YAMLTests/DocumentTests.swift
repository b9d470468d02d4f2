import Testing
import YAML

@Suite("YAML documents") struct DocumentTests {
  /// A short notation: scalars plain or in quotes, [lists], {key@line:column=value}.
  private func written(_ node: Node?) -> String {
    guard let node else { return "nothing" }
    switch node.content {
    case .scalar(let text, let isPlain): return isPlain ? text : "'\(text)'"
    case .sequence(let nodes): return "[" + nodes.map(written).joined(separator: ",") + "]"
    case .mapping(let entries):
      let texts = entries.map {
        "\($0.key)@\($0.position.line):\($0.position.column)=\(written($0.value))"
      }
      return "{" + texts.joined(separator: ",") + "}"
    case .broken: return "?"
    }
  }

  private func read(_ text: String) -> Document { Document(parsing: Array(text.utf8)) }

  private func mistakes(_ bytes: [UInt8]) -> [String] {
    Document(parsing: bytes).mistakes.map { "\($0.position.line):\($0.position.column) \($0.text)" }
  }

  @Test func everyValueKeepsItsPlaceAndItsText() {
    let document = read("a: no\n\u{e4}: {b: 010, c: [\"x\", ~]}\nd:\n  - |\n    t\n")
    #expect(document.mistakes.isEmpty)
    #expect(written(document.root) == "{a@1:1=no,ä@2:1={b@2:5=010,c@2:13=['x',~]},d@3:1=['t\n']}")
    guard case .mapping(let entries) = document.root?.content else { return #expect(Bool(false)) }
    #expect(entries[0].value.position == Position(line: 1, column: 4))
    #expect(entries[2].value.position == Position(line: 4, column: 3))
  }

  @Test func anEmptyTextHasNoValue() {
    for text in ["", "\n", "# nothing\n", "\u{feff}"] {
      #expect(written(read(text).root) == "nothing")
      #expect(read(text).mistakes.isEmpty)
    }
  }

  @Test func aByteOrderMarkIsSkipped() {
    #expect(written(read("\u{feff}a: 1").root) == "{a@1:1=1}")
  }

  struct Row: CustomTestStringConvertible {
    var text: String
    var mistakes: [String]
    var testDescription: String { text }
  }

  @Test(arguments: [
    Row(
      text: "a: &x 1\nb: *x\nc: !!int 3\na: 2\n",
      mistakes: [
        "1:4 an anchor, &x; anchors and aliases are not taken",
        "2:4 an alias, *x; write the value out, aliases are not taken",
        "3:4 a tag, tag:yaml.org,2002:int; the type follows from the key, tags are not taken",
        "4:1 \"a\" stands here a second time; it is set in line 1 already",
      ]),
    Row(
      text: "a: 1\n---\nb: 2\n", mistakes: ["2:1 a second document begins here; one file holds one"]
    ),
    Row(text: "? [a]\n: 1\n", mistakes: ["1:3 a key must be a text"]),
    Row(
      text: "a: \"\u{1}\"", mistakes: ["1:5 a control character, 1, cannot stand in a text file"]),
  ])
  func whatHasNoMeaningHereIsRefused(_ row: Row) {
    #expect(mistakes(Array(row.text.utf8)) == row.mistakes)
  }

  @Test func brokenSyntaxHasAPlace() throws {
    let mistake = try #require(read("a: 1\nb: [1,\nc: 2\n").mistakes.first)
    #expect(mistake.position.line == 4)
    #expect(mistake.text.hasPrefix("this is no YAML: "))
  }

  @Test func bytesThatAreNoTextAreRefused() {
    #expect(mistakes([0x61, 0x3a, 0x20, 0xff]) == ["1:4 this is no UTF-8 text"])
    #expect(mistakes([0x61, 0x0a, 0xc3]) == ["2:1 this is no UTF-8 text"])
    #expect(mistakes([0xff, 0xfe, 0x61, 0x00]) == ["1:1 this is no UTF-8 text"])
    #expect(mistakes([0x7f, 0x45, 0x4c, 0x46]).count == 1)
  }

  @Test func hostileTextsAreBounded() {
    let deep = read(String(repeating: "[", count: 1_000_000))
    #expect(deep.mistakes.first?.text.hasPrefix("more than 32") == true)
    let block = read(String(repeating: "- ", count: 100_000) + "x")
    #expect(block.mistakes.count == 1)
    #expect(read(String(repeating: "a", count: Document.sizeMax + 1)).mistakes.count == 1)
    let many = read("[" + String(repeating: "1,", count: Document.nodeCountMax) + "1]")
    #expect(many.mistakes.first?.text.hasPrefix("more than 500000") == true)
    #expect(read("a: [" + String(repeating: "*b,", count: 1000) + "]").mistakes.count == 200)
  }

  /// The bomb of nine aliases of nine, each of the one before.
  @Test func aliasesCannotMultiply() {
    var text = "a0: &a0 [x]\n"
    for level in 1..<9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(read(text).mistakes.count == 81)
  }

  @Test func everyPrefixAndEveryReplacedOctetIsReadOrRefused() {
    let text = Array(
      "a: {b: [\"x\\n\", 'y', &z !t 1], ? c : |\n  t\n}\n# c\n--- \n%YAML 1.1\n".utf8)
    for count in text.indices {
      _ = Document(parsing: Array(text[..<count]))
      for octet: UInt8 in [0, 1, 9, 10, 0x22, 0x26, 0x2a, 0x3a, 0x5b, 0x7b, 0x80, 0xc3, 0xff] {
        var changed = text
        changed[count] = octet
        let document = Document(parsing: changed)
        for mistake in document.mistakes { #expect(mistake.position.line <= 12) }
      }
    }
  }
}
