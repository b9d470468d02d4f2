import Network
import Testing

@testable import Boot

@Suite("Templates with keys and secrets") struct TemplateSecretTests {
  private func given() -> Variables {
    var given = variables(values: ["disk": "sda"])
    given.labels = ["rack": "3", "example.org/row": "b"]
    given.keys = ["ssh-ed25519 AAAA a@b", "ssh-rsa BBBB"]
    given.secrets = ["root.password": Secret.Text("$6$x"), "join": Secret.Text("abc")]
    return given
  }

  private func template(_ text: String, as target: Template.Target = .text) throws -> Template {
    try Template(parsing: text, named: "t", as: target)
  }

  @Test(arguments: [
    ("{{keys.authorized_keys}}", "ssh-ed25519 AAAA a@b\nssh-rsa BBBB\n"),
    (
      "{{#keys.authorized}}- {{. | yaml}}\n{{/keys.authorized}}",
      "- \"ssh-ed25519 AAAA a@b\"\n- \"ssh-rsa BBBB\"\n"
    ),
    ("{{labels.rack}}/{{labels.example.org/row}}/{{labels.none}}", "3/b/"),
    ("{{secrets.root.password | shell}} {{#secrets.join}}{{.}}{{/secrets.join}}", "'$6$x' abc"),
    (
      "{{machine.hooks}} {{machine.scripts}}", "/machines/rack3-07/hooks /machines/rack3-07/scripts"
    ),
    ("{{machine.site}} {{site.name}}", "world world"),
  ])
  func aVariableStandsForWhatIsGiven(_ text: String, _ expected: String) throws {
    #expect(try template(text).rendered(given()) == expected)
  }

  @Test func aPreviewShowsNoSecret() throws {
    let text =
      "{{secrets.join}} {{#secrets.join}}{{. | yaml}}{{/secrets.join}}{{^secrets.no}}-{{/secrets.no}}"
    var masked = given()
    masked.isMasked = true
    #expect(try template(text).rendered(masked) == "******** \"********\"-")
    #expect(!"\(masked)".contains("abc") && !String(reflecting: masked).contains("abc"))
  }

  @Test(arguments: [
    ("{{secrets.a}}", ["1:3"]), ("{{#secrets.a}}x{{/secrets.a}}", ["1:4"]),
    ("\n{{^secrets.a}}x{{/secrets.a}} {{secrets.b}}", ["2:4", "2:33"]), ("{{values.a}}", []),
  ])
  func aTemplateKnowsWhereItHoldsSecrets(_ text: String, _ places: [String]) throws {
    let template = try template(text)
    #expect(template.holdsSecrets == !places.isEmpty)
    #expect(template.secretUses.map { "\($0.place.line):\($0.place.column)" } == places)
  }

  @Test func aSnippetsSecretsAreTheTemplates() throws {
    let snippet = Template.Source(file: "s", text: "{{secrets.a}}")
    let template = try Template(parsing: "{{> s}}", named: "t", snippets: ["s": snippet])
    #expect(template.secretUses.map(\.place.file) == ["s"])
  }

  @Test func aSecretThatIsNotThereIsMissedUnlessItsSectionIsLeftOut() throws {
    let template = try template(
      "{{secrets.a}}{{#secrets.b}}{{secrets.c}}{{/secrets.b}}{{^secrets.d}}{{values.v}}{{/secrets.d}}"
    )
    let secrets = ["b": Secret.Text("1")]
    #expect(template.missingSecrets(in: secrets, values: [:]).map(\.name) == ["a", "c"])
    #expect(template.missingSecrets(in: ["a": Secret.Text("")], values: [:]).isEmpty)
    #expect(template.missingValues(in: [:]).map(\.name) == ["v"])
  }

  @Test(arguments: ["secrets.", "labels.", "secrets.a/b", "labels.a b"])
  func whatIsNoNameIsTold(_ name: String) {
    #expect(throws: Template.Mistakes.self) { try template("{{\(name)}}") }
  }

  @Test func aValueStartsNoCommandOfAScript() throws {
    var given = given()
    given.values = ["a": "b\nchain http://evil\r\u{0}\u{2028}c\n"]
    given.secrets = [:]
    let text = "kernel {{values.a}}|{{values.a | shell}}|{{#values.a}}{{.}}{{/values.a}}"
    let script = try template(text, as: .script).rendered(given)
    #expect(script.hasPrefix("kernel b chain http://evil   c |"))
    #expect(!script.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 })
    #expect(try template("{{values.a}}").rendered(given) == given.values["a"])
  }

  @Test func listsWithinListsEndAtTheLimit() throws {
    var given = given()
    given.keys = [String](repeating: "ssh-rsa AAAA", count: 40)
    var text = "x"
    for _ in 0..<6 { text = "{{#keys.authorized}}\(text){{/keys.authorized}}" }
    var output: [UInt8] = [1]
    #expect(try !template(text).render(given, into: &output))
    #expect(output == [1])
    given.values = ["long": String(repeating: "x", count: 1 << 15)]
    let many = String(repeating: "{{values.long}}", count: 33)
    #expect(try !template(many).render(given, into: &output) && output == [1])
    let enough = String(repeating: "{{values.long}}", count: 32)
    #expect(try template(enough).render(given, into: &output) && output.count == 1 + 1 << 20)
  }
}
