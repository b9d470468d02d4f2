import YAML

/// A place of a YAML file that names another file.
struct BundleReference: Equatable {
  enum Kind: Equatable {
    /// It must be there.
    case file
    /// A file, if there is one of that name; else the name of an object.
    case fileOrName
    /// A file that only its owner may read.
    case secret
    /// A file with a public key.
    case publicKey
    /// No file at all: a private key, where a public one belongs.
    case privateKey
  }

  var kind: Kind
  var path: String
  var position: Position

  /// In the order of the text.
  static func all(in document: Document) -> [BundleReference] {
    var references: [BundleReference] = []
    for section in entries(of: document.root) {
      for object in objects(of: section.value) {
        switch section.key {
        case "profiles": profile(object, into: &references)
        case "keys":
          key(object, into: &references)
          file(of: object, .publicKey, into: &references)
        case "secrets": file(of: object, .secret, into: &references)
        case "scripts", "answers", "hooks", "snippets":
          file(of: object, .file, into: &references)
          for entry in entries(of: object) where entry.key == "variants" {
            for variant in objects(of: entry.value) {
              file(of: variant, .file, into: &references)
            }
          }
        case _: break
        }
      }
    }
    return references
  }

  private static func profile(_ object: Node, into references: inout [BundleReference]) {
    for entry in entries(of: object) {
      switch entry.key {
      case "script": name(entry.value, into: &references)
      case "answers":
        for answer in entries(of: entry.value) {
          name(answer.value, into: &references)
          file(of: answer.value, .file, into: &references)
        }
      case _: break
      }
    }
  }

  private static func name(_ node: Node, into references: inout [BundleReference]) {
    guard case .scalar(let text, _) = node.content, !text.isEmpty else { return }
    references.append(BundleReference(kind: .fileOrName, path: text, position: node.position))
  }

  private static func key(_ object: Node, into references: inout [BundleReference]) {
    for entry in entries(of: object) where entry.key == "public" {
      guard case .scalar(let text, _) = entry.value.content, PublicKeyText.isPrivate(text) else {
        continue
      }
      references.append(
        BundleReference(kind: .privateKey, path: "", position: entry.value.position))
    }
  }

  private static func file(
    of object: Node, _ kind: Kind, into references: inout [BundleReference]
  ) {
    // What was exported has its text beside the name of the file that it once was.
    let isWhole = entries(of: object).contains { ["text", "value", "public"].contains($0.key) }
    for entry in entries(of: object) where entry.key == "file" && !isWhole {
      guard case .scalar(let text, _) = entry.value.content, !text.isEmpty else { continue }
      references.append(
        BundleReference(kind: kind, path: text, position: entry.value.position))
    }
  }

  private static func entries(of node: Node?) -> [Node.Entry] {
    guard case .mapping(let entries) = node?.content else { return [] }
    return entries
  }

  /// The values of a mapping or of a list.
  private static func objects(of node: Node) -> [Node] {
    switch node.content {
    case .mapping(let entries): entries.map(\.value)
    case .sequence(let nodes): nodes
    case .scalar, .broken: []
    }
  }
}
