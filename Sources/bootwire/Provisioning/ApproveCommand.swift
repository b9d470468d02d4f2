import ArgumentParser
import Network
import YAML

/// `bootwire approve MAC --name NAME`
struct ApproveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Make a machine of the catalog out of a discovered one.",
    discussion: """
      Example: bootwire approve 52:54:00:12:34:56 --name rack3-07 --profile debian-12 --arm
      """)

  @OptionGroup var api: APIOptions

  @Argument(help: ArgumentHelp("Its hardware address, as `discovered` lists it.", valueName: "mac"))
  var macAddress: String

  @Option(help: "The name that it gets.")
  var name: String

  @Option(help: "The profile that it boots; without it the one whose criteria match.")
  var profile: String?

  @Option(help: "The site that it belongs to; without it that of its subnet.")
  var site: String?

  @Option(
    name: [.customShort("l"), .customLong("label")],
    help: ArgumentHelp("A label; may be repeated.", valueName: "name=value"))
  var labels: [Label] = []

  @Flag(help: "Arm it too: its next network boot installs it.")
  var arm = false

  func validate() throws {
    guard MACAddress(macAddress) != nil else {
      throw ValidationError("\"\(macAddress)\" is no hardware address as 52:54:00:12:34:56")
    }
    guard Set(labels.map(\.name)).count == labels.count else {
      throw ValidationError("--label gives a name twice.")
    }
  }

  func run() throws {
    let body = JSONBody.object([
      ("name", JSONBody.text(name)), ("profile", JSONBody.text(profile)),
      ("site", JSONBody.text(site)), ("labels", JSONBody.labels(labels)),
      ("arm", arm ? JSONBody.flag(true) : nil),
    ])
    let answer = try api.call(
      "POST", ["discovered", macAddress, "approve"], body: body)
    let isArmed = arm && (try? answer.value())?["state"].text != "approved"
    print("\(Printable(name)) is approved\(isArmed ? " and armed" : "")")
  }
}
