import ArgumentParser
import Boot
import YAML

/// `bootwire history [N]`
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List the generations of the catalog, or show one.",
    discussion: """
      Examples:
        bootwire history
        bootwire history 12
      """)

  @OptionGroup var api: APIOptions
  @OptionGroup var options: OutputOptions

  @Argument(help: ArgumentHelp("Show what this generation changed.", valueName: "generation"))
  var generation: Int?

  func run() throws {
    if let generation {
      let answer = try api.call("GET", ["generations", "\(generation)"]).value()
      guard let node = answer.node else { return }
      return options.show(node) { answer in
        let text = Changes(answer).text(withDiff: true)
        return text.isEmpty ? Self.table([answer]) : "\(Self.table([answer]))\n\(text)"
      }
    }
    options.show(try api.list("generations", cursor: "before")) { items in
      items.isEmpty ? "nothing was applied yet" : Self.table(items)
    }
  }

  private static func table(_ items: [AnswerValue]) -> String {
    var table = Table(["GENERATION", "TIME", "BY", "WHAT"])
    for item in items {
      table.add([
        item["number"].shown, item["time"].shown, item["author"].shown,
        Printable(item["note"].text ?? "").text,
      ])
    }
    return table.text
  }
}
