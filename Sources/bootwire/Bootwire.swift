import Appliance
import ArgumentParser

/// The command line: `bootwire SUBCOMMAND`.
@main
struct Bootwire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootwire",
    abstract: "A network-boot appliance: DHCP, TFTP and HTTP from one process.",
    version: Appliance.version,
    subcommands: [VersionCommand.self],
    groupedSubcommands: [
      CommandGroup(
        name: "The appliance",
        subcommands: [
          ServeCommand.self, CheckCommand.self, Loaders.self, Certificates.self,
          StatusCommand.self, LeasesCommand.self, TokensCommand.self,
        ]),
      CommandGroup(
        name: "What it serves",
        subcommands: [
          ApplyCommand.self, GetCommand.self, DescribeCommand.self, DeleteCommand.self,
          ExportCommand.self, HistoryCommand.self, RollbackCommand.self, KeysCommand.self,
          SecretsCommand.self,
        ]),
      CommandGroup(
        name: "Machines",
        subcommands: [
          DiscoveredCommand.self, ApproveCommand.self, ArmCommand.self, DisarmCommand.self,
          ForgetCommand.self,
          RenderCommand.self, NodesCommand.self,
        ]),
      CommandGroup(
        name: "What happens and why",
        subcommands: [
          EventsCommand.self, TimelineCommand.self, ExplainCommand.self, RecordCommand.self,
          ReplayCommand.self,
        ]),
    ])
}
