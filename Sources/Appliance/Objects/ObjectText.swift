import Boot
import Store
import YAML

/// Applied objects as people read them: YAML.
enum ObjectText {
  /// The difference of two stored texts of an object; nil: there was none.
  ///
  /// - Parameter isNewValue: Whether a secret's value is another one, which is all that is told
  ///   of it.
  static func diff(
    _ old: String?, _ new: String?, _ key: ObjectKey, isNewValue: Bool = false
  ) -> String {
    var after = new.map(yaml)
    if isNewValue { after?.append("value: \(Secret.Text.mask) # another one\n") }
    var before = old.map(yaml)
    if isNewValue { before?.append("value: \(Secret.Text.mask)\n") }
    return TextDiff.unified(before, after, name: "\(key)")
  }

  /// What an edit of the past made of an object.
  static func change(_ step: ObjectStep) -> ObjectChange {
    let verb: ObjectChange.Verb =
      step.after == nil ? .deleted : step.before == nil ? .created : .changed
    let node = (step.after ?? step.before).flatMap { Document(parsingJSON: Array($0.utf8)).root }
    return ObjectChange(
      kind: step.kind, name: step.name, site: node?["site"]?.text, verb: verb,
      diff: diff(step.before, step.after, ObjectKey(kind: step.kind, name: step.name)))
  }

  static func yaml(_ json: String) -> String {
    Document(parsingJSON: Array(json.utf8)).root?.yaml() ?? json
  }

  /// All objects of a catalog that were applied and that `isWanted`, as one file that `apply`
  /// takes.
  static func export(_ objects: ObjectIndex, _ isWanted: (CatalogObject) -> Bool) -> String {
    let start = Position(line: 1, column: 1)
    var sections: [Node.Entry] = []
    for kind in ObjectKind.allCases {
      let found = objects[kind].filter {
        if case .generation = $0.origin { isWanted($0) } else { false }
      }
      let entries = found.compactMap { object in
        Document(parsingJSON: Array(object.spec.utf8)).root.map {
          Node.Entry(key: object.name, position: start, value: $0)
        }
      }
      guard !entries.isEmpty else { continue }
      let content: Node.Content =
        kind == .machines ? .sequence(entries.map(listed)) : .mapping(entries)
      sections.append(
        Node.Entry(key: kind.rawValue, position: start, value: Node(content, at: start)))
    }
    return sections.isEmpty ? "" : Node(.mapping(sections), at: start).yaml()
  }

  /// A machine as it stands in a list: its name first.
  private static func listed(_ entry: Node.Entry) -> Node {
    let name = Node(.scalar(entry.key, isPlain: false), at: entry.position)
    let first = Node.Entry(key: "name", position: entry.position, value: name)
    return Node(.mapping([first] + entry.value.entries), at: entry.position)
  }
}
