import Testing

@testable import Boot

@Suite("Quoting filters") struct TemplateFilterTests {
  struct Row: CustomTestStringConvertible {
    var filter: TemplateFilter
    var text: String
    var quoted: String
    var testDescription: String { "\(filter) \(text.debugDescription)" }

    init(_ filter: TemplateFilter, _ text: String, _ quoted: String) {
      self.filter = filter
      self.text = text
      self.quoted = quoted
    }
  }

  @Test(arguments: [
    Row(.ipxe, "rack3-07.lab", "rack3-07.lab"),
    Row(.ipxe, "a\nchain http://evil", "a%0Achain%20http://evil"),
    Row(.ipxe, "${net0/mac}", "%24%7Bnet0/mac%7D"),
    Row(.ipxe, "a || shell", "a%20%7C%7C%20shell"),
    Row(.ipxe, "a && b ; c # d", "a%20%26%26%20b%20%3B%20c%20%23%20d"),
    Row(.ipxe, "ü", "%C3%BC"),
    Row(.shell, "", "''"),
    Row(.shell, "it's", "'it'\\''s'"),
    Row(.shell, "$(reboot)`x`\"\\", "'$(reboot)`x`\"\\'"),
    Row(.shell, "a\nb\u{0}\u{1b}[2J", "'a\nb[2J'"),
    Row(.yaml, "no", "\"no\""),
    Row(.yaml, "a: b\n- c # d", "\"a: b\\n- c # d\""),
    Row(.yaml, "\"\\\u{0}\u{85}\u{2028}\u{202e}", "\"\\\"\\\\\\u0000\\u0085\\u2028\\u202e\""),
    Row(.kickstart, "a\" --plaintext \"b", "\"a\\\" --plaintext \\\"b\""),
    Row(.kickstart, "a\r\n%post\nrm \\", "\"a  %post rm \\\\\""),
    Row(.kickstart, "a\u{2028}b", "\"a b\""),
    Row(.preseed, "a\nd-i x string y", "a d-i x string y"),
    Row(.preseed, "ends \\", "ends _"),
    Row(.preseed, "ends \\ \\ ", "ends _ _ "),
    Row(.preseed, "C:\\a", "C:\\a"),
    Row(.url, "a/b c?d=e&f#g", "a%2Fb%20c%3Fd%3De%26f%23g"),
    Row(.url, "../%2e", "..%2F%252e"),
  ])
  func aTextIsQuotedForItsTarget(_ row: Row) {
    #expect(row.filter.quote(row.text) == row.quoted)
  }

  /// What firmware and DHCP clients may send as host name or serial number.
  static let hostile = [
    "a\nb", "a\r\nb", "\u{0}", "${x}", "$(x)", "`x`", "'", "\"", "\\", "a;b", "a||b", "a#b",
    "{{x}}",
    "<script>", "\u{202e}gnp", "%n", " ", "\t", "a b", "\u{7f}", "\u{85}", "%include /etc/passwd",
    String((1..<256).compactMap { UnicodeScalar($0).map(Character.init) }),
  ]

  @Test(arguments: hostile) func noTextBreaksOutOfItsTarget(_ text: String) {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
    }
    let ipxe = TemplateFilter.ipxe.quote(text)
    #expect(
      !ipxe.unicodeScalars.contains { isControl($0) || "${}|&;# '\"\\".contains(Character($0)) })
    let url = TemplateFilter.url.quote(text)
    #expect(
      !url.unicodeScalars.contains { isControl($0) || "${}|&;# '\"\\/?".contains(Character($0)) })
    let lines = [TemplateFilter.yaml, .kickstart, .preseed].map { $0.quote(text) }
    #expect(!lines.contains { $0.unicodeScalars.contains(where: isControl) })
    #expect(lines[0].hasPrefix("\"") && lines[0].hasSuffix("\""))
    #expect(lines[1].hasPrefix("\"") && lines[1].hasSuffix("\""))
    // A shell reads back one word: the text without its unprintable characters.
    let shell = TemplateFilter.shell.quote(text)
    #expect(shell.hasPrefix("'") && shell.hasSuffix("'"))
    let word = shell.dropFirst().dropLast().replacing("'\\''", with: "\u{1}")
    #expect(!word.contains("'"))
    let kept = text.unicodeScalars.filter { !isControl($0) || $0 == "\n" || $0 == "\t" }
    #expect(word.replacing("\u{1}", with: "'").unicodeScalars.elementsEqual(kept))
  }

  @Test func aClientsOwnTextIsHarmlessWithoutAFilterToo() throws {
    let template = try Template(
      parsing: "echo {{machine.serial}} {{#machine.hostname}}{{.}}{{/machine.hostname}}", named: "t"
    )
    let text = template.rendered(
      variables(serial: "a\nshell ${x}", hostname: "b;c{{site.name}}"))
    #expect(text == "echo a_shell___x_ b_c__site.name__")
  }

  @Test func filtersApplyFromLeftToRight() throws {
    let template = try Template(parsing: "{{values.command | shell|preseed }}", named: "t")
    #expect(template.rendered(variables(values: ["command": "a\nb's"])) == "'a b'\\''s'")
  }
}
