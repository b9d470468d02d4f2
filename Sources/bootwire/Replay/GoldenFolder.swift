import EventLoop
import FoundationEssentials
import Replay

/// A folder of transcripts that were looked at and found good, one file for each recording.
struct GoldenFolder {
  let path: String

  init(_ path: String) { self.path = path }

  func write(_ text: String, for name: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: place(name)), options: .atomic)
  }

  /// What is otherwise now, line by line; empty when nothing is.
  func difference(of text: String, for name: String) throws -> [String] {
    guard let data = FileManager.default.contents(atPath: place(name)) else {
      throw Refusal("\(place(name)): no transcript yet; --update writes it")
    }
    let golden = String(decoding: data, as: UTF8.self)
    let lines = TextDifference(from: golden, to: text).lines
    return lines.isEmpty ? [] : ["--- \(place(name))", "+++ now"] + lines
  }

  private func place(_ name: String) -> String { "\(path)/\(name).txt" }
}
