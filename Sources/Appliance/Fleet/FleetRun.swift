import Boot
import Capture
import EventLoop
import Network
import Replay
import Synchronization

/// Plays every recording of some folders against a changed configuration, and against the one of
/// before. Blocks: for commands, and beside the loop.
package struct FleetRun: Sendable {
  /// Makes the world for a recording whose servers had these addresses.
  package typealias Making =
    @Sendable ([IPv4Address]) throws(ConfigurationMistakes) -> World

  private let old: Making?
  private let new: Making

  /// The longest recording that is played, in bytes: one is in memory for each processor.
  private static let recordingMax: Int64 = 256 << 20

  package init(from old: Making?, to new: @escaping Making) {
    self.old = old
    self.new = new
  }

  /// How far a run has come.
  package struct Progress: Sendable {
    package var done = 0
    package let total: Int
    package var different = 0
    package var broken = 0
  }

  /// - Parameters:
  ///   - paths: Of recordings.
  ///   - isParallel: Whether all processors work on it.
  ///   - deadline: After which no further recording is begun.
  ///   - tell: Called after each recording, one at a time, on any thread.
  /// - Returns: The report, and how many recordings were played or found unreadable.
  package func run(
    _ paths: [String], isParallel: Bool = true, until deadline: ContinuousClock.Instant? = nil,
    tell: @escaping @Sendable (Progress) -> Void = { _ in }
  ) -> (report: FleetReport, done: Int) {
    let folders = Set(paths.map(Self.folder))
    let gathered = Gathered(FleetReport(isCompared: old != nil), paths.count)
    let one: @Sendable (Int) -> Void = { index in
      if let deadline, ContinuousClock.now > deadline { return }
      let path = paths[index]
      let name = folders.count == 1 ? Self.name(path) : path
      let played = play(path)
      gathered.state.withLock { state in
        switch played {
        case .success(let (changes, failure)):
          state.report.add(name, changes)
          if let failure { state.report.add(name, unreadableBecause: failure) }
        case .failure(let refusal): state.report.add(name, unreadableBecause: refusal.reason)
        }
        state.progress.done += 1
        state.progress.different = state.report.differentCount
        state.progress.broken = state.report.count(.breaks)
        tell(state.progress)
      }
    }
    if isParallel {
      Processors.each(paths.count, one)
    } else {
      for index in paths.indices { one(index) }
    }
    return gathered.state.withLock { ($0.report, $0.progress.done) }
  }

  private struct Unplayable: Error {
    let reason: String
  }

  private final class Gathered: Sendable {
    struct State {
      var report: FleetReport
      var progress: Progress
    }

    let state: Mutex<State>

    init(_ report: FleetReport, _ total: Int) {
      state = Mutex(State(report: report, progress: Progress(total: total)))
    }
  }

  /// The changes of a recording, and why it was not read to its end.
  private func play(
    _ path: String
  ) -> Result<(changes: [MachineChange], failure: String?), Unplayable> {
    do {
      // libpcap would wait for the writer of a FIFO, and read a disk to its end.
      let size = try File(at: path).size
      guard size <= Self.recordingMax else {
        return .failure(Unplayable(reason: "longer than \(Self.recordingMax >> 20) MiB"))
      }
      let (file, recording) = try ElidedSavefile.read(path)
      let addresses = recording.serverAddresses
      let changes = MachineChange.all(
        of: recording, from: try old?(addresses), to: try new(addresses))
      return .success((changes, file.failure.map { Self.reason("\($0)", path) }))
    } catch let error as CaptureFailure {
      return .failure(Unplayable(reason: error.reason))
    } catch {
      return .failure(Unplayable(reason: Self.reason("\(error)", path)))
    }
  }

  private static func reason(_ text: String, _ path: String) -> String {
    text.hasPrefix(path + ": ") ? String(text.dropFirst(path.utf8.count + 2)) : text
  }

  private static func folder(_ path: String) -> Substring {
    path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
  }

  private static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
