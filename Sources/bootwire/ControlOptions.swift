import Appliance
import ArgumentParser
import Boot
import FoundationEssentials

/// How the commands that ask the running appliance find it and print what it says.
struct ControlOptions: ParsableArguments {
  @Option(help: "The appliance's control socket.")
  var control = "/run/bootwire/control.sock"

  @Flag(help: "Print the answer as JSON.")
  var json = false

  /// Asks the appliance; a refusal or an absent appliance becomes one clear sentence.
  func ask<Report: Codable>(
    _ method: String, _ path: String, as _: Report.Type
  ) throws -> Report {
    do throws(APIFailure) {
      let parts = path.split(separator: "/").map(String.init)
      let answer = try APIClient(control: control).ask(APIQuestion(method, parts))
      if let problem = answer.problem { throw APIFailure(problem.text) }
      return try answer.read(Report.self)
    } catch { throw Refusal(error.description) }
  }

  func printJSON(_ report: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}
