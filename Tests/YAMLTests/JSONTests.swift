import Testing
import YAML

@Suite("JSON") struct JSONTests {
  private func read(_ text: String) -> Document { Document(parsingJSON: Array(text.utf8)) }

  private func mistake(_ bytes: [UInt8]) -> String? {
    Document(parsingJSON: bytes).mistakes.first.map {
      "\($0.position.line):\($0.position.column) \($0.text)"
    }
  }

  @Test func everyValueKeepsItsPlaceAndItsText() throws {
    let text = #"{"a": -0.50E+3,\#n "ä": [true, null, "x\n\"\/\u00e4\ud83d\ude00"], "b":{}}"#
    let document = read(text)
    #expect(document.mistakes.isEmpty)
    let root = try #require(document.root)
    #expect(root.json() == #"{"a":-0.50E+3,"ä":[true,null,"x\n\"/ä😀"],"b":{}}"#)
    guard case .mapping(let entries) = root.content else { return #expect(Bool(false)) }
    #expect(entries[0].value.position == Position(line: 1, column: 7))
    #expect(entries[1].position == Position(line: 2, column: 2))
    #expect(entries[2].position == Position(line: 2, column: 50))
    #expect(entries[0].value.content == .scalar("-0.50E+3", isPlain: true))
  }

  @Test(arguments: ["0", "-0", "12", "1.5", "1e9", "-1.25E-7", "true", "null", "\"\"", "[]", "{}"])
  func whatIsCompactComesBackAsItWas(_ text: String) throws {
    #expect(read(text).root?.json() == text)
    #expect(read(" \n\(text)\t\r\n").root?.json() == text)
  }

  struct Row: CustomTestStringConvertible {
    var text: String
    var mistake: String
    var testDescription: String { text }
  }

  @Test(arguments: [
    Row(text: "", mistake: "1:1 the text ends here: expected a value"),
    Row(text: "\u{feff}{}", mistake: "1:1 this is no JSON: expected a value"),
    Row(text: "{} x", mistake: "1:4 this is no JSON: something stands after the end"),
    Row(text: "[1,]", mistake: "1:4 this is no JSON: expected a value"),
    Row(text: "[1 2]", mistake: "1:4 this is no JSON: expected a comma or ]"),
    Row(text: "{\"a\":1,}", mistake: "1:8 this is no JSON: expected a key in quotes"),
    Row(text: "{\"a\" 1}", mistake: "1:6 this is no JSON: expected a colon after the key"),
    Row(text: "{\"a\":1\n", mistake: "2:1 the text ends here: expected a comma or }"),
    Row(
      text: "{\"a\":1,\n \"a\":2}",
      mistake: "2:2 \"a\" stands here a second time; it is set in line 1 already"),
    Row(text: "\"a", mistake: "1:3 the text ends here: a text has no closing quote"),
    Row(
      text: "\"a\n\"",
      mistake:
        "1:3 this is no JSON: a control character stands in a text; write it as \\u and four digits"
    ),
    Row(text: "\"\\x\"", mistake: "1:3 this is no JSON: a backslash before what needs none"),
    Row(
      text: "\"\\u12g4\"",
      mistake: "1:6 this is no JSON: expected four hexadecimal digits after \\u"),
    Row(text: "\"\\ud800\"", mistake: "1:8 this is no JSON: half of a surrogate pair"),
    Row(text: "\"\\udc00\"", mistake: "1:8 this is no JSON: half of a surrogate pair"),
    Row(text: "\"\\ud800\\u0041\"", mistake: "1:14 this is no JSON: half of a surrogate pair"),
    Row(
      text: String(repeating: "1", count: 65),
      mistake: "1:1 this is no JSON: more than 64 digits, the most we take"),
  ])
  func whatTheRFCDoesNotAllowIsRefusedWithItsPlace(_ row: Row) {
    #expect(mistake(Array(row.text.utf8)) == row.mistake)
  }

  @Test(arguments: [
    "01", "+1", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "-", "tru", "True", "'a'",
    "// c\n1", "/* c */1", "[1,,2]", "{a:1}", "}", "]", ",", ":", "{\"a\":1]", "[1}",
  ])
  func whatLenientReadersTakeIsRefused(_ text: String) {
    #expect(read(text).root == nil)
    #expect(read(text).mistakes.count == 1)
  }

  @Test func bytesThatAreNoTextAreRefused() {
    #expect(mistake([0x22, 0xff, 0x22]) == "1:1 this is no UTF-8 text")
    // An overlong slash, and a surrogate in UTF-8.
    #expect(mistake([0x22, 0xc0, 0xaf, 0x22]) == "1:1 this is no UTF-8 text")
    #expect(mistake([0x22, 0xed, 0xa0, 0x80, 0x22]) == "1:1 this is no UTF-8 text")
    #expect(mistake([0xff, 0xfe, 0x7b, 0x00]) != nil)
  }

  @Test func hostileTextsAreBounded() {
    #expect(mistake(Array(repeating: 0x5b, count: 1_000_000))?.contains("more than 32") == true)
    let objects = String(repeating: "{\"a\":", count: 100_000)
    #expect(mistake(Array(objects.utf8))?.contains("more than 32") == true)
    #expect(mistake(Array(repeating: 0x20, count: Document.sizeMax + 1)) != nil)
    let many = "[" + String(repeating: "1,", count: Document.nodeCountMax) + "1]"
    #expect(mistake(Array(many.utf8))?.contains("more than 500000") == true)
    let digits = String(repeating: "1", count: 1_000_000)
    #expect(mistake(Array(digits.utf8))?.contains("more than 64 digits") == true)
  }

  @Test func everyPrefixAndEveryReplacedOctetIsReadOrRefused() {
    let text = Array(#"{"a":[1,-2.5e3,"\u00e4\ud83d\ude00\n"],"ä":{"b":null,"c":true}}"#.utf8)
    for count in text.indices {
      #expect(Document(parsingJSON: Array(text[..<count])).mistakes.count == 1)
      for octet: UInt8 in [
        0, 1, 9, 10, 0x22, 0x2c, 0x2d, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x80, 0xc3, 0xff,
      ] {
        var changed = text
        changed[count] = octet
        let document = Document(parsingJSON: changed)
        #expect(document.root != nil || !document.mistakes.isEmpty)
        for mistake in document.mistakes { #expect(mistake.position.line <= 2) }
      }
    }
  }
}
