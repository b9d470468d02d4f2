import Appliance
import ArgumentParser
import EventLoop
import Replay

/// What `check --against` does once the configuration is known to be good.
struct FleetCheck {
  let file: String
  let was: String?
  let folders: [String]
  let control: String
  let isJSON: Bool

  /// How it ends, beside 1 for what cannot be read.
  private enum Ending: Int32 {
    case differently = 2
    case broken = 3
  }

  func run() throws {
    let recordings: [String]
    do throws(SystemError) { recordings = try RecordingFolder.recordings(in: folders) } catch {
      throw Refusal("\(error)")
    }
    guard !recordings.isEmpty else {
      throw Refusal("\(folders.joined(separator: ", ")): no recordings (*.pcap)")
    }
    let running = was == nil ? try Self.running(control) : nil
    var old: Worlds?
    if let was { old = try Self.worlds(of: was) { try Worlds(reading: was, hidesSecrets: true) } }
    if let running {
      old = try Self.worlds(of: "the running configuration") {
        try Worlds(running.sources, stored: running.objects, hidesSecrets: true)
      }
    }
    let new = try Self.worlds(of: file) {
      try Worlds(reading: file, stored: running?.objects ?? [], hidesSecrets: true)
    }
    // What the appliance tells has no values to compare.
    if was != nil, let old {
      for name in new.changedSecrets(from: old) {
        StandardError.write(
          line: "secret \(name) has another value: asterisks stand for it on both sides")
      }
    }
    let making: FleetRun.Making = { addresses throws(ConfigurationMistakes) in
      try new.world(for: addresses)
    }
    var former: FleetRun.Making?
    if let old {
      former = { addresses throws(ConfigurationMistakes) in try old.world(for: addresses) }
    }
    let outcome = FleetRun(from: former, to: making).run(recordings, tell: Self.show)
    Terminal.clearStatus()
    if let mistakes = outcome.mistakes { throw CheckCommand.refuse(file, mistakes) }
    let report = outcome.report
    print(isJSON ? try FleetJSON(report).text : FleetText(report).text, terminator: "")
    try Self.end(report)
  }

  private static func end(_ report: FleetReport) throws {
    if report.count(.breaks) > 0 || !report.isCompared && report.count(.fails) > 0 {
      throw ExitCode(Ending.broken.rawValue)
    }
    if report.differentCount > 0 { throw ExitCode(Ending.differently.rawValue) }
    if !report.unreadable.isEmpty { throw ExitCode(1) }
  }

  private static func worlds(
    of name: String, _ read: () throws -> Worlds
  ) throws -> Worlds {
    do { return try read() } catch let error as ConfigurationMistakes {
      throw CheckCommand.refuse(name, error)
    }
  }

  /// What the appliance of this box runs; nil, and a word, where none does.
  private static func running(_ control: String) throws -> RunningConfiguration? {
    let answer: APIAnswer
    do throws(APIFailure) {
      answer = try APIClient(control: control).ask(APIQuestion("GET", ["configuration"]))
    } catch {
      guard error.isNobody else { throw Refusal("\(error); --was FILE names the one of before") }
      StandardError.write(
        line: "\(error); so nothing is compared: --was FILE names the configuration of before")
      return nil
    }
    guard !answer.isRefusal else {
      throw Refusal(
        "the running appliance tells no configuration (\(Problem(answer).sentence)): name the one"
          + " of before by --was FILE")
    }
    return try answer.read(RunningConfiguration.self)
  }

  /// A bar, where a person sees it.
  private static func show(_ progress: FleetRun.Progress) {
    guard Terminal.isError, progress.total > 0 else { return }
    let percent = progress.done * 100 / progress.total
    guard progress.done == 1 || percent != (progress.done - 1) * 100 / progress.total else {
      return
    }
    let filled = percent * barWidth / 100
    let bar =
      String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled)
    var status = "[\(bar)] \(progress.done) of \(progress.total) recordings"
    if progress.different > 0 { status += ", \(progress.different) machines differ" }
    if progress.broken > 0 { status += ", \(progress.broken) would not boot" }
    Terminal.show(status: status)
  }

  private static let barWidth = 32
}
