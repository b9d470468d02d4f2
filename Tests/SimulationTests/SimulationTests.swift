import Foundation
import Network
import Replay
import Testing

/// Histories that once broke a promise, each with the promise. A failing run prints such a line.
private let regressions: [Seed] = [
  // Not the service, but the rule: who had declined its reserved address is sent back there at a renewal.
  Seed(41, machines: 50),  // an acknowledged lease is lost
  Seed(220, machines: 50),  // an acknowledged lease is lost
]

@Suite(.serialized) struct SimulationTests {
  static func report(_ seed: Seed) -> Simulation.Report {
    var simulation = Simulation(Scenario(seed), .store)
    return simulation.run()
  }

  /// A line of its own, whatever else writes at the same time.
  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\n\(line)\n".utf8))
  }

  @Test(arguments: regressions) func whatWasMendedStaysMended(_ seed: Seed) {
    let report = Self.report(seed)
    if !report.complaints.isEmpty { Issue.record("\(report.text)") }
  }

  @Test(arguments: [Seed(1, machines: 8), Seed(2, machines: 20)])
  func theSameSeedIsTheSameHistory(_ seed: Seed) {
    let digest = Self.report(seed).digest
    #expect(digest == Self.report(seed).digest)
    // CI compares two processes, whose dictionaries differ.
    Self.say("Digest of \(seed): \(String(digest, radix: 16))")
  }

  @Test func anotherSeedIsAnotherHistory() {
    let digests = Set((1...4).map { Self.report(Seed($0, machines: 4)).digest })
    #expect(digests.count == 4)
  }

  /// `make simulate FIRST=4711 TRACE=7`: what machine 7 of that seed says and is told.
  @Test func oneMachineIsTraced() {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["FIRST"].flatMap { UInt64($0) } ?? 1
    let machines = environment["MACHINES"].flatMap { Int($0) } ?? 8
    let traced = environment["TRACE"].flatMap { Int($0) }
    var simulation = Simulation(Scenario(Seed(seed, machines: machines)), .store)
    let (_, lines) = simulation.run(tracing: traced ?? 0)
    #expect(lines.contains { $0.contains(" * ") })
    if traced != nil { print(lines.joined(separator: "\n")) }
  }

  /// `make simulate SEEDS=… MACHINES=…`, from the seed FIRST on.
  @Test func noHistoryBreaksAPromise() async {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["SEEDS"].flatMap { Int($0) } ?? 16
    let machines = environment["MACHINES"].flatMap { Int($0) } ?? 12
    let first = environment["FIRST"].flatMap { UInt64($0) } ?? 1
    let workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
    let start = ContinuousClock.now
    let reports = await withTaskGroup(of: [Simulation.Report].self) { group in
      for worker in 0..<workers {
        group.addTask {
          stride(from: worker, to: count, by: workers).map {
            Self.report(Seed(first + UInt64($0), machines: machines))
          }
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let rate = (Double(count) / seconds * 10).rounded() / 10
    Self.say(
      "Simulated \(count) seeds of \(machines) machines in \(Int(seconds.rounded())) s, "
        + "\(rate) seeds a second: \(reports.map(\.events).reduce(0, +)) events, "
        + "\(reports.map(\.restarts).reduce(0, +)) restarts, "
        + "\(reports.map(\.compared.blocks).reduce(0, +)) blocks and "
        + "\(reports.map(\.compared.bodies).reduce(0, +)) bodies compared")
    for report in reports.sorted(by: { $0.seed.number < $1.seed.number }) {
      if !report.complaints.isEmpty { Issue.record("\(report.text)") }
    }
    #expect(reports.allSatisfy { $0.compared.blocks + $0.compared.bodies > 0 })
    #expect(reports.contains { $0.compared.blocks > 0 })
    #expect(reports.contains { $0.compared.bodies > 0 })
  }
}

extension Simulation.Report {
  /// What is wrong, with the line to paste.
  var text: String {
    "\(line)\n" + complaints.prefix(8).map { "  \($0)" }.joined(separator: "\n")
  }
}
