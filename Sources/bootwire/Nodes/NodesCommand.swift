import ArgumentParser
import YAML

/// `bootwire nodes …`
struct NodesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nodes", abstract: "Show the installed machines, and what SSH is to know of them.",
    subcommands: [
      List.self, Describe.self, KnownHosts.self, Fingerprints.self, Trust.self, Forget.self,
    ], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the installed machines.", discussion: "Example: bootwire nodes list -o json")

    @OptionGroup var api: APIOptions
    @OptionGroup var options: OutputOptions

    @Option(help: "Only this site's.")
    var site: String?

    func run() throws {
      options.show(try api.list("nodes", query: [("site", site)])) { items in
        guard !items.isEmpty else { return "no node has reported yet" }
        var table = Table(["NAME", "SITE", "HOST NAME", "ADDRESSES", "SYSTEM", "REACHABLE", "KEYS"])
        for item in items {
          let pending = item["pendingHostKeys"].items.count
          let keys = "\(item["hostKeys"].items.count)"
          table.add([
            item["name"].shown, item["site"].shown, item["hostname"].shown,
            item["addresses"].shown, item["os"].shown, NodeText.reachability(of: item),
            pending == 0 ? keys : "\(keys), \(pending) pending",
          ])
        }
        return table.text
      }
    }
  }

  struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what an installed machine reported.",
      discussion: "Example: bootwire nodes describe rack3-07")

    @OptionGroup var api: APIOptions
    @OptionGroup var options: OutputOptions

    @Argument(help: "Its name.")
    var name: String

    func run() throws {
      guard let node = try api.call("GET", ["nodes", name]).value().node else {
        return
      }
      options.show(node) { node in
        var text = DescriptionText("node \(node["name"].shown)")
        text.add("site", node["site"].shown)
        NodeText(node).add(to: &text)
        return text.text
      }
    }
  }

  struct Trust: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Take the host keys that a later installation reported in place of the pinned ones.",
      discussion: "Example: bootwire nodes trust rack3-07")

    @OptionGroup var api: APIOptions

    @Argument(help: "Its name.")
    var name: String

    func run() throws {
      try api.call("POST", ["nodes", name, "trust"])
      print("the new host keys of \(Printable(name)) are pinned")
    }
  }

  struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget a node and its host keys; its machine stays.",
      discussion: "Example: bootwire nodes forget rack3-07")

    @OptionGroup var api: APIOptions

    @Argument(help: "Its name.")
    var name: String

    func run() throws {
      try api.call("DELETE", ["nodes", name])
      print("forgot node \(Printable(name))")
    }
  }
}
