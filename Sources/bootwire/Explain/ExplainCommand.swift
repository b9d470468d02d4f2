import Appliance
import ArgumentParser
import Capture
import Network
import Replay

/// `bootwire explain [WHAT]`: what a machine is told, and why.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what a machine is told, by which rules, and where each option comes from.",
    discussion: """
      WHAT is a machine's name, hardware address or IPv4 address: the running appliance says what \
      it would tell that machine now; with --config, what that configuration would. WHAT is \
      CAPTURE:N, packet N of a recording: the answer to that very packet. Without WHAT, a machine \
      that need not exist is described by the options below.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  @OptionGroup var options: ControlOptions

  @Option(help: "The configuration that decides: a file, or a folder with *.yaml.")
  var config: String?

  @Option(help: "How it is printed: text or json.")
  var format = Format.text

  @OptionGroup(title: "A machine that need not exist") var supposition: Supposition

  @Argument(
    help: ArgumentHelp(
      "A machine, or CAPTURE:N; without it a machine that need not exist.", valueName: "what"))
  var what: String?

  func validate() throws {
    if what == nil, config == nil {
      throw ValidationError("Say which machine or packet, or --config FILE for a supposed machine.")
    }
    if what?.isEmpty == true { throw ValidationError("WHAT is empty.") }
    try supposition.check()
  }

  func run() throws {
    let explanation = try self.explanation()
    if options.json || format == .json { return try options.printJSON(explanation) }
    print(explanation.text, terminator: "")
  }

  private func explanation() throws -> Explanation {
    if let what, let packet = RecordedPacket(what) { return try packet.explanation(config: config) }
    guard let config else { return try live(what ?? "") }
    return try supposition.explanation(of: what, config: config)
  }

  /// The running appliance's own.
  private func live(_ machine: String) throws -> Explanation {
    let isPlain = machine.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x25 }
    guard isPlain else {
      throw Refusal("a machine is named by name, hardware address or IPv4 address")
    }
    guard supposition.isOnlyFirmware else {
      throw Refusal("say --config FILE too: the running appliance explains machines as it saw them")
    }
    let kind = supposition.firmware.map { "/\($0)" } ?? ""
    return try options.ask("GET", "/explain/\(machine)\(kind)", as: Explanation.self)
  }
}
