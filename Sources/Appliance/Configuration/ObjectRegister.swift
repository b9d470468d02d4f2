import Boot
import YAML

/// The objects of one configuration, of its files and applied alike: each name once in its kind.
struct ObjectRegister {
  /// An object with its place, as it was read.
  struct Draft {
    var kind: ObjectKind
    var name: String
    /// nil: for the machines of all sites.
    var site: String?
    var labels: [String: String]
    var value: Value
    var position: Position
  }

  private struct Name: Hashable {
    let kind: ObjectKind
    let text: String
  }

  private var places: [Name: (file: SourceFile, line: Int)] = [:]
  private(set) var drafts: [Draft] = []

  /// Takes the name; a mistake, and false, when another object has it.
  mutating func take(
    _ kind: ObjectKind, _ name: String, at position: Position, in value: Value
  ) -> Bool {
    let key = Name(kind: kind, text: name)
    guard let other = places[key] else {
      places[key] = (value.file, position.line)
      return true
    }
    let place = other.file.isApplied ? other.file.name : "\(other.file.name):\(other.line)"
    value.findings.mistake(
      "\(kind.singular) \"\(Value.shown(name))\" is defined in \(place) already", at: position,
      in: value.file.name)
    return false
  }

  mutating func add(_ draft: Draft) { drafts.append(draft) }

  /// What is shown of them: whatever was wanted but the values of secrets.
  func objects() -> [CatalogObject] {
    drafts.map { draft in
      var spec = draft.value.node
      switch draft.kind {
      case .machines: spec["name"] = nil
      case .secrets: spec["value"] = nil
      case .profiles, .scripts, .answers, .hooks, .snippets, .keys: break
      }
      let origin: CatalogObject.Origin =
        draft.value.file.generation.map { .generation($0) }
        ?? .file(draft.value.file.name, line: draft.position.line)
      return CatalogObject(
        kind: draft.kind, name: draft.name, site: draft.site, labels: draft.labels, origin: origin,
        spec: spec.json())
    }
  }
}

/// An entry of a section whose keys are names.
struct NamedEntry {
  var name: String
  var position: Position
  var value: Value
}

/// What was read of the objects of one kind that profiles name.
struct DraftTable<Object> {
  struct Draft {
    /// nil: for the machines of all sites.
    var site: String?
    /// Nil after a mistake within it; its name is known all the same.
    var object: Object?
  }

  private var drafts: [String: Draft] = [:]
  /// In the order of the configuration.
  private(set) var names: [String] = []

  subscript(name: String) -> Draft? { drafts[name] }

  mutating func add(_ name: String, site: String?, _ object: Object?) {
    drafts[name] = Draft(site: site, object: object)
    names.append(name)
  }

  /// Those without mistakes.
  var objects: [Object] { names.compactMap { drafts[$0]?.object } }
}

extension ConfigurationReader {
  /// The entries of a section of objects, but for those whose name another has.
  mutating func entries(of value: Value, _ kind: ObjectKind) -> [NamedEntry] {
    var entries: [NamedEntry] = []
    for entry in Fields.entries(of: value, kind.rawValue) ?? [] {
      if !Value.isIdentifier(entry.key) {
        findings.mistake(
          "\"\(Value.shown(entry.key))\" is no name of letters, digits, \".\", \"-\" and \"_\"",
          at: entry.position, in: value.file.name)
      }
      guard register.take(kind, entry.key, at: entry.position, in: value) else { continue }
      entries.append(
        NamedEntry(
          name: entry.key, position: entry.position,
          value: Value(node: entry.value, file: value.file, findings: findings)))
    }
    return entries
  }

  /// Whose machines it is for, and what it is tagged with: keys that every object may have.
  func tags(_ fields: Fields) -> (site: String?, labels: [String: String]) {
    (fields["site"]?.identifier(), fields["labels"].map { texts($0, "labels") } ?? [:])
  }

  /// Notes an object for those who list the catalog.
  mutating func note(
    _ kind: ObjectKind, _ entry: NamedEntry, site: String?, labels: [String: String]
  ) {
    register.add(
      ObjectRegister.Draft(
        kind: kind, name: entry.name, site: site ?? (kind.belongsToOneSite ? self.site : nil),
        labels: labels, value: entry.value, position: entry.position))
  }

  /// The object that a profile names; nil, and a mistake, for none and for one of another site.
  func named<Object>(
    _ name: String, at value: Value, in table: DraftTable<Object>, _ kind: ObjectKind,
    for profile: ProfileHead
  ) -> Object? {
    guard let draft = table[name] else {
      value.mistake(
        "\(kind.singular) \"\(Value.shown(name))\" is not defined"
          + NearestName.question(name, among: table.names))
      return nil
    }
    if let owner = draft.site, owner != profile.site {
      let other = profile.site.map { "the site \($0)" } ?? "all sites"
      value.mistake(
        "\(kind.singular) \(name) is for the site \(owner) only, and profile \(profile.name) for"
          + " \(other): give both the same \"site\"")
      return nil
    }
    return draft.object
  }
}
