import Boot
import Store
import YAML

/// An object that was applied, as the reader of sections takes it beside those of the files.
///
/// It needs nothing but itself: the texts of the files that it was applied with stand in it as
/// `{text: …, file: NAME}`.
package struct StoredObject: Hashable, Sendable {
  package var kind: ObjectKind
  package var name: String
  /// What stands below its name, as in a file; a secret's holds its `value`. Its positions are
  /// those of `file`.
  package var spec: Node
  /// What mistakes call its text: a file of the apply, or `machines/rack3-07`.
  package var file: String
  /// Of the edit that wrote it; 0 while it is only planned.
  package var generation: UInt64

  package init(
    kind: ObjectKind, name: String, spec: Node, file: String? = nil, generation: UInt64 = 0
  ) {
    self.kind = kind
    self.name = name
    self.spec = spec
    self.file = file ?? "\(kind.rawValue)/\(name)"
    self.generation = generation
  }
}

extension StoredObject {
  /// A row as the reader takes it; nil for one that is no JSON, which no bootwire wrote.
  init?(_ row: ObjectRow) {
    guard var spec = Document(parsingJSON: Array(row.text.utf8)).root else { return nil }
    if let value = row.value {
      spec["value"] = Node(.scalar(value.revealed, isPlain: false), at: spec.position)
    }
    self.init(kind: row.kind, name: row.name, spec: spec, generation: row.generation)
  }
}
