import Appliance
import ArgumentParser
import Boot
import EventLoop
import YAML

/// `bootwire keys list|add|generate|host`
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "List, add and make the SSH keys that open the machines of a site.",
    subcommands: [List.self, Add.self, Generate.self, Host.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the public keys.", discussion: "Example: bootwire keys list --site nbg1")

    @OptionGroup var api: APIOptions
    @OptionGroup var options: OutputOptions

    @Option(help: "Only this site's.")
    var site: String?

    func run() throws {
      options.show(try api.list("keys", query: [("site", site)])) { items in
        items.isEmpty ? "no keys" : ObjectColumns(.keys).table(items)
      }
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a public key; private ones are refused before anything is sent.",
      discussion: "Example: bootwire keys add ops ~/.ssh/id_ed25519.pub --site nbg1")

    @OptionGroup var api: APIOptions

    @Argument(help: "The name that it gets.")
    var name: String

    @Argument(help: "The file with the public key, or - for stdin.")
    var file: String

    @Option(help: "The site whose machines it opens; the appliance's own if not given.")
    var site: String?

    func run() throws {
      let text = try TextFile.read(file, limit: 64 << 10)
      let key = try PublicKeyText.read(text, named: file == "-" ? "stdin" : file)
      try PublicKey(name: name, site: site, text: key).send(api)
      print("added key/\(Printable(name))")
    }
  }
}

/// A public key on its way to the appliance.
struct PublicKey {
  var name: String
  var site: String?
  var text: String

  /// Never in place of another: who replaces a key by mistake locks somebody out.
  func send(_ api: APIOptions) throws {
    let body = JSONBody.object([
      (
        "spec",
        JSONBody.object([("public", JSONBody.text(text)), ("site", JSONBody.text(site))])
      )
    ])
    let answer = try api.exchange(
      "PUT", ["keys", name], headers: [("If-None-Match", "*")], body: body)
    guard answer.status != 412 else {
      throw Refusal(
        "there is a key \(Printable(name)) already: delete it first"
          + " (`bootwire delete key \(Printable(name))`) or give this one another name")
    }
    if answer.isRefusal { throw Problem(answer).refusal }
  }
}
