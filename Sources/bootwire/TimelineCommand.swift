import Appliance
import ArgumentParser

/// `bootwire timeline [MACHINE]`
struct TimelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeline", abstract: "Show what happened to each machine, step by step.",
    discussion: "Kept in memory: the last 256 events of the last 1024 machines.")

  @OptionGroup var options: ControlOptions
  @Argument(help: "A machine's name, hardware address or IPv4 address; all machines without it.")
  var machine: String?

  func validate() throws {
    let allowed = machine?.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x25 }
    guard allowed ?? true, machine?.isEmpty != true else {
      throw ValidationError("a machine is named by name, hardware address or IPv4 address")
    }
  }

  func run() throws {
    let path = machine.map { "/timeline/\($0)" } ?? "/timeline"
    let machines = try options.ask("GET", path, as: [ControlReport.Machine].self)
    if options.json { return try options.printJSON(machines) }
    for machine in machines {
      print("\(machine.name ?? "unlisted machine") \(machine.mac)")
      for entry in machine.entries {
        print(
          "  \(Self.seconds(entry.seconds))  \(entry.event)  \(entry.fields.joined(separator: " "))"
        )
      }
    }
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
