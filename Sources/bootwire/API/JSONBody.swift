import YAML

/// The JSON of a request. What is nil is left out.
enum JSONBody {
  static func object(_ fields: [(String, Node?)]) -> Node {
    Node(
      .mapping(
        fields.compactMap { key, value in
          value.map { Node.Entry(key: key, position: nowhere, value: $0) }
        }), at: nowhere)
  }

  static func text(_ text: String?) -> Node? {
    text.map { Node(.scalar($0, isPlain: false), at: nowhere) }
  }

  static func flag(_ value: Bool) -> Node {
    Node(.scalar(value ? "true" : "false", isPlain: true), at: nowhere)
  }

  static func list(_ nodes: [Node]) -> Node { Node(.sequence(nodes), at: nowhere) }

  /// nil when there are none.
  static func labels(_ labels: [Label]) -> Node? {
    labels.isEmpty ? nil : object(labels.map { ($0.name, text($0.value)) })
  }

  private static let nowhere = Position(line: 1, column: 1)
}
