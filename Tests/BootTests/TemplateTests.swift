import Network
import Testing

@testable import Boot

/// A machine on 10.77.0.0/16 with three name servers.
func variables(
  serial: String? = nil, hostname: String? = nil, values: [String: String] = [:]
) -> Variables {
  let address = IPv4Address(10, 77, 0, 1)
  var machine = Variables.MachineVariables(name: "rack3-07", serial: serial)
  machine.hostname = hostname
  let dns = [1, 2, 3].map { IPv4Address(0, 0, 0, $0) }
  let subnet = Subnet(network: IPv4Prefix(address, length: 16), dns: dns)
  return Variables(
    server: Variables.Server(address: address), site: "world", machine: machine, subnet: subnet,
    values: values)
}

/// What `text` renders to, or its mistakes as `line:column text`.
private func rendered(
  _ text: String, _ variables: Variables, snippets: [String: String] = [:]
) -> String {
  var sources: [String: Template.Source] = [:]
  for (name, text) in snippets { sources[name] = .init(file: "\(name).mustache", text: text) }
  do {
    return try Template(parsing: text, named: "t", snippets: sources).rendered(variables)
  } catch {
    return error.all.map(\.description).joined(separator: "\n")
  }
}

/// The cases of the mustache specification for what we support, with our names in them.
@Suite("Mustache specification") struct MustacheSpecificationTests {
  struct Row: CustomTestStringConvertible {
    var name: String
    var template: String
    var expected: String
    var snippets: [String: String] = [:]
    var testDescription: String { name }

    init(_ name: String, _ template: String, _ expected: String, _ snippets: [String: String] = [:])
    {
      self.name = name
      self.template = template
      self.expected = expected
      self.snippets = snippets
    }
  }

  static let known = variables(
    serial: "",
    values: [
      "yes": "true", "no": "false", "empty": "", "html": "& \" < >", "lines": "<\n->",
    ])

