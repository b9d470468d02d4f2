import Appliance
import ArgumentParser
import EventLoop

/// `bootwire export`
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print what was applied, as YAML that `apply` takes.",
    discussion: """
      Secrets come without their values. A file is made so that only its owner may read it, and is \
      never overwritten.

      Example: bootwire export --site nbg1 -o nbg1.yaml
      """)

  @OptionGroup var api: APIOptions

  @Option(help: "Only this site's objects.")
  var site: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Write it there instead of printing it.", valueName: "file"))
  var output: String?

  func run() throws {
    let answer = try api.call(
      "GET", ["export"], query: [("site", site)], headers: [("Accept", "application/yaml")])
    guard let output else { return print(answer.text, terminator: "") }
    do throws(SystemError) {
      try NewFile.write(answer.body, to: output, mode: 0o600)
    } catch {
      throw Refusal(
        error.isThere
          ? "\(output) exists, and nothing is overwritten: name another file or remove it"
          : "\(error)")
    }
    print("exported \(answer.body.count) bytes to \(output)")
  }
}
