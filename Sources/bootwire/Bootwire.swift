import ArgumentParser

/// The command line: `bootwire SUBCOMMAND`.
@main
struct Bootwire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootwire",
    abstract: "A network-boot appliance: DHCP, TFTP and HTTP from one process.",
    version: "0.1.0",
    subcommands: [Loaders.self])
}
