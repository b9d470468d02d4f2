import Appliance
import ArgumentParser
import Boot
import EventLoop
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
    let request = "\(method) \(path) HTTP/1.1\r\nHost: control\r\nConnection: close\r\n\r\n"
    let answer: [UInt8]
    do {
      answer = try UnixClient.exchange(path: control, request: Array(request.utf8))
    } catch {
      throw Refusal(Self.explain(error, control))
    }
    guard let end = Self.endOfHead(answer) else {
      throw Refusal("\(control) gave no answer of an appliance")
    }
    let body = Data(answer[end...])
    guard String(decoding: answer[..<end], as: UTF8.self).hasPrefix("HTTP/1.1 200 ") else {
      let problem = try? JSONDecoder().decode(ControlReport.Problem.self, from: body)
      throw Refusal(problem?.title ?? "the appliance refused")
    }
    return try JSONDecoder().decode(Report.self, from: body)
  }

  func printJSON(_ report: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }

  private static func explain(_ error: SystemError, _ path: String) -> String {
    if error.isDenied { return "\(path) may not be opened: only its owner and group may ask" }
    return "no appliance answers at \(path): is `bootwire serve` running? (\(error))"
  }

  private static func endOfHead(_ answer: [UInt8]) -> Int? {
    let mark: [UInt8] = [13, 10, 13, 10]
    guard answer.count >= mark.count else { return nil }
    return (0...(answer.count - mark.count)).first {
      answer[$0..<$0 + mark.count].elementsEqual(mark)
    }
    .map { $0 + mark.count }
  }
}
