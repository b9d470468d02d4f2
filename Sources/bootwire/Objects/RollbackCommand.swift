import ArgumentParser

/// `bootwire rollback N`
struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Make the applied objects what they were in a generation.",
    discussion: """
      It makes a new generation, so that it can be taken back likewise. Machines' states and nodes \
      stay as they are.

      Example: bootwire rollback 11
      """)

  @OptionGroup var api: APIOptions

  @Argument(help: ArgumentHelp("As `bootwire history` lists it.", valueName: "generation"))
  var generation: Int

  func run() throws {
    let changes = Changes(
      try api.call("POST", ["generations", "\(generation)", "rollback"]).value())
    let text = changes.text(withDiff: false)
    if !text.isEmpty { print(text) }
    print(changes.summary(isDry: false))
  }
}
