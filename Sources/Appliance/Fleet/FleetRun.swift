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
  private let recordingMax: Int64

  /// - Parameter recordingMax: The longest recording that is played, in bytes: one is in memory for
  ///   each processor.
  package init(
    from old: Making?, to new: @escaping Making, recordingMax: Int64 = 256 << 20
  ) {
    self.old = old
    self.new = new
    self.recordingMax = recordingMax
  }

  /// What a run came to.
  package struct Outcome: Sendable {
    package let report: FleetReport
    /// How many recordings were played, or found unreadable.
    package let done: Int
    /// Why a configuration makes no world for some recording, which none of it would then show;
    /// nil: both do.
    package let mistakes: ConfigurationMistakes?
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
  ///   - deadline: After which nothing is played on.
  ///   - tell: Called after each recording, one at a time, on any thread.
  package func run(
    _ paths: [String], isParallel: Bool = true, until deadline: ContinuousClock.Instant? = nil,
    tell: @escaping @Sendable (Progress) -> Void = { _ in }
  ) -> Outcome {
    let folders = Set(paths.map(Self.folder))
    let gathered = Gathered(FleetReport(isCompared: old != nil), paths.count)
    let one: @Sendable (Int) -> Void = { index in
      let isLate = { deadline.map { ContinuousClock.now > $0 } ?? false }
      guard !isLate(), gathered.state.withLock({ $0.mistakes == nil }) else { return }
      let path = paths[index]
      let name = folders.count == 1 ? Self.name(path) : path
      let played = play(path, until: isLate)
      gathered.state.withLock { state in
        switch played {
        case .late: return
        case .impossible(let mistakes):
          state.mistakes = mistakes
          return
        case .played(let changes, let failure):
          state.report.add(name, changes)
          if let failure { state.report.add(name, unreadableBecause: failure) }
        case .unreadable(let reason): state.report.add(name, unreadableBecause: reason)
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
    return gathered.state.withLock {
      Outcome(report: $0.report, done: $0.progress.done, mistakes: $0.mistakes)
    }
  }

  private enum Played {
    /// The changes, and why it was not read to its end.
    case played([MachineChange], failure: String?)
    case unreadable(String)
    case impossible(ConfigurationMistakes)
    case late
  }

  private final class Gathered: Sendable {
    struct State {
      var report: FleetReport
      var progress: Progress
      var mistakes: ConfigurationMistakes?
    }

    let state: Mutex<State>

    init(_ report: FleetReport, _ total: Int) {
      state = Mutex(State(report: report, progress: Progress(total: total)))
    }
  }

  private func play(_ path: String, until isLate: () -> Bool) -> Played {
    do {
      // libpcap would wait for the writer of a FIFO, and read a disk to its end.
      let size = try File(at: path).size
      guard size <= recordingMax else {
        return .unreadable("longer than \(recordingMax >> 20) MiB")
      }
      let (file, recording) = try ElidedSavefile.read(path)
      let addresses = recording.serverAddresses
      let changes = MachineChange.all(
        of: recording, from: try old?(addresses), to: try new(addresses), until: isLate)
      guard let changes else { return .late }
      return .played(changes, failure: file.failure.map { Self.reason("\($0)", path) })
    } catch let mistakes as ConfigurationMistakes {
      return .impossible(mistakes)
    } catch let error as CaptureFailure {
      return .unreadable(error.reason)
    } catch {
      return .unreadable(Self.reason("\(error)", path))
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
