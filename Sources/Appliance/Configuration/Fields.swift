import Boot
import YAML

/// A mapping whose keys are known; every other key was told as a mistake.
struct Fields {
  let value: Value
  private var entries: [String: Node.Entry] = [:]

  /// Nil, and a mistake, when `value` is no mapping.
  init?(_ value: Value, of noun: String, keys: [String]) {
    self.value = value
    guard let all = Self.entries(of: value, noun) else { return nil }
    for entry in all {
      if keys.contains(entry.key) {
        entries[entry.key] = entry
      } else {
        value.findings.mistake(
          "unknown key \"\(Value.shown(entry.key))\" of \(noun), expected "
            + (keys.count == 1 ? keys[0] : "one of \(keys.joined(separator: ", "))")
            + NearestName.question(entry.key, among: keys),
          at: entry.position, in: value.file.name)
      }
    }
  }

  subscript(key: String) -> Value? {
    entries[key].map { Value(node: $0.value, file: value.file, findings: value.findings) }
  }

  /// A value that must be there.
  func required(_ key: String, of noun: String) -> Value? {
    if let found = self[key] { return found }
    value.mistake("\(noun) has no \"\(key)\"")
    return nil
  }

  /// The value of `other`, where `key` could stand too and does not.
  func required(_ key: String, of noun: String, or other: String) -> Value? {
    if let found = self[other] { return found }
    value.mistake("\(noun) has neither \"\(key)\" nor \"\(other)\"")
    return nil
  }

  /// Where `key` stands, or the mapping itself.
  func position(of key: String) -> Position { entries[key]?.position ?? value.node.position }

  func mistake(_ text: String, at key: String) {
    value.findings.mistake(text, at: position(of: key), in: value.file.name)
  }

  func warning(_ text: String, at key: String) {
    value.findings.warning(text, at: position(of: key), in: value.file.name)
  }

  /// The entries of a mapping with free keys, in their order; nil, and a mistake, for anything
  /// else.
  static func entries(of value: Value, _ noun: String) -> [Node.Entry]? {
    switch value.node.content {
    case .mapping(let entries): return entries
    case .scalar(let text, let isPlain):
      let isEmpty = isPlain && ["", "~", "null"].contains(text)
      value.mistake("\(isEmpty ? "no value" : "a single value"), expected \(noun) as a mapping")
    case .sequence: value.mistake("a list, expected \(noun) as a mapping")
    case .broken: break
    }
    return nil
  }
}
