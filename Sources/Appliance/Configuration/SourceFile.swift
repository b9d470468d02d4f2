import Boot
import EventLoop
import YAML

/// One file of a configuration, as the operator named it, or what was applied beside them.
struct SourceFile: Sendable {
  var name: String
  var bytes: [UInt8]
  /// Of the edit that wrote an applied object; nil for a file of this box.
  var generation: UInt64?
  /// By anybody with an account on this box.
  private(set) var isReadableByOthers = false

  /// What was applied names nothing of this box, for its author need have no account here.
  var isApplied: Bool { generation != nil }

  /// Reads the whole file, of at most `limit` bytes.
  init(reading path: String, limit: Int) throws(Mistake) {
    let size: Int64
    do throws(SystemError) {
      let file = try File(at: path)
      size = file.size
      isReadableByOthers = file.permissions & 0o004 != 0
      bytes = size <= limit ? try file.read(at: 0, count: Int(size)) : []
    } catch {
      throw Mistake(file: path, "\(error)")
    }
    guard size <= limit else {
      throw Mistake(file: path, "longer than \(limit) bytes, the most we take")
    }
    name = path
  }

  init(name: String, bytes: [UInt8], generation: UInt64? = nil) {
    self.name = name
    self.bytes = bytes
    self.generation = generation
  }

  /// The text of a line, counted from 1.
  func line(_ number: Int) -> Substring? {
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", maxSplits: number, omittingEmptySubsequences: false)
    return lines.indices.contains(number - 1) ? lines[number - 1] : nil
  }
}
