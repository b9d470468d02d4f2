import Appliance
import ArgumentParser
import Boot
import EventLoop

/// `bootwire apply -f FILE|DIR|-`
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Put objects from files into the running appliance, all of them or none.",
    discussion: """
      A folder's *.yaml are read as one. The texts that they name (file: PATH) and every *.mustache \
      beside them go along; a file outside of the folder must be named absolutely.

      Prints a line for each object. Exits with 0 when it was applied, with --dry-run when it could \
      be, whether or not anything would change; with 1 when it was refused, and then nothing has \
      changed and each mistake is told as FILE:LINE:COLUMN.

      Examples:
        bootwire apply -f site.yaml --dry-run --diff
        bootwire apply -f /srv/catalog --prune
        ssh admin@boot bootwire apply -f - <machines.yaml
      """)

  @OptionGroup var api: APIOptions

  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: ArgumentHelp("A YAML file, a folder of them, or - for stdin.", valueName: "file"))
  var file: String

  @Flag(help: "Only say what would change.")
  var dryRun = false

  @Flag(help: "Print what is different in each changed object.")
  var diff = false

  @Flag(
    help: "Delete what was applied before of the same sites and is not in these files any more.")
  var prune = false

  @Flag(help: "Do not ask before --prune deletes.")
  var yes = false

  func validate() throws {
    if file.isEmpty { throw ValidationError("-f names a file, a folder, or - for stdin.") }
  }

  func run() throws {
    let bundle: ApplyBundle
    do {
      bundle = try BundleReader.read(file)
    } catch let error as BundleMistakes {
      throw refuse(error.mistakes)
    }
    if prune, !yes, !dryRun { try confirm(bundle) }
    let changes = try send(bundle, isDry: dryRun)
    for warning in bundle.local(changes.warnings) {
      StandardError.write(line: Printable(warning.warning).text)
    }
    let text = changes.text(withDiff: diff)
    if !text.isEmpty { print(text) }
    print(changes.summary(isDry: dryRun))
  }

  private func send(_ bundle: ApplyBundle, isDry: Bool) throws -> Changes {
    let size = bundle.size >> 10
    Terminal.show(
      status: "sending \(bundle.files.count) files, \(Changes.grouped(max(1, size))) KiB …")
    defer { Terminal.clearStatus() }
    let answer = try api.exchange(
      "POST", ["apply"],
      query: [("dry-run", isDry ? "true" : nil), ("prune", prune ? "true" : nil)],
      body: bundle.body)
    guard answer.isRefusal else { return Changes(try answer.value()) }
    Terminal.clearStatus()
    let problem = Problem(answer)
    guard !problem.mistakes.isEmpty else { throw problem.refusal }
    throw refuse(bundle.local(problem.mistakes))
  }

  private func refuse(_ mistakes: [Mistake]) -> ExitCode {
    for mistake in mistakes {
      StandardError.write(
        line: Printable(mistake.file.isEmpty ? "error: \(mistake.text)" : "\(mistake)").text)
    }
    let count = mistakes.count
    StandardError.write(
      line: "bootwire: \(count) mistake\(count == 1 ? "" : "s"); nothing was changed")
    return ExitCode.failure
  }

  /// Shows what would be deleted, and goes on only when a person says yes.
  private func confirm(_ bundle: ApplyBundle) throws {
    let deleted = try send(bundle, isDry: true).deleted
    guard !deleted.isEmpty else { return }
    for name in deleted { StandardError.write(line: "would delete \(name)") }
    let count = "\(deleted.count) object\(deleted.count == 1 ? "" : "s")"
    guard Terminal.isInput, file != "-" else {
      throw Refusal("--prune would delete \(count): look at them and say --yes too")
    }
    StandardError.write(line: "delete \(count)? Type yes to go on.")
    guard readLine() == "yes" else { throw Refusal("nothing was changed") }
  }
}
