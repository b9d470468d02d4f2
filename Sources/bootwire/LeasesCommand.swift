import Appliance
import ArgumentParser

/// `bootwire leases list|release`
struct LeasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leases", abstract: "List and release leases.",
    subcommands: [List.self, Release.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the leases in force.")

    @OptionGroup var options: ControlOptions

    func run() throws {
      let leases = try options.ask("GET", "/leases", as: [ControlReport.Lease].self)
      if options.json { return try options.printJSON(leases) }
      var table = Table(["ADDRESS", "CLIENT", "MACHINE", "HOST NAME", "EXPIRES", "LEFT"])
      for lease in leases {
        table.add([
          lease.address, lease.client, lease.machine ?? "-", lease.hostName ?? "-",
          lease.expires, "\(lease.secondsLeft)s",
        ])
      }
      print(table.text)
    }
  }

  struct Release: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End the lease of an address, as if its machine had released it.")

    @OptionGroup var options: ControlOptions
    @Argument(help: "The IPv4 address.")
    var address: String

    func validate() throws {
      let digits = address.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
      guard digits else { throw ValidationError("\(address) is no IPv4 address") }
    }

    func run() throws {
      let left = try options.ask(
        "POST", "/leases/\(address)/release", as: [ControlReport.Lease].self)
      if options.json { return try options.printJSON(left) }
      print("released \(address); \(left.count) leases are in force")
    }
  }
}
