import Appliance
import ArgumentParser

struct LoadersImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take your own boot programs, or a Raspberry Pi's firmware, out of a folder.")

  @Argument(help: "Where they are now.")
  var source: String

  @Option(
    help: ArgumentHelp(
      "What they are: \(LoaderImport.Place.names.joined(separator: ", ")).", valueName: "name"))
  var set: String?

  @OptionGroup var folder: LoadersFolder

  func run() throws {
    let place = set.flatMap { LoaderImport.Place($0) }
    guard set == nil || place != nil else {
      let names = LoaderImport.Place.names.joined(separator: ", ")
      throw ValidationError("--set is one of \(names).")
    }
    for line in try LoaderImport.run(source, to: place, into: folder.path()) { print(line) }
  }
}