  static let interpolation = [
    Row("No Interpolation", "Hello from {Mustache}!\n", "Hello from {Mustache}!\n"),
    Row("Basic Interpolation", "Hello, {{site.name}}!\n", "Hello, world!\n"),
    Row("No Re-interpolation", "{{values.yes}}: {{site.name}}", "true: world"),
    Row("No HTML escaping", "{{values.html}}", "& \" < >"),
    Row("Triple Mustache", "{{{values.html}}}", "& \" < >"),
    Row("Ampersand", "{{&values.html}}", "& \" < >"),
    Row("Absent", "I ({{machine.uuid}}) be seen!", "I () be seen!"),
    Row(
      "Implicit Iterator", "{{#subnet.dns}}({{.}}){{/subnet.dns}}", "(0.0.0.1)(0.0.0.2)(0.0.0.3)"),
    Row("A list", "{{subnet.dns}}", "0.0.0.1,0.0.0.2,0.0.0.3"),
    Row("Surrounding Whitespace", "| {{site.name}} |", "| world |"),
    Row("Standalone", "  {{site.name}}\n", "  world\n"),
    Row("Padding", "|{{ site.name }}|{{{  site.name }}}|{{&  site.name}}|", "|world|world|world|"),
  ]
  static let comments = [
    Row("Inline", "12345{{! Comment Block! }}67890", "1234567890"),
    Row("Multiline", "12345{{!\n  This is a\n  multi-line comment...\n}}67890\n", "1234567890\n"),
    Row("Standalone", "Begin.\n{{! Comment Block! }}\nEnd.\n", "Begin.\nEnd.\n"),
    Row("Indented Standalone", "Begin.\n  {{! Indented! }}\nEnd.\n", "Begin.\nEnd.\n"),
    Row("Standalone Line Endings", "|\r\n{{! Standalone }}\r\n|", "|\r\n|"),
    Row("Standalone Without Previous Line", "  {{! I'm Still Standalone }}\n!", "!"),
    Row("Standalone Without Newline", "!\n  {{! I'm Still Standalone }}", "!\n"),
    Row("Multiline Standalone", "Begin.\n{{!\nSomething's here...\n}}\nEnd.\n", "Begin.\nEnd.\n"),
    Row("Indented Inline", "  12 {{! 34 }}\n", "  12 \n"),
    Row("Surrounding Whitespace", "12345 {{! Comment Block! }} 67890", "12345  67890"),
    Row("Variable Name Collision", "comments: ({{! comment }})", "comments: ()"),
  ]
  static let sections = [
    Row("Truthy", "\"{{#values.yes}}This{{/values.yes}}\"", "\"This\""),
    Row("Falsey", "\"{{#values.no}}This{{/values.no}}\"", "\"\""),
    Row("Null is falsey", "\"{{#values.absent}}This{{/values.absent}}\"", "\"\""),
    Row("Empty text is falsey", "\"{{#machine.serial}}This{{/machine.serial}}\"", "\"\""),
    Row("Empty List", "\"{{#profile.initrd}}Yay lists!{{/profile.initrd}}\"", "\"\""),
    Row("List", "\"{{#subnet.dns}}{{.}}{{/subnet.dns}}\"", "\"0.0.0.10.0.0.20.0.0.3\""),
    Row(
      "Doubled",
      "{{#values.yes}}\n* a\n{{/values.yes}}\n* {{site.name}}\n{{#values.yes}}\n* c\n{{/values.yes}}\n",
      "* a\n* world\n* c\n"),
    Row(
      "Nested (Truthy)",
      "| A {{#values.yes}}B {{#values.yes}}C{{/values.yes}} D{{/values.yes}} E |",
      "| A B C D E |"),
    Row(
      "Nested (Falsey)", "| A {{#values.no}}B {{#values.no}}C{{/values.no}} D{{/values.no}} E |",
      "| A  E |"),
    Row(
      "Surrounding Whitespace", " | {{#values.yes}}\t|\t{{/values.yes}} | \n", " | \t|\t | \n"),
    Row(
      "Internal Whitespace",
      " | {{#values.yes}} {{! Important Whitespace }}\n {{/values.yes}} | \n", " |  \n  | \n"),
    Row(
      "Indented Inline Sections",
      " {{#values.yes}}YES{{/values.yes}}\n {{#values.yes}}GOOD{{/values.yes}}\n", " YES\n GOOD\n"),
    Row(
      "Standalone Lines", "| This Is\n{{#values.yes}}\n|\n{{/values.yes}}\n| A Line\n",
      "| This Is\n|\n| A Line\n"),
    Row(
      "Indented Standalone Lines", "| This Is\n  {{#values.yes}}\n|\n  {{/values.yes}}\n| A Line\n",
      "| This Is\n|\n| A Line\n"),
    Row(
      "Standalone Line Endings", "|\r\n{{#values.yes}}\r\n{{/values.yes}}\r\n|", "|\r\n|"),
    Row(
      "Standalone Without Previous Line", "  {{#values.yes}}\n#{{/values.yes}}\n/", "#\n/"),
    Row(
      "Standalone Without Newline", "#{{#values.yes}}\n/\n  {{/values.yes}}", "#\n/\n"),
    Row("Padding", "|{{# values.yes }}={{/ values.yes }}|", "|=|"),
  ]
  static let inverted = [
    Row("Falsey", "\"{{^values.no}}This{{/values.no}}\"", "\"This\""),
    Row("Truthy", "\"{{^values.yes}}This{{/values.yes}}\"", "\"\""),
    Row("Null is falsey", "\"{{^values.absent}}This{{/values.absent}}\"", "\"This\""),
    Row("List", "\"{{^subnet.dns}}Yay lists!{{/subnet.dns}}\"", "\"\""),
    Row("Empty List", "\"{{^profile.initrd}}Yay lists!{{/profile.initrd}}\"", "\"Yay lists!\""),
    Row(
      "Standalone Lines", "| This Is\n{{^values.no}}\n|\n{{/values.no}}\n| A Line\n",
      "| This Is\n|\n| A Line\n"),
    Row("Standalone Line Endings", "|\r\n{{^values.no}}\r\n{{/values.no}}\r\n|", "|\r\n|"),
    Row("Standalone Without Previous Line", "  {{^values.no}}\n^{{/values.no}}\n/", "^\n/"),
    Row("Standalone Without Newline", "^{{^values.no}}\n/\n  {{/values.no}}", "^\n/\n"),
    Row("Padding", "|{{^ values.no }}={{/ values.no }}|", "|=|"),
  ]
  static let partials = [
    Row("Basic Behavior", "\"{{>text}}\"", "\"from partial\"", ["text": "from partial"]),
    Row("Context", "\"{{>partial}}\"", "\"*world*\"", ["partial": "*{{site.name}}*"]),
    Row(
      "Nested", "{{>outer}}", "*hello world!*",
      ["outer": "*hello {{>inner}}*", "inner": "{{site.name}}!"]),
    Row("Surrounding Whitespace", "| {{>partial}} |", "| \t|\t |", ["partial": "\t|\t"]),
    Row(
      "Inline Indentation", "  {{site.name}}  {{> partial}}\n", "  world  >\n>\n",
      ["partial": ">\n>"]),
    Row("Standalone Line Endings", "|\r\n{{>partial}}\r\n|", "|\r\n>|", ["partial": ">"]),
    Row("Standalone Without Previous Line", "  {{>partial}}\n>", "  >\n  >>", ["partial": ">\n>"]),
    Row("Standalone Without Newline", ">\n  {{>partial}}", ">\n  >\n  >", ["partial": ">\n>"]),
    Row(
      "Standalone Indentation", "\\\n {{>partial}}\n/\n", "\\\n |\n <\n->\n |\n/\n",
      ["partial": "|\n{{{values.lines}}}\n|\n"]),
    Row("Padding Whitespace", "|{{> partial }}|", "|[]|", ["partial": "[]"]),
    Row(
      "Nested indentation", " {{>a}}\n", " a\n  b\n", ["a": "a\n {{>b}}\n", "b": "b\n"]),
    Row(
      "The item reaches into a snippet", "{{#subnet.dns}}{{>i}}{{/subnet.dns}}",
      "<0.0.0.1><0.0.0.2><0.0.0.3>",
      ["i": "<{{.}}>"]),
  ]

