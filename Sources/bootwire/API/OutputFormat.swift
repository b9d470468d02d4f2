import ArgumentParser
import YAML

/// `-o`
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case table
  case json
  case yaml
}

/// How a command prints what it was told.
struct OutputOptions: ParsableArguments {
  @Option(name: [.short, .long], help: "How it is printed: table, json or yaml.")
  var output = OutputFormat.table

  /// Prints the node for programs, or what `table` makes of it for people.
  func show(_ node: Node, table: (AnswerValue) -> String) {
    switch output {
    case .table: print(table(AnswerValue(node)))
    case .json: print(node.json(.pretty))
    case .yaml: print(node.yaml(), terminator: "")
    }
  }

  /// Likewise, for a list.
  func show(_ nodes: [Node], table: ([AnswerValue]) -> String) {
    show(JSONBody.list(nodes)) { list in table(list.items) }
  }
}
