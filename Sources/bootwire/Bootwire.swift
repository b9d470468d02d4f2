import Appliance
import ArgumentParser

/// The command line: `bootwire SUBCOMMAND`.
@main
struct Bootwire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootwire",
    abstract: "A network-boot appliance: DHCP, TFTP and HTTP from one process.",
    version: Appliance.version,
    subcommands: [
      Certificates.self, CheckCommand.self, ExplainCommand.self, LeasesCommand.self, Loaders.self,
      RecordCommand.self, ReplayCommand.self, ServeCommand.self, StatusCommand.self,
      TimelineCommand.self, VersionCommand.self,
    ])
}
