import Testing
import YAML

/// What we write, read again.
@Suite("Trees as text") struct NodeTextTests {
  private static let start = Position(line: 1, column: 1)

  private func node(_ json: String) throws -> Node {
    try #require(Document(parsingJSON: Array(json.utf8)).root)
  }

  /// Texts that a careless writer would let become something else.
  static let texts = [
    "", " ", "a", " a", "a ", "a b", "a: b", "a:", ":a", "a #b", "#a", "- a", "-", "--- ", "...",
    "? a", "|", ">", "&a", "*a", "!a", "%a", "@a", "`a", "'a'", "\"a\"", "a\"b", "a\\b", "{a}",
    "[a]", "a, b", "yes", "No", "on", "true", "null", "~", "1", "-1", "0x1f", "1_000", "1.5",
    "1e3", "+1", ".5", "12:30", "2026-11-22", "2026-11-22T10:00:00Z", "<<", "=", ".inf",
    "10.0.0.1", "52:54:00:12:34:56", "a\tb", "\ta", "a\r", "\u{0}", "\u{7f}", "\u{85}",
    "\u{2028}a", "\u{feff}", "\u{fffe}", "ä", "😀", "a\nb", "a\nb\n", "a\nb\n\n", "\na", "\n",
    "\n\n", " a\nb", "\ta\nb\n", "a\n  \nb", "a\n ", "  \na", "a \nb \n", "a\r\nb\r\n",
    "#!ipxe\ndhcp || shell\n", "a\n---\nb\n", "a\n# b\n", "a\n\u{2028}b", "a\u{1}\nb",
    String(repeating: "k", count: 2000), String(repeating: "k\n", count: 2000),
  ]

  private static func same(_ text: String) -> Node {
    Node(.scalar(text, isPlain: false), at: start)
  }

  @Test(arguments: texts)
  func anyTextComesBackAsThatTextWhereverItStands(_ text: String) throws {
    let scalar = Self.same(text)
    let key = Node.Entry(key: text, position: Self.start, value: scalar)
    let list = Node(.sequence([scalar, scalar]), at: Self.start)
    let mapping = Node(
      .mapping([key, Node.Entry(key: "last", position: Self.start, value: list)]), at: Self.start)
    let nested = Node(
      .sequence([mapping, list, Node(.sequence([mapping]), at: Self.start)]), at: Self.start)
    for node in [scalar, list, mapping, nested] {
      let yaml = node.yaml()
      let document = Document(parsing: Array(yaml.utf8))
      #expect(document.mistakes.isEmpty, "\(yaml)")
      // A text in quotes and one in a block are both no numbers.
      #expect(stripped(document.root) == stripped(node), "\(yaml)")
      let json = Document(parsingJSON: Array(node.json(.pretty).utf8))
      #expect(stripped(json.root) == stripped(node))
      #expect(json.root?.json() == node.json())
    }
  }

  /// The tree without places and manners of quoting, as a text.
  private func stripped(_ node: Node?) -> String {
    switch node?.content {
    case .scalar(let text, _): "\(text.debugDescription)"
    case .sequence(let nodes): "[\(nodes.map(stripped).joined(separator: ","))]"
    case .mapping(let entries):
      "{\(entries.map { "\($0.key.debugDescription)=\(stripped($0.value))" }.joined(separator: ","))}"
    case .broken: "?"
    case nil: "nothing"
    }
  }

  @Test(arguments: texts)
  func aTextNeverBecomesANumberOrATruth(_ text: String) throws {
    let node = Node(.sequence([Self.same(text)]), at: Self.start)
    let read = try #require(Document(parsing: Array(node.yaml().utf8)).root)
    #expect(read.json() == node.json())
  }

  @Test func whatStoodPlainStaysPlain() throws {
    let json = #"{"a":1,"b":true,"c":null,"d":-1.5e3,"e":[],"f":{},"g":[[1],[{"h":2}]]}"#
    let yaml = try node(json).yaml()
    #expect(
      yaml == """
        a: 1
        b: true
        c: null
        d: -1.5e3
        e: []
        f: {}
        g:
          - - 1
          - - h: 2

        """)
    #expect(Document(parsing: Array(yaml.utf8)).root?.json() == json)
  }

  @Test func aScriptStandsAsItIsRead() throws {
    let json = ##"{"scripts":{"main":{"text":"#!ipxe\nchain sub\n","labels":{"on":"3"}}}}"##
    #expect(
      try node(json).yaml() == """
        scripts:
          main:
            text: |
              #!ipxe
              chain sub
            labels:
              "on": "3"

        """)
  }

  @Test func prettyJSONHasALineForEachValue() throws {
    #expect(
      try node(#"{"a":[1,2],"b":{},"c":"d"}"#).json(.pretty) == """
        {
          "a": [
            1,
            2
          ],
          "b": {},
          "c": "d"
        }
        """)
  }
}
