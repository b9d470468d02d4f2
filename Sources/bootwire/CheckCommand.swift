import Appliance
import ArgumentParser
import EventLoop

/// `bootwire check FILE`: tells all mistakes of a configuration, and with recordings what it would
/// change for their machines; changes nothing itself.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a configuration, and what it would change for recorded machines.",
    discussion: """
      With --against every recording of the folder is played by this configuration and by the one \
      of before: what the running appliance has, together with what was applied, or --was FILE. \
      Machines that would be answered differently are told by cause, each with what it would be \
      told otherwise. Without either only who boots, and who does not, is told.

      Exits with 0 when it can be served and no machine is answered differently; with 1 when it, or \
      --was, has mistakes or a recording cannot be read; with 2 when machines would be answered \
      differently and all boot that booted; with 3 when a machine would not boot any more, or, with \
      nothing to compare with, does not boot; with 64 when it is called wrongly.

      Example: bootwire check new.yaml --against /var/lib/bootwire/recordings
      """)

  @Option(
    help: ArgumentHelp(
      "A folder of recordings (*.pcap) to play; may stand more than once.", valueName: "folder"))
  var against: [String] = []

  @Option(
    help: ArgumentHelp(
      "The configuration of before, in place of the running appliance's.", valueName: "file"))
  var was: String?

  @Option(
    help: ArgumentHelp(
      "The running appliance's control socket; if not given, what FILE says.",
      valueName: "socket"))
  var control: String?

  @Flag(help: "Print what would change as JSON.")
  var json = false

  @Argument(help: "The configuration: a file, or a folder whose *.yaml are read as one.")
  var file: String

  func validate() throws {
    guard against.isEmpty else { return }
    if was != nil { throw ValidationError("--was goes with --against FOLDER.") }
    if json { throw ValidationError("--json goes with --against FOLDER.") }
  }

  func run() throws {
    let host = try HostName.current()
    let table = try InterfaceTable.read()
    let settings: Settings
    do throws(ConfigurationMistakes) {
      let configuration = try Configuration.load(file, in: Surroundings(table, hostName: host))
      settings = configuration.settings
      if !json {
        for warning in configuration.warnings { print(warning.warning) }
        print("\(file): good: \(configuration.summary)")
      }
    } catch {
      throw Self.refuse(file, error)
    }
    guard !against.isEmpty else { return }
    try FleetCheck(
      file: file, was: was, folders: against, control: control ?? settings.control, isJSON: json
    ).run()
  }

  /// Tells all mistakes; warnings wait until there are none among which they would be lost.
  static func refuse(_ file: String, _ mistakes: ConfigurationMistakes) -> ExitCode {
    for mistake in mistakes.mistakes { print(mistake) }
    let count = mistakes.mistakes.count
    print("\(file): \(count) mistake\(count == 1 ? "" : "s")")
    return ExitCode(1)
  }
}
