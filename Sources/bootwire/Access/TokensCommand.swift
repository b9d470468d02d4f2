import ArgumentParser
import EventLoop
import YAML

/// `bootwire tokens create|list|revoke`
struct TokensCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens", abstract: "Make and revoke the tokens of the HTTPS API.",
    subcommands: [Create.self, List.self, Revoke.self], defaultSubcommand: List.self)

  enum Role: String, CaseIterable, ExpressibleByArgument {
    case reader
    case `operator`
    case admin
  }

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a token; it is shown once and kept as a hash only.",
      discussion: """
        A reader looks; an operator also changes machines, profiles and their like, and arms; an \
        admin also has secrets and tokens. With --site the token is good for that site only. The \
        token alone goes to stdout, or to FILE, which only its owner may read.

        Example: bootwire tokens create ci --role operator --site nbg1 --into ci.token
        """)

    @OptionGroup var api: APIOptions

    @Argument(help: "What it is for, as `list` shows it.")
    var name: String

    @Option(help: "What it may do: reader, operator or admin.")
    var role = Role.reader

    @Option(help: "Good for this site only.")
    var site: String?

    @Option(
      help: ArgumentHelp(
        "How long it is good, as 90d; for ever if not given.", valueName: "duration"))
    var expires: ExpiryText?

    @Option(help: ArgumentHelp("Write the token there.", valueName: "file"))
    var into: String?

    func run() throws {
      if let into, Folder.exists(into) {
        throw Refusal("\(into) exists, and nothing is overwritten: name another file")
      }
      let body = JSONBody.object([
        ("name", JSONBody.text(name)), ("role", JSONBody.text(role.rawValue)),
        ("site", JSONBody.text(site)), ("expires", JSONBody.text(expires?.text)),
      ])
      let answer = try api.call("POST", ["tokens"], body: body).value()
      guard let token = answer["token"].text else {
        throw Refusal("the appliance made no token")
      }
      if let into {
        try NewFile.write(Array((token + "\n").utf8), to: into, mode: 0o600)
      } else {
        print(Printable(token))
      }
      StandardError.write(
        line:
          "bootwire: token \(answer["about"]["id"].shown) for a \(role.rawValue); it is shown only once"
      )
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the tokens, without the tokens themselves.",
      discussion: "Example: bootwire tokens list")

    @OptionGroup var api: APIOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
      options.show(try api.call("GET", ["tokens"]).value()["items"].items.compactMap(\.node)) {
        items in
        guard !items.isEmpty else { return "no tokens" }
        var table = Table(["ID", "NAME", "ROLE", "SITE", "CREATED", "EXPIRES", "LAST USED"])
        for item in items {
          table.add([
            item["id"].shown, item["name"].shown, item["role"].shown, item["site"].shown,
            item["created"].shown, item["expires"].shown, item["lastUsed"].shown,
          ])
        }
        return table.text
      }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a token; it opens nothing from then on.",
      discussion: "Example: bootwire tokens revoke 3")

    @OptionGroup var api: APIOptions

    @Argument(help: "Its id, as `list` shows it.")
    var id: String

    func run() throws {
      try api.call("DELETE", ["tokens", id])
      print("revoked token \(Printable(id))")
    }
  }
}
