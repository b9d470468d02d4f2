import Testing

@testable import Boot

@Suite("Hooks as one script") struct HookScriptTests {
  private func hook(_ name: String, _ when: Hook.When, _ text: String) throws -> Hook {
    Hook(name: name, when: when, template: try Template(parsing: text, named: name))
  }

  @Test func hooksStandInTheirOrderEachByItself() throws {
    let hooks = [
      try hook("ntp", .postInstall, "echo {{machine.name | shell}}\n"),
      try hook("disk", .preInstall, "x"), try hook("end", .postInstall, "set -e; cat <<E\nE"),
    ]
    var output: [UInt8] = []
    let script = HookScript(hooks, .postInstall)
    #expect(script.render(variables(), into: &output) && !script.holdsSecrets)
    func end(_ name: String) -> String {
      """
      )
      bootwire_status=$?
      if [ "$bootwire_status" -ne 0 ]; then
        echo "hook \(name) failed with status $bootwire_status" >&2
        exit "$bootwire_status"
      fi

      """
    }
    #expect(
      String(decoding: output, as: UTF8.self)
        == "#!/bin/sh\n# post-install hooks of profile \n\n# hook ntp\n(\n:\necho 'rack3-07'\n"
        + end("ntp") + "\n# hook end\n(\n:\nset -e; cat <<E\nE\n" + end("end"))
  }

  @Test func withoutHooksTheScriptDoesNothing() throws {
    var output: [UInt8] = []
    let script = HookScript([try hook("a", .preInstall, "x")], .firstBoot)
    #expect(script.isEmpty && script.render(variables(), into: &output))
    #expect(String(decoding: output, as: UTF8.self).split(separator: "\n").count == 2)
  }

  @Test func aSecretInOneMakesTheWholeScriptSecret() throws {
    let hooks = [
      try hook("a", .preInstall, "x"), try hook("b", .preInstall, "{{secrets.key}}{{values.v}}"),
    ]
    let script = HookScript(hooks, .preInstall)
    #expect(script.holdsSecrets)
    #expect(script.missingSecrets(variables()).map(\.name) == ["key"])
    #expect(script.missingValues(in: [:]).map(\.name) == ["v"])
    #expect(!HookScript(hooks, .firstBoot).holdsSecrets)
  }

  @Test func hooksThatAreTooLongTogetherAreNoScript() throws {
    let long = String(repeating: "#", count: 1 << 19)
    let hooks = [try hook("a", .preInstall, long), try hook("b", .preInstall, long)]
    var output: [UInt8] = [7]
    #expect(!HookScript(hooks, .preInstall).render(variables(), into: &output))
    #expect(output == [7])
  }
}
