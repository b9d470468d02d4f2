import Capture
import EventLoop
import FoundationEssentials

extension RecordCommand {
  static let ending = ".pcap"
  /// What a recording's name ends with while its files are still in it.
  static let whole = ".pcap.part"

  /// `--elide --from FILE`
  static func copy(_ source: String, to destination: String?) throws {
    let recording = try Savefile(reading: source)
    if let failure = recording.failure {
      StandardError.write(line: "bootwire: \(failure); what is before it is copied")
    }
    print(try write(recording, to: destination ?? copyName(of: source)))
  }

  /// Puts an elided recording in the place of a whole one; gives the line that says so.
  static func replace(_ path: String, limit: Int) throws -> String {
    var limits = CaptureLimits()
    limits.octets = max(limits.octets, limit)
    let recording = try Savefile(reading: path, limits: limits)
    if let failure = recording.failure { throw Refusal("\(failure)") }
    let line = try write(recording, to: path.dropLast(whole.count) + ending)
    try FileManager.default.removeItem(atPath: path)
    return line
  }

  private static func write(_ recording: Savefile, to path: String) throws -> String {
    let files = try ElidedSavefile.write(recording, to: path)
    return "\(path): \(recording.frames.count) packets, \(files.elided) files elided, "
      + "\(files.kept) kept as text"
  }

  private static func copyName(of path: String) -> String {
    let ending = [".pcapng", ".pcap", ".cap"].first { path.hasSuffix($0) }
    return path.dropLast(ending?.count ?? 0) + "-elided" + Self.ending
  }
}
