import Boot
import YAML

/// What an object is found by: names are unique within a kind.
struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  var kind: ObjectKind
  var name: String

  static func < (left: Self, right: Self) -> Bool {
    (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
  }

  /// `machines/rack3-07`
  var description: String { "\(kind.rawValue)/\(name)" }
}

extension ObjectIndex {
  subscript(key: ObjectKey) -> CatalogObject? { self[key.kind, key.name] }
}

extension StoredObject {
  var key: ObjectKey { ObjectKey(kind: kind, name: name) }

  func mistake(_ text: String) -> Mistake {
    Mistake(file: file, line: spec.position.line, column: spec.position.column, text)
  }
}
