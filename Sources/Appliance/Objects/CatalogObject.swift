import Boot

/// An object in force, as it is shown: no secret's value is in it.
package struct CatalogObject: Hashable, Sendable {
  package enum Origin: Hashable, Sendable {
    /// Of the configuration that serve was given: read-only to all else.
    case file(String, line: Int)
    /// Applied, by the edit of this generation.
    case generation(UInt64)
  }

  package var kind: ObjectKind
  package var name: String
  /// nil: for the machines of all sites.
  package var site: String?
  package var labels: [String: String]
  package var origin: Origin
  /// What stands below its name, as compact JSON with the keys in their order.
  package var spec: String

  package init(
    kind: ObjectKind, name: String, site: String?, labels: [String: String], origin: Origin,
    spec: String
  ) {
    self.kind = kind
    self.name = name
    self.site = site
    self.labels = labels
    self.origin = origin
    self.spec = spec
  }
}

/// All objects in force, by kind and name; made beside the loop, and never changed.
package final class ObjectIndex: Sendable {
  private let kinds: [ObjectKind: [CatalogObject]]

  /// Names must be unique within a kind.
  package init(_ objects: [CatalogObject] = []) {
    kinds = Dictionary(grouping: objects, by: \.kind).mapValues { objects in
      objects.sorted { $0.name < $1.name }
    }
  }

  /// Those of a kind, sorted by name.
  package subscript(kind: ObjectKind) -> [CatalogObject] { kinds[kind] ?? [] }

  package subscript(kind: ObjectKind, name: String) -> CatalogObject? {
    let objects = self[kind]
    let index = Self.index(of: name, in: objects)
    return index < objects.count && objects[index].name == name ? objects[index] : nil
  }

  /// Those of a kind whose names come after `name`: the next page of a list.
  package func objects(_ kind: ObjectKind, after name: String) -> ArraySlice<CatalogObject> {
    let objects = self[kind]
    let index = Self.index(of: name, in: objects)
    return objects[index...].drop { $0.name == name }
  }

  package var count: Int { kinds.values.reduce(0) { $0 + $1.count } }

  /// Where `name` stands, or would.
  private static func index(of name: String, in objects: [CatalogObject]) -> Int {
    var (low, high) = (0, objects.count)
    while low < high {
      let middle = (low + high) / 2
      if objects[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension CatalogObject {
  /// Another one whenever its text is another (RFC 9110 §8.8.3), without quotes.
  package var entityTag: String {
    switch origin {
    case .generation(let number): return "g\(number)"
    case .file:
      // FNV-1a: it need not be safe, for what a file says is read-only.
      let hash = spec.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01b3
      }
      return "f" + String(hash, radix: 16)
    }
  }
}
