import ArgumentParser
import Boot
import YAML

/// `bootwire get KIND [NAME]`
struct GetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Show the objects of a kind, those of files and those applied.",
    discussion: """
      Examples:
        bootwire get machines -l rack=3 --site nbg1
        bootwire get profile debian-12 -o yaml
      """)

  @OptionGroup var api: APIOptions
  @OptionGroup var options: OutputOptions

  @Argument(
    help: KindName.help, completion: .list(KindName.allValueStrings), transform: KindName.read)
  var kind: KindName

  @Argument(help: "Only the one of that name.")
  var name: String?

  @Option(
    name: [.customShort("l"), .customLong("label")],
    help: ArgumentHelp("Only those with this label; may be repeated.", valueName: "name=value"))
  var labels: [Label] = []

  @Option(help: "Only those of this site.")
  var site: String?

  func validate() throws {
    guard name == nil || labels.isEmpty && site == nil else {
      throw ValidationError("NAME is one object: -l and --site choose among many.")
    }
  }

  func run() throws {
    let columns = ObjectColumns(kind.kind)
    if let name {
      let object = try api.call("GET", [kind.kind.rawValue, name]).value()
      guard let node = object.node else { return }
      return options.show(node) { columns.table([$0]) }
    }
    let query: [(String, String?)] =
      [("site", site)] + labels.map { ("label", "\($0.name)=\($0.value)") }
    let objects = try api.list(kind.kind.rawValue, query: query)
    options.show(objects) { items in
      items.isEmpty ? "no \(kind.kind.rawValue)" : columns.table(items)
    }
  }
}
