import Boot
import YAML

extension ConfigurationReader {
  /// Reads what is recorded of boots that come to nothing: `off`, or where, when and how much.
  mutating func readRecorder(_ value: Value) {
    if value.isOff {
      settings.recorder = nil
      return
    }
    guard let fields = Fields(value, of: "recorder", keys: ["folder", "stall", "limit"]) else {
      return
    }
    var recorder = RecorderSettings()
    recorder.folder = fields["folder"]?.path(from: folder)
    recorder.stall =
      fields["stall"]?.duration("60s", from: "5s", to: "1h", 5...3_600) ?? recorder.stall
    recorder.limit =
      fields["limit"]?.read("a size as 64M, from 16M to 64G, with M or G") { Self.size($0) }
      ?? recorder.limit
    settings.recorder = recorder
  }

  /// One recording is never cut short of its end, where the failure is.
  private static func size(_ text: String) -> Int? {
    guard let unit = text.last, let count = Int(text.dropLast()), text.first != "+",
      (1...65_536).contains(count)
    else { return nil }
    let size: Int
    switch unit {
    case "M": size = count << 20
    case "G": size = count << 30
    default: return nil
    }
    return size >= 16 << 20 && size <= 64 << 30 ? size : nil
  }
}

extension Value {
  /// Whether it is the plain word `off`, or `false`.
  fileprivate var isOff: Bool {
    guard case .scalar(let text, let isPlain) = node.content, isPlain else { return false }
    return ["off", "false", "no"].contains(text)
  }
}
