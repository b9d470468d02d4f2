import ArgumentParser

/// `bootwire discovered`
struct DiscoveredCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discovered", abstract: "List the machines that came and wait for `approve`.",
    discussion: "Example: bootwire discovered -o json")

  @OptionGroup var api: APIOptions
  @OptionGroup var options: OutputOptions

  @Option(help: "Only those of this site.")
  var site: String?

  func run() throws {
    options.show(try api.list("discovered", query: [("site", site)])) { items in
      guard !items.isEmpty else { return "no machine waits for approval" }
      var table = Table(["MAC", "SITE", "SINCE", "MANUFACTURER", "PRODUCT", "SERIAL", "UUID"])
      for item in items {
        let facts = item["facts"]
        table.add([
          item["mac"].shown, item["site"].shown, item["since"].shown,
          facts["manufacturer"].shown, facts["product"].shown, facts["serial"].shown,
          facts["uuid"].shown,
        ])
      }
      return table.text
    }
  }
}
