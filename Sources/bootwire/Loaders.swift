import Appliance
import ArgumentParser

/// `bootwire loaders`: boot programs for firmware.
struct Loaders: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Install, import and list the boot programs that firmware fetches first.",
    subcommands: [LoadersInstall.self, LoadersImport.self, LoadersList.self])
}

/// Where the loaders are, as all subcommands ask it.
struct LoadersFolder: ParsableArguments {
  @Option(help: ArgumentHelp("The loaders folder.", valueName: "folder"))
  var into: String?
  @Option(help: ArgumentHelp("Take the folder from this configuration.", valueName: "file"))
  var config: String?

  mutating func validate() throws {
    guard into == nil || config == nil else {
      throw ValidationError("--into and --config both name the folder; give one of them.")
    }
  }

  func path() throws -> String {
    if let into { return into }
    return try LoaderFolder.path(configuration: config)
  }
}