  @Test(arguments: interpolation + comments + sections + inverted + partials)
  func aCaseRendersAsSpecified(_ row: Row) {
    #expect(rendered(row.template, Self.known, snippets: row.snippets) == row.expected)
  }
}

@Suite("Template mistakes") struct TemplateMistakeTests {
  struct Row: CustomTestStringConvertible {
    var template: String
    var mistakes: [String]
    var testDescription: String { template }
  }

  @Test(arguments: [
    Row(
      template: "a\n{{machine.mca}}",
      mistakes: [
        "t:2:3: error: unknown variable \"machine.mca\", expected machine.name, machine.mac, "
          + "machine.mac-dashed, machine.uuid, machine.serial, machine.address, "
          + "machine.architecture, machine.firmware, machine.answers, machine.report, "
          + "machine.hooks, machine.scripts, machine.site, machine.hostname, "
          + "machine.manufacturer, machine.product or machine.asset; did you mean \"machine.mac\"?"
      ]),
    Row(
      template: "ü{{hostname}}",
      mistakes: [
        "t:1:4: error: unknown variable \"hostname\", expected one of server.*, machine.*, "
          + "profile.*, subnet.*, site.*, keys.*, values.*, secrets.*, labels.*"
      ]),
    Row(
      template: "{{site.nam | shel}}",
      mistakes: [
        "t:1:14: error: unknown filter \"shel\", expected ipxe, shell, yaml, kickstart, preseed "
          + "or url; did you mean \"shell\"?",
        "t:1:3: error: unknown variable \"site.nam\", expected site.name; "
          + "did you mean \"site.name\"?",
      ].reversed()),
    Row(template: "x {{site.name", mistakes: ["t:1:3: error: this {{ has no }}"]),
    Row(template: "{{}}", mistakes: ["t:1:3: error: this tag names no variable"]),
    Row(
      template: "{{keys.root}}",
      mistakes: [
        "t:1:3: error: unknown variable \"keys.root\", expected keys.authorized or "
          + "keys.authorized_keys"
      ]),
    Row(
      template: "{{values.a.b}}",
      mistakes: [
        "t:1:3: error: \"values.a.b\" is no name of a value, expected letters, digits, - and _ "
          + "after \"values.\""
      ]),
    Row(
      template: "{{=<% %>=}}",
      mistakes: [
        "t:1:1: error: set-delimiter tags are not supported; the delimiters are always {{ and }}"
      ]),
    Row(
      template: "{{#values.a}}\n{{#values.b}}\n{{/values.a}}",
      mistakes: [
        "t:2:1: error: {{#values.b}} is never closed, expected {{/values.b}}"
      ]),
    Row(
      template: "{{/values.a}}{{#values.b}}{{/values.c}}{{/values.b}}{{^values.d}}",
      mistakes: [
        "t:1:1: error: {{/values.a}} closes no section, and none is open here",
        "t:1:27: error: {{/values.c}} closes no section, expected {{/values.b}} for line 1",
        "t:1:53: error: {{^values.d}} is never closed, expected {{/values.d}}",
      ]),
    Row(
      template: "{{.}}",
      mistakes: [
        "t:1:3: error: {{.}} stands for the item of a section, and no section is open here"
      ]),
    Row(
      template: "{{#values.a | shell}}{{/values.a | shell}}",
      mistakes: ["t:1:4: error: a section takes no filter; filter the variables within it"]),
    Row(
      template: "{{> hader}}",
      mistakes: ["t:1:5: error: unknown snippet \"hader\"; did you mean \"header\"?"]),
    Row(
      template: "{{> loop}}", mistakes: ["loop.mustache:1:5: error: snippet \"loop\" holds itself"]),
    Row(
      template: "{{> bad}}{{> bad}}",
      mistakes: [
        "bad.mustache:2:3: error: unknown variable \"site.nme\", expected site.name; "
          + "did you mean \"site.name\"?"
      ]),
  ])
  func everyMistakeIsToldWithItsPlace(_ row: Row) {
    let snippets = ["header": "#!ipxe\n", "loop": "{{> loop}}", "bad": "\n{{site.nme}}"]
    let text = rendered(row.template, variables(), snippets: snippets)
    #expect(text == row.mistakes.joined(separator: "\n"))
  }

