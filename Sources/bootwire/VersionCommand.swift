import Appliance
import ArgumentParser

/// `bootwire version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Show the version.")

  func run() { print("bootwire \(Appliance.version)") }
}
