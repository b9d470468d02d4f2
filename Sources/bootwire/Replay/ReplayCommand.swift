import Appliance
import ArgumentParser
import Capture
import EventLoop
import Network
import Replay

/// `bootwire replay CAPTURE…`: does the server still boot what it booted when this was recorded?
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Play recorded boots against the server, and say for each machine whether it boots.",
    discussion: """
      Without --config each recording is played in the world that it shows: its server's address, \
      its subnet, its files. That tests protocol, quirks and timing. With --config the \
      configuration decides.

      A machine boots, boots differently, or fails at a step for a reason; where a recording holds \
      no whole boot, its messages are answered as needed or not. Below it stand the packets of the \
      recording that the differences are about, with what is said here and what was recorded.

      Exits with 0 when no machine fails; with 1 when one does, when a recording or the \
      configuration cannot be read, or when a transcript is not the one in --against; with 64 when \
      it is called wrongly.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case junit
  }

  @Option(help: "The configuration that decides: a file, or a folder with *.yaml.")
  var config: String?

  @Option(help: "How the result is printed: text, json or junit.")
  var format = Format.text

  @Flag(help: "Print all that was said, not only the verdicts.")
  var transcript = false

  @Option(help: "Compare the transcripts with those in this folder, named CAPTURE.txt.")
  var against: String?

  @Flag(help: "Write the transcripts to the folder of --against instead.")
  var update = false

  @Argument(help: "Recordings: pcap or pcapng.")
  var captures: [String]

  func validate() throws {
    if update, against == nil { throw ValidationError("--update needs --against DIRECTORY") }
    if captures.isEmpty { throw ValidationError("name at least one recording") }
  }

  func run() throws {
    var results: [ReplayResult] = []
    for capture in captures {
      var result = ReplayResult(capture, config: config)
      if let against { result.compare(with: GoldenFolder(against), isUpdating: update) }
      if format == .text { print(result.text(isWhole: transcript), terminator: "") }
      results.append(result)
    }
    switch format {
    case .text: if results.count > 1 { print(ReplayResult.summary(results)) }
    case .json: print(try ReplayJSON(results).text)
    case .junit: print(ReplayJUnit(results).text)
    }
    if results.contains(where: \.isFailure) { throw ExitCode(1) }
  }
}
