import ArgumentParser
import Boot
import EventLoop
import YAML

/// `bootwire events`
struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Show what happened on the appliance, and what happens.",
    discussion: """
      Each event has an id; --since goes on after one. With -o json each event is one line.

      Examples:
        bootwire events --machine rack3-07
        bootwire events --follow -o json | jq .
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
  }

  @OptionGroup var api: APIOptions

  @Option(help: ArgumentHelp("Only what came after this event.", valueName: "id"))
  var since: String?

  @Flag(name: [.short, .long], help: "Wait for more, until Ctrl-C.")
  var follow = false

  @Option(help: "Only what is about this machine: its name or hardware address.")
  var machine: String?

  @Option(name: [.short, .long], help: "How it is printed: table, or json with an event a line.")
  var output = Format.table

  func run() throws {
    var feed = EventFeed(api, since: since, machine: machine)
    var isLast = false
    while !isLast {
      let page = try feed.next()
      for event in page.events { try StandardOutput.write(line: line(event)) }
      isLast = page.isLast
    }
    guard follow else { return }
    var stream = EventStream(api, since: feed.last, machine: machine)
    try stream.follow { event in try StandardOutput.write(line: line(event)) }
  }

  private func line(_ event: AnswerValue) -> String {
    if output == .json, let node = event.node { return node.json(.compact) }
    let fields = event["fields"].entries.map {
      " \(Escaped($0.key))=\(AnswerValue($0.value).shown)"
    }
    let machine = event["machine"].text == nil ? event["mac"].shown : event["machine"].shown
    return "\(event["id"].shown)  \(event["time"].shown)  \(event["event"].shown)"
      + (machine == "-" ? "" : "  \(machine)") + (fields.isEmpty ? "" : " ") + fields.joined()
  }
}
