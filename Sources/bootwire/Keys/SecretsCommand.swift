import ArgumentParser
import Boot
import EventLoop
import YAML

/// `bootwire secrets list|set|delete`
struct SecretsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secrets",
    abstract: "Keep what only an armed machine may have, once: a password hash, a host key.",
    discussion: "No command shows a secret's value again.",
    subcommands: [List.self, Set.self, Delete.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the secrets, without their values.",
      discussion: "Example: bootwire secrets list --site nbg1")

    @OptionGroup var api: APIOptions
    @OptionGroup var options: OutputOptions

    @Option(help: "Only this site's.")
    var site: String?

    func run() throws {
      options.show(try api.list("secrets", query: [("site", site)])) { items in
        items.isEmpty ? "no secrets" : ObjectColumns(.secrets).table(items)
      }
    }
  }

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set a secret, from stdin or a file.",
      discussion: """
        Of one line from stdin the end of the line is left out; a file is taken as it is. A value \
        never stands on the command line, where other users could see it.

        Examples:
          openssl passwd -6 | bootwire secrets set root-password
          bootwire secrets set host-key --machine rack3-07 --from-file ssh_host_ed25519_key
        """)

    @OptionGroup var api: APIOptions

    @Argument(help: "Its name: {{secrets.NAME}} in answers and hooks.")
    var name: String

    @Option(help: "The site that it belongs to; the appliance's own if not given.")
    var site: String?

    @Option(help: "Only this machine's answers may hold it.")
    var machine: String?

    @Option(help: ArgumentHelp("Take the value from this file.", valueName: "file"))
    var fromFile: String?

    func run() throws {
      let value = try value()
      guard !value.isEmpty else { throw Refusal("the value is empty: nothing was set") }
      let spec = JSONBody.object([
        ("value", JSONBody.text(value)), ("machine", JSONBody.text(machine)),
        ("site", JSONBody.text(site)),
      ])
      try api.call(
        "PUT", ["secrets", name],
        body: JSONBody.object([("spec", spec)]))
      print("set secret/\(Printable(name))")
    }

    private static let sizeMax = 64 << 10

    private func value() throws -> String {
      if let fromFile { return try TextFile.read(fromFile, limit: Self.sizeMax) }
      if Terminal.isInput {
        let prompt = "value of \(Printable(name)) (not shown): "
        return Terminal.hiddenLine(prompt: prompt) ?? ""
      }
      let text = try TextFile.read("-", limit: Self.sizeMax)
      let isOneLine = text.last?.isNewline == true && text.dropLast().allSatisfy { !$0.isNewline }
      return isOneLine ? String(text.dropLast()) : text
    }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete a secret.", discussion: "Example: bootwire secrets delete root-password")

    @OptionGroup var api: APIOptions

    @Argument(help: "Its name.")
    var name: String

    func run() throws {
      try api.call("DELETE", ["secrets", name])
      print("deleted secret/\(Printable(name))")
    }
  }
}
