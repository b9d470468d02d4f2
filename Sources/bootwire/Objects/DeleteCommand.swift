import ArgumentParser
import Boot

/// `bootwire delete KIND NAME…`
struct DeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete applied objects.",
    discussion: """
      What stands in a file that the appliance reads is deleted there. `bootwire rollback` brings a \
      deleted object back.

      Example: bootwire delete machine rack3-07
      """)

  @OptionGroup var api: APIOptions

  @Argument(
    help: KindName.help, completion: .list(KindName.allValueStrings), transform: KindName.read)
  var kind: KindName

  @Argument(help: "Their names.")
  var names: [String]

  func run() throws {
    for name in names {
      try api.call("DELETE", [kind.kind.rawValue, name])
      print("deleted \(kind.kind.singular)/\(Printable(name))")
    }
  }
}
