import Appliance
import ArgumentParser

/// `bootwire status`
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what the running appliance does.")

  @OptionGroup var options: ControlOptions

  func run() throws {
    let status = try options.ask("GET", "/status", as: ControlReport.Status.self)
    if options.json { return try options.printJSON(status) }
    print(
      """
      bootwire \(status.version) at site \(status.site), since \(status.started)
      configuration generation \(status.generation)
      \(status.machines) machines seen, \(status.leases) leases, \(status.transfers) transfers, \
      \(status.connections) connections

      """)
    var interfaces = Table(["INTERFACE", "DHCP", "TFTP", "HTTP"])
    for interface in status.interfaces {
      interfaces.add([
        interface.name, interface.dhcp, interface.tftp ? "yes" : "no",
        interface.http.map { String($0) } ?? "no",
      ])
    }
    print(interfaces.text)
    print()
    var events = Table(["EVENT", "COUNT"])
    for event in status.events.sorted(by: { $0.key < $1.key }) {
      events.add([event.key, String(event.value)])
    }
    print(events.text)
  }
}
