import Appliance
import Capture
import EventLoop
import Network
import Replay

/// What came of one recording.
struct ReplayResult {
  let path: String
  let report: PlaybackReport?
  /// Why there is no report.
  private(set) var failure: String?
  /// What is otherwise than in the golden transcript.
  private(set) var difference: [String] = []

  init(_ path: String, config: String?) {
    self.path = path
    do {
      let (file, recording) = try ElidedSavefile.read(path)
      failure = file.failure.map { "\($0)" }
      var setting = Playback.Setting.recorded
      if let config {
        setting = .configured(try World.load(config, addresses: recording.serverAddresses))
      }
      var playback = Playback(recording, in: setting)
      report = playback.run()
    } catch {
      report = nil
      failure = "\(error)"
    }
  }

  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  var isFailure: Bool {
    failure != nil || !difference.isEmpty || report?.hasFailures == true
  }

  func text(isWhole: Bool) -> String {
    guard let report else { return "\(failure ?? path)\n" }
    let text = ReplayText(name, report)
    var lines = isWhole ? text.transcript : text.summary
    if let failure { lines += "  \(failure)\n" }
    for line in difference { lines += "  \(line)\n" }
    return lines
  }

  mutating func compare(with folder: GoldenFolder, isUpdating: Bool) {
    guard let report else { return }
    let text = ReplayText(name, report).transcript
    do {
      if isUpdating {
        try folder.write(text, for: name)
      } else {
        difference = try folder.difference(of: text, for: name)
      }
    } catch { failure = "\(error)" }
  }

  /// `12 recordings, 14 machines: 14 boot or are answered as needed, 0 fail`.
  static func summary(_ results: [ReplayResult]) -> String {
    let machines = results.flatMap { $0.report?.machines ?? [] }
    let failed = machines.count { $0.verdict.isFailure }
    let unread = results.count { $0.report == nil }
    let changed = results.count { !$0.difference.isEmpty }
    var text = "\(results.count) recordings, \(machines.count) machines: "
    text += "\(machines.count - failed) boot or are answered as needed, \(failed) fail"
    if unread > 0 { text += "; \(unread) recordings cannot be read" }
    if changed > 0 { text += "; \(changed) transcripts are others than before" }
    return text
  }
}
