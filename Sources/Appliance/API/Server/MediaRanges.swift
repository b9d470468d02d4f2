import Wire

/// What an Accept field takes (RFC 9110 §12.5.1). Which of several is liked best does not matter:
/// we have one form of each thing.
struct MediaRanges {
  private var ranges: [(type: String, isTaken: Bool)] = []

  init(_ values: [[UInt8]]) {
    for value in values {
      for piece in String(decoding: value, as: UTF8.self).lowercased().split(separator: ",") {
        let parts = piece.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard let type = parts.first else { continue }
        let isTaken = !parts.dropFirst().contains { Self.isZero($0) }
        ranges.append((type, isTaken))
      }
    }
  }

  /// Whether the event stream is asked for by name: whoever takes anything gets the list.
  var namesEventStream: Bool {
    ranges.contains { $0.type == HTTPContentType.eventStream.rawValue && $0.isTaken }
  }

  /// The range that says most about a type decides.
  func takes(_ type: HTTPContentType) -> Bool {
    guard !ranges.isEmpty else { return true }
    let name = type.rawValue.split(separator: ";").first.map(String.init) ?? ""
    let family = name.split(separator: "/").first.map { "\($0)/*" } ?? ""
    for wanted in [name, family, "*/*"] {
      if let range = ranges.first(where: { $0.type == wanted }) { return range.isTaken }
    }
    return false
  }

  private static func isZero(_ parameter: String) -> Bool {
    guard parameter.hasPrefix("q=0") else { return false }
    return parameter.dropFirst(3).allSatisfy { $0 == "." || $0 == "0" }
  }
}
