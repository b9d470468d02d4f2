import Appliance
import ArgumentParser
import EventLoop

/// `bootwire check FILE`: tells all mistakes of a configuration, and changes nothing.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a configuration and tell all its mistakes.",
    discussion: "Exits with 0 when it can be served, with 1 when it has mistakes.")

  @Argument(help: "The configuration: a file, or a folder whose *.yaml are read as one.")
  var file: String

  func run() throws {
    let host = try HostName.current()
    let table = try InterfaceTable.read()
    do throws(ConfigurationMistakes) {
      let configuration = try Configuration.load(file, in: Surroundings(table, hostName: host))
      for warning in configuration.warnings { print(warning.warning) }
      print("\(file): good: \(configuration.summary)")
    } catch {
      // Warnings wait until there are no mistakes among which they would be lost.
      for mistake in error.mistakes { print(mistake) }
      let count = error.mistakes.count
      print("\(file): \(count) mistake\(count == 1 ? "" : "s")")
      throw ExitCode(1)
    }
  }
}
