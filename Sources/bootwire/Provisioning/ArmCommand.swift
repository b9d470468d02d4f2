import ArgumentParser
import EventLoop
import YAML

/// `bootwire arm MACHINE…`
struct ArmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "arm",
    abstract: "Let machines install themselves at their next network boot, once.",
    discussion: """
      With --wait it prints each step and ends when all are done: with 0 when all are installed, \
      else with 1. Ctrl-C ends the waiting; the machines stay armed.

      Examples:
        bootwire arm rack3-07 rack3-08 --expires 4h
        bootwire arm rack3-07 --wait
      """)

  @OptionGroup var api: APIOptions

  @Argument(help: "The machines' names.")
  var machines: [String]

  @Option(
    help: ArgumentHelp(
      "How long they have until they report, as 90m, 2h or 1d; the profile's if not given.",
      valueName: "duration"))
  var expires: ExpiryText?

  @Flag(help: "Show what happens until they are installed or have failed.")
  var wait = false

  func validate() throws {
    if let expires, !(60...30 * 86400).contains(expires.seconds) {
      throw ValidationError("--expires is from 1m to 30d.")
    }
    guard Set(machines).count == machines.count else {
      throw ValidationError("A machine is named twice.")
    }
  }

  func run() throws {
    let body = JSONBody.object([("expires", JSONBody.text(expires?.text))])
    var watch = InstallWatch(api, from: wait ? try EventFeed.latest(api) : nil)
    let refused = try MachineList(machines).each { machine in
      let answer = try api.call("POST", ["machines", machine, "arm"], body: body)
      let provision = try? answer.value()
      let until = provision?["expires"].text.map { " until \(Printable($0))" } ?? ""
      print("\(Printable(machine)) is armed\(until)")
      watch.add(machine)
    }
    let isGood = wait ? try watch.run() : true
    guard refused == 0, isGood else { throw ExitCode.failure }
  }
}

/// `bootwire disarm MACHINE…`
struct DisarmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disarm", abstract: "Take back the permission to install; they boot their disks.",
    discussion: "Example: bootwire disarm rack3-07")

  @OptionGroup var api: APIOptions

  @Argument(help: "The machines' names.")
  var machines: [String]

  func run() throws {
    let refused = try MachineList(machines).each { machine in
      try api.call("POST", ["machines", machine, "disarm"])
      print("\(Printable(machine)) is disarmed")
    }
    guard refused == 0 else { throw ExitCode.failure }
  }
}

/// `bootwire forget MACHINE…`
struct ForgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Forget where machines stand: discovered, armed, installed; and their history.",
    discussion: """
      Their objects and nodes stay. To a profile with `arm: first-contact` they are new, and it \
      installs them.
      Example: bootwire forget 52-54-00-12-34-56
      """)

  @OptionGroup var api: APIOptions

  @Argument(help: "The machines' names, or their MACs where nobody named them.")
  var machines: [String]

  func run() throws {
    let refused = try MachineList(machines).each { machine in
      try api.call("DELETE", ["machines", machine, "provision"])
      print("\(Printable(machine)) is forgotten")
    }
    guard refused == 0 else { throw ExitCode.failure }
  }
}

/// Several machines of one command: a refusal for one of them does not stop the others.
struct MachineList {
  private let names: [String]

  init(_ names: [String]) { self.names = names }

  /// - Returns: How many were refused; each was told.
  func each(_ body: (String) throws -> Void) throws -> Int {
    guard names.count > 1 else {
      for name in names { try body(name) }
      return 0
    }
    var refused = 0
    for name in names {
      do { try body(name) } catch let refusal as Refusal {
        StandardError.write(line: "bootwire: \(Printable(name)): \(refusal.description)")
        refused += 1
      }
    }
    return refused
  }
}
