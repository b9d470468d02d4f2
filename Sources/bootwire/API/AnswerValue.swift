import Boot
import YAML

/// A value of a JSON answer; what is not there is a value without a node, so that paths need no
/// unwrapping.
struct AnswerValue {
  let node: Node?

  init(_ node: Node?) { self.node = node }

  subscript(_ key: String) -> AnswerValue {
    AnswerValue(entries.first { $0.key == key }?.value)
  }

  /// nil for null, lists and objects.
  var text: String? {
    guard case .scalar(let text, let isPlain) = node?.content else { return nil }
    return isPlain && (text == "null" || text.isEmpty) ? nil : text
  }

  var number: Int? { text.flatMap { Int($0) } }
  var isTrue: Bool { text == "true" }

  var items: [AnswerValue] {
    guard case .sequence(let nodes) = node?.content else { return [] }
    return nodes.map { AnswerValue($0) }
  }

  var entries: [Node.Entry] {
    guard case .mapping(let entries) = node?.content else { return [] }
    return entries
  }

  /// For tables: a stranger's text escaped, a list with commas, labels as `name=value`; `-` for
  /// nothing.
  var shown: String {
    switch node?.content {
    case .scalar: return text.map { Escaped($0).description } ?? "-"
    case .sequence(let nodes):
      return nodes.isEmpty ? "-" : nodes.map { AnswerValue($0).shown }.joined(separator: ",")
    case .mapping(let entries):
      let parts = entries.map { "\(Escaped($0.key))=\(AnswerValue($0.value).shown)" }
      return parts.isEmpty ? "-" : parts.joined(separator: ",")
    case .broken, nil: return "-"
    }
  }
}
