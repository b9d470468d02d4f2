import ArgumentParser
import EventLoop
import YAML

/// `bootwire render MACHINE`
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Show every text that a machine would get: its script, answers and hooks.",
    discussion: """
      Nothing is released and nothing changes: secrets and tokens are masked.

      Examples:
        bootwire render rack3-07
        bootwire render rack3-07 --architecture arm64-efi --path preseed.cfg
      """)

  @OptionGroup var api: APIOptions
  @OptionGroup var options: OutputOptions

  @Argument(help: "The machine's name.")
  var machine: String

  @Option(help: "As what it asks, as x86-64-efi; as it was seen if not given.")
  var architecture: String?

  @Option(help: "Which program asks, as ipxe or uboot.")
  var firmware: String?

  @Option(help: "Only this text, as it is.")
  var path: String?

  func run() throws {
    let answer = try api.call(
      "GET", ["machines", machine, "render"],
      query: [("architecture", architecture), ("firmware", firmware)]
    ).value()
    let files = answer["files"].items
    if let path {
      guard let file = files.first(where: { Self.matches($0, path) }) else {
        let names = files.compactMap { $0["path"].text }.map { Printable($0).text }
        throw Refusal(
          "\(Printable(machine)) gets no text \(Printable(path)): it gets "
            + (names.isEmpty ? "none" : names.joined(separator: ", ")))
      }
      let text = file["text"].text ?? ""
      // A program gets it to the octet; a terminal nothing that moves its cursor.
      return print(Terminal.isOutput ? Printable(text).text : text, terminator: "")
    }
    guard let node = answer.node else { return }
    options.show(node) { _ in files.map { Self.section($0) }.joined(separator: "\n") }
  }

  /// By its whole path or its last part.
  private static func matches(_ file: AnswerValue, _ path: String) -> Bool {
    guard let name = file["path"].text else { return false }
    return name == path || name.hasSuffix("/\(path)")
  }

  private static func section(_ file: AnswerValue) -> String {
    var text = Printable(file["text"].text ?? "").text
    if !text.hasSuffix("\n") { text += "\n" }
    return "==> \(Printable(file["path"].text ?? "-")) <==\n\(text)"
  }
}
