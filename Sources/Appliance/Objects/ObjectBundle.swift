import Boot
import YAML

/// The files of one apply: YAML with sections of objects, and the files that these name.
package struct ObjectBundle: Sendable {
  package struct File: Hashable, Sendable {
    /// As the operator named it, folders with `/`.
    package var name: String
    package var text: String

    package init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// Most files of one apply.
  package static let fileMax = 1024

  /// What they say, in their order; positions are those of the files.
  private(set) var objects: [StoredObject] = []
  private(set) var mistakes: [Mistake] = []

  private let files: [String: File]
  /// Where each object stands first.
  private var places: [ObjectKey: String] = [:]

  init(_ files: [File]) {
    self.files = Dictionary(files.map { (Self.plain($0.name), $0) }) { first, _ in first }
    guard files.count <= Self.fileMax else {
      mistakes = [Mistake(file: "apply", "more than \(Self.fileMax) files, the most we take")]
      return
    }
    for file in files where file.name.hasSuffix(".yaml") || file.name.hasSuffix(".yml") {
      read(file)
    }
    addSnippets()
    if objects.isEmpty, mistakes.isEmpty {
      mistakes = [
        Mistake(file: files.first?.name ?? "apply", "there are no objects in what was applied")
      ]
    }
  }

  private mutating func read(_ file: File) {
    let document = Document(parsing: Array(file.text.utf8))
    for mistake in document.mistakes { report(mistake.text, at: mistake.position, in: file) }
    guard let root = document.root else { return }
    guard case .mapping(let sections) = root.content else {
      return report("expected sections of objects as a mapping", at: root.position, in: file)
    }
    for section in sections {
      guard let kind = ObjectKind(rawValue: section.key) else {
        report(Self.stranger(section.key), at: section.position, in: file)
        continue
      }
      read(kind, section.value, file)
    }
  }

  private static func stranger(_ key: String) -> String {
    if ConfigurationReader.keys.contains(key) {
      return "\"\(key)\" is no object: it belongs into the file that bootwire serve was given"
    }
    let names = ObjectKind.allCases.map(\.rawValue)
    return "unknown section \"\(Value.shown(key))\", expected one of "
      + names.joined(separator: ", ") + NearestName.question(key, among: names)
  }

  private mutating func read(_ kind: ObjectKind, _ section: Node, _ file: File) {
    let found = SectionObjects.of(section)
    let isList = if case .sequence(let nodes) = section.content { nodes.count } else { 0 }
    let isMapping = if case .mapping = section.content { true } else { false }
    if kind == .machines ? isMapping : isList > 0 || !isMapping {
      let form = kind == .machines ? "a list" : "a mapping of names"
      return report("expected \(kind.rawValue) as \(form)", at: section.position, in: file)
    }
    if found.count < isList {
      report("a machine has no \"name\"", at: section.position, in: file)
    }
    for (name, spec) in found { add(kind, name, spec, file) }
  }

  private mutating func add(_ kind: ObjectKind, _ name: String, _ spec: Node, _ file: File) {
    guard Value.isIdentifier(name) else {
      return report(
        "\"\(Value.shown(name))\" is no name of letters, digits, \".\", \"-\" and \"_\", at most"
          + " 64 of them", at: spec.position, in: file)
    }
    let key = ObjectKey(kind: kind, name: name)
    if let first = places[key] {
      return report("\(key) stands in \(first) already", at: spec.position, in: file)
    }
    places[key] = "\(file.name):\(spec.position.line)"
    objects.append(
      StoredObject(kind: kind, name: name, spec: complete(kind, spec, file), file: file.name))
  }

  private mutating func report(_ text: String, at position: Position, in file: File) {
    mistakes.append(
      Mistake(file: file.name, line: position.line, column: position.column, text))
  }
}

// What an object names of other files comes into it, for the server does not have them.
extension ObjectBundle {
  private func complete(_ kind: ObjectKind, _ spec: Node, _ file: File) -> Node {
    var spec = inlined(
      spec, file, as: kind == .secrets ? "value" : kind == .keys ? "public" : "text")
    switch kind {
    case .scripts:
      guard case .sequence(let variants)? = spec["variants"]?.content else { break }
      let position = spec["variants"]?.position ?? spec.position
      spec["variants"] = Node(
        .sequence(variants.map { inlined($0, file, as: "text") }), at: position)
    case .profiles:
      if let script = spec["script"] { spec["script"] = named(script, file) }
      guard let answers = spec["answers"] else { break }
      var changed = answers
      for entry in answers.entries { changed[entry.key] = named(entry.value, file) }
      spec["answers"] = changed
    case .machines, .answers, .hooks, .snippets, .keys, .secrets: break
    }
    return spec
  }

  /// `{file: NAME}` with the file's text beside it.
  private func inlined(_ spec: Node, _ file: File, as key: String) -> Node {
    guard spec[key] == nil, let name = spec["file"], let text = text(name.text, beside: file) else {
      return spec
    }
    var spec = spec
    // A secret and a key are one line, and editors end it.
    let value = key == "text" ? text : text.hasSuffix("\n") ? String(text.dropLast()) : text
    if key != "text" { spec["file"] = nil }
    spec[key] = Node(.scalar(value, isPlain: false), at: name.position)
    return spec
  }

  /// The file that stands in the place of an object's name, as the object would be written.
  private func named(_ node: Node, _ file: File) -> Node {
    guard case .scalar(let name, _) = node.content else { return inlined(node, file, as: "text") }
    guard let text = text(name, beside: file) else { return node }
    let position = node.position
    return Node(
      .mapping([
        Node.Entry(
          key: "text", position: position, value: Node(.scalar(text, isPlain: false), at: position)),
        Node.Entry(key: "file", position: position, value: node),
      ]), at: position)
  }

  /// The text of a file that was applied too, named as from `file`'s folder.
  private func text(_ name: String?, beside file: File) -> String? {
    guard let name else { return nil }
    let folder = file.name.lastIndex(of: "/").map { file.name[...$0] } ?? ""
    return files[Self.plain(folder + name)]?.text ?? files[Self.plain(name)]?.text
  }

  /// Without `.` and empty parts, so that `./a.yaml` and `a.yaml` are one file.
  private static func plain(_ name: String) -> String {
    name.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  /// Every `NAME.mustache` that some text includes is the snippet NAME.
  private mutating func addSnippets() {
    let suffix = ".mustache"
    var texts = objects.flatMap { Self.texts($0.spec) }
    let mustaches = files.values.filter { $0.name.hasSuffix(suffix) }.sorted { $0.name < $1.name }
    while let text = texts.popLast() {
      for file in mustaches {
        let name = String((file.name.split(separator: "/").last ?? "").dropLast(suffix.count))
        let key = ObjectKey(kind: .snippets, name: name)
        guard places[key] == nil, Self.includes(text, name) else { continue }
        places[key] = file.name
        let start = Position(line: 1, column: 1)
        let entries = [("text", file.text), ("file", file.name)].map {
          Node.Entry(
            key: $0.0, position: start, value: Node(.scalar($0.1, isPlain: false), at: start))
        }
        objects.append(
          StoredObject(
            kind: .snippets, name: name, spec: Node(.mapping(entries), at: start), file: file.name))
        texts.append(file.text)
      }
    }
  }

  private static func texts(_ node: Node) -> [String] {
    switch node.content {
    case .scalar(let text, _): text.contains("{{>") ? [text] : []
    case .sequence(let nodes): nodes.flatMap(texts)
    case .mapping(let entries): entries.flatMap { texts($0.value) }
    case .broken: []
    }
  }

  /// `{{> NAME}}`, with or without spaces.
  private static func includes(_ text: String, _ name: String) -> Bool {
    text.split(separator: "{{>").dropFirst().contains { part in
      part.prefix { $0 != "}" }.trimmed == name[...]
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop { $0 == " " }
    let spaces = start.reversed().prefix { $0 == " " }.count
    return start.dropLast(spaces)
  }
}
