import Appliance
import ArgumentParser
import FoundationEssentials

/// How the commands that ask the running appliance find it and print what it says.
struct ControlOptions: ParsableArguments {
  @OptionGroup var api: APIOptions

  @Flag(help: "Print the answer as JSON.")
  var json = false

  /// Asks the appliance; a refusal or an absent appliance becomes one clear sentence.
  func ask<Report: Codable>(
    _ method: String, _ path: String, as _: Report.Type
  ) throws -> Report {
    let parts = path.split(separator: "/").map(String.init)
    return try api.call(method, parts).read(Report.self)
  }

  func printJSON(_ report: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}