  @Test func snippetsCannotMultiply() {
    var snippets = ["s0": String(repeating: "x{{site.name}}", count: 64)]
    for level in 1..<8 {
      snippets["s\(level)"] = String(repeating: "{{>s\(level - 1)}}", count: 64)
    }
    let text = rendered("{{>s7}}", variables(), snippets: snippets)
    #expect(text.contains("more than 65536 texts and tags"))
  }

  @Test func depthIsBounded() {
    let open = String(repeating: "{{#values.a}}", count: 10_000)
    let close = String(repeating: "{{/values.a}}", count: 10_000)
    #expect(rendered(open + close, variables()).contains("more than 16 sections"))
  }

  @Test func everyPrefixOfATemplateRendersOrIsRefused() {
    let template = "{{#values.a}} {{! c }}\n{{{site.name}}}{{> header}}{{/values.a}}\n{{.|url}}{{=="
    for count in 0...template.count {
      let text = rendered(String(template.prefix(count)), variables(), snippets: ["header": "x"])
      #expect(text.utf8.count < 4096)
    }
  }

  @Test func valuesThatWouldLeaveAHoleAreFound() throws {
    let text = """
      {{values.disk}} {{#values.raid}}{{values.level}}{{/values.raid}}
      {{^values.raid}}{{values.single}}{{/values.raid}}{{#machine.uuid}}{{values.disk}}
      {{values.x}}{{/machine.uuid}}
      """
    let template = try Template(parsing: text, named: "t")
    #expect(template.missingValues(in: [:]).map(\.name) == ["disk", "single", "x"])
    let missing = template.missingValues(in: ["disk": "", "raid": "1", "x": "1"])
    #expect(
      missing == [
        MissingValue(name: "level", place: TemplatePlace(file: "t", line: 1, column: 35))
      ])
  }
}
