import Appliance
import ArgumentParser

struct LoadersList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show what is installed and whether it was changed since.")

  @OptionGroup var folder: LoadersFolder

  func run() throws {
    print(try LoaderListing(folder.path()).text, terminator: "")
  }
}
