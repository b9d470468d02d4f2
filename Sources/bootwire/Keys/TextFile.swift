import EventLoop

/// A text that the operator names by its file, or pipes in.
enum TextFile {
  /// - Parameter path: `-` is stdin.
  static func read(_ path: String, limit: Int) throws -> String {
    let name = path == "-" ? "stdin" : path
    let bytes: [UInt8]
    if path == "-" {
      bytes = try StandardInput.read(limit: limit)
    } else {
      let file = try File(at: path)
      bytes = try file.read(at: 0, count: min(Int(file.size), limit + 1))
    }
    guard bytes.count <= limit else {
      throw Refusal("\(name) is longer than \(limit) bytes, the most we take")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal("\(name) is no UTF-8 text")
    }
    return text
  }
}
