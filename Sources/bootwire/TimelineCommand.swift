import Appliance
import ArgumentParser

/// `bootwire timeline [MACHINE]`
struct TimelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeline", abstract: "Show what happened to a machine, step by step.",
    discussion: "Kept in memory: the last 256 events of the last 1024 machines.")

  @OptionGroup var options: ControlOptions
  @Argument(
    help: "A machine's name, hardware address or IPv4 address; without it, a line for each machine."
  )
  var machine: String?

  func validate() throws {
    let allowed = machine?.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x25 }
    guard allowed ?? true, machine?.isEmpty != true else {
      throw ValidationError("a machine is named by name, hardware address or IPv4 address")
    }
  }

  func run() throws {
    guard let machine else { return try summarize() }
    let report = try options.ask("GET", "/timeline/\(machine)", as: ControlReport.Machine.self)
    if options.json { return try options.printJSON(report) }
    print("\(report.name ?? "unlisted machine") \(report.mac)")
    for entry in report.entries {
      print(
        "  \(Self.seconds(entry.seconds))  \(entry.event)  \(entry.fields.joined(separator: " "))"
      )
    }
  }

  private func summarize() throws {
    let machines = try options.ask("GET", "/timeline", as: [ControlReport.Summary].self)
    if options.json { return try options.printJSON(machines) }
    var table = Table(["MACHINE", "CLIENT", "LAST SEEN", "EVENTS", "LAST EVENT"])
    for machine in machines {
      table.add([
        machine.name ?? "-", machine.mac, machine.last, "\(machine.entries)", machine.event,
      ])
    }
    print(table.text)
  }

  /// As `   12.345s`.
  private static func seconds(_ seconds: Double) -> String {
    let milliseconds = Int((seconds * 1000).rounded())
    let fraction = String(milliseconds % 1000)
    let text =
      "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + "s"
    return String(repeating: " ", count: max(0, 10 - text.count)) + text
  }
}
