import Appliance
import ArgumentParser
import Boot
import YAML

/// `bootwire describe KIND NAME`
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Show everything that is known of one object.",
    discussion: """
      Of a machine also how it stands with its installation and how it came there, the node that it \
      is, its leases and what it boots.

      Example: bootwire describe machine rack3-07
      """)

  @OptionGroup var api: APIOptions

  @Argument(
    help: KindName.help, completion: .list(KindName.allValueStrings), transform: KindName.read)
  var kind: KindName

  @Argument(help: "Its name.")
  var name: String

  func run() throws {
    let object = try api.call("GET", [kind.kind.rawValue, name]).value()
    var text = DescriptionText("\(kind.kind.singular) \(object["name"].shown)")
    text.add("site", object["site"].text == nil ? defaultSite : object["site"].shown)
    text.add("labels", object["labels"].shown)
    text.add("from", ObjectColumns.origin(of: object))
    if let spec = object["spec"].node { text.add(yaml: spec.yaml(), under: "spec") }
    if kind.kind == .machines { try describeMachine(object, &text) }
    print(text.text)
  }

  /// Whose an object is that names no site.
  private var defaultSite: String {
    kind.kind.belongsToOneSite ? "the appliance's own" : "all"
  }

  private func describeMachine(_ object: AnswerValue, _ text: inout DescriptionText) throws {
    if let provision = try known(["machines", name, "provision"]) {
      ProvisionText(provision).add(to: &text)
    }
    if let explained = try known(["explain", name]) {
      let rules = explained["rules"].items.filter { $0["matches"].isTrue }
      text.add("boots", rules.map { Printable($0["text"].text ?? "-").text })
    } else {
      text.add("boots", "unknown: it was not seen since the appliance's start")
    }
    let leases = try known(["leases"])
    let items = leases.map { $0.items.isEmpty ? $0["items"].items : $0.items } ?? []
    let own = items.filter { $0["machine"].text == name }
    // An address and a time of ours: nothing of a stranger's is in it.
    text.add("leases", own.map { "\($0["address"].shown) until \($0["expires"].shown)" })
    if let node = try known(["nodes", name]) {
      NodeText(node).add(to: &text)
    }
  }

  /// nil when the appliance knows nothing of it, or the token may not ask.
  private func known(_ path: [String]) throws -> AnswerValue? {
    let answer = try api.exchange("GET", path)
    switch answer.status {
    case 403, 404: return nil
    case _:
      guard !answer.isRefusal else { throw Problem(answer).refusal }
      return try answer.value()
    }
  }
}
