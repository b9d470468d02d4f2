import Boot
import EventLoop
import Network
import Store
import YAML

/// What an edit will write and what will then be in force, all of it checked.
struct ObjectPlan: Sendable {
  var loaded: LoadedConfiguration
  /// Nothing but what changes; empty for a reload.
  var writes: [ObjectWrite]
  /// The generation that it was planned against.
  var generation: UInt64
}

/// A plan, nil when nothing changes, and what it will come to.
struct PlannedEdit: Sendable {
  var plan: ObjectPlan?
  var outcome: EditOutcome
}

/// Plans edits beside the loop: everything in it is a value, or safe to be used from there.
struct ObjectPlanner: Sendable {
  var source: ConfigurationSource
  var store: RegistryStore
  /// The interfaces of this box.
  var table: InterfaceTable
  /// Of the catalog that is to come.
  var catalogGeneration: UInt64
  /// In force now.
  var settings: Settings
  var site: String
  var objects: ObjectIndex
  var warnings: Set<String>
  /// Hardware that an author of one site may not make his.
  var othersMachines: Set<MACAddress> = []
  /// What must hold of what is to come.
  var demand: ReloadDemand

  /// What is to become of one object.
  enum Draft {
    case put(StoredObject)
    case delete
  }

  /// What stands in the database now.
  private struct State {
    var rows: [ObjectKey: ObjectRow]
    var generation: UInt64
  }

  /// The applied objects as they are, with the files as they are now: a reload.
  func reload() throws(EditRefusal) -> ObjectPlan {
    let state = try state()
    var loaded = try load(
      state.rows.values.compactMap { StoredObject($0) }.sorted { $0.key < $1.key })
    try checkDemand(&loaded)
    return ObjectPlan(loaded: loaded, writes: [], generation: state.generation)
  }

  func plan(_ edit: ObjectEdit) throws(EditRefusal) -> PlannedEdit {
    let state = try state()
    let drafts = try drafts(of: edit, state)
    try checkSites(of: drafts, edit.author)
    for key in drafts.keys.sorted() { try checkWritable(key) }
    try check(edit.condition, drafts.keys.first, state)
    var writes: [ObjectWrite] = []
    var mistakes: [Mistake] = []
    for (key, draft) in drafts.sorted(by: { $0.key < $1.key }) {
      guard case .put(let draft) = draft else {
        writes.append(ObjectWrite(kind: key.kind, name: key.name, text: nil))
        continue
      }
      let write = Self.write(draft)
      if key.kind == .secrets, write.value == nil, state.rows[key]?.value == nil {
        mistakes.append(draft.mistake("\(key) has no value: apply it with one"))
      }
      if !state.rows[key].isSame(as: write) { writes.append(write) }
    }
    guard edit.author.maySetSecrets || !Self.setSecrets(writes, drafts) else { throw .secrets }
    guard mistakes.isEmpty else { throw .mistakes(mistakes.sorted()) }
    var outcome = EditOutcome(generation: state.generation, changes: [], warnings: [])
    guard !writes.isEmpty || !edit.registry.isEmpty else {
      outcome.changes = drafts.keys.sorted().map { unchanged($0) }
      return PlannedEdit(plan: nil, outcome: outcome)
    }
    var loaded: LoadedConfiguration
    do throws(EditRefusal) { loaded = try load(after(writes, drafts, state)) } catch {
      throw edit.author.site.map { veiled(error, from: $0) } ?? error
    }
    outcome.changes = try changes(writes, drafts.keys.sorted(), state, loaded)
    try checkSites(of: outcome.changes, edit.author, loaded)
    try checkDemand(&loaded, for: edit.author.site)
    outcome.warnings = loaded.places.filter { !warnings.contains($0.warning) }
    let plan = ObjectPlan(loaded: loaded, writes: writes, generation: state.generation)
    return PlannedEdit(plan: plan, outcome: outcome)
  }

  private func state() throws(EditRefusal) -> State {
    do throws(StoreError) {
      let (rows, generation) = try store.objects()
      var found: [ObjectKey: ObjectRow] = [:]
      found.reserveCapacity(rows.count)
      for row in rows { found[ObjectKey(kind: row.kind, name: row.name)] = row }
      return State(rows: found, generation: generation)
    } catch { throw .failed("\(error)") }
  }

  private func load(_ stored: [StoredObject]) throws(EditRefusal) -> LoadedConfiguration {
    let loaded: LoadedConfiguration
    do throws(ConfigurationMistakes) {
      loaded = try source.load(table, stored, catalogGeneration)
    } catch { throw .mistakes(error.mistakes) }
    let moved = Settings.immovable(settings, loaded.settings)
    guard moved.isEmpty else {
      throw .mistakes(
        moved.map {
          Mistake(
            file: source.folder ?? "configuration",
            "\($0) cannot change while bootwire runs: restart it")
        })
    }
    return loaded
  }

  /// What the edit makes of objects, by key; nil: nothing.
  private func drafts(
    of edit: ObjectEdit, _ state: State
  ) throws(EditRefusal) -> [ObjectKey: Draft] {
    switch edit.change {
    case .put(let kind, let name, let spec):
      let draft = StoredObject(kind: kind, name: name, spec: spec)
      guard Value.isIdentifier(name) else {
        throw .mistakes([draft.mistake("\"\(Value.shown(name))\" is no name of an object")])
      }
      return [draft.key: .put(draft)]
    case .delete(let kind, let name):
      let key = ObjectKey(kind: kind, name: name)
      try checkWritable(key)
      guard state.rows[key] != nil else { throw .missing("\(key)") }
      return [key: .delete]
    case .apply(let files, let prunes):
      let bundle = ObjectBundle(files)
      guard bundle.mistakes.isEmpty else { throw .mistakes(bundle.mistakes.sorted()) }
      var drafts: [ObjectKey: Draft] = [:]
      for object in bundle.objects { drafts[object.key] = .put(object) }
      if prunes { prune(&drafts, state, edit.author) }
      return drafts
    case .rollBack(let generation): return try former(generation, state)
    }
  }

  /// Deletes what was applied and is not among the drafts, of the sites that they are of.
  ///
  /// Keys and secrets are set by command as often, and stand in no file then: they are deleted only
  /// where the files have some of their own.
  private func prune(
    _ drafts: inout [ObjectKey: Draft], _ state: State, _ author: ObjectEdit.Author
  ) {
    var sites: Set<String?> = []
    for case .put(let draft) in drafts.values {
      sites.insert(draft.spec["site"]?.text ?? objects[draft.key]?.site ?? ownSite(draft.kind))
    }
    let kinds = Set(drafts.keys.map(\.kind))
    for key in state.rows.keys where drafts[key] == nil {
      guard kinds.contains(key.kind) || ![.keys, .secrets].contains(key.kind) else { continue }
      let site = objects[key]?.site
      guard sites.contains(site), author.site == nil || author.site == site else { continue }
      drafts[key] = .delete
    }
  }

  /// The site of an object that says none; those of machines may follow from their subnets.
  private func ownSite(_ kind: ObjectKind) -> String? { kind.belongsToOneSite ? site : nil }

  private func former(
    _ generation: UInt64, _ state: State
  ) throws(EditRefusal) -> [ObjectKey: Draft] {
    let rows: [ObjectRow]?
    do throws(StoreError) { rows = try store.objects(at: generation) } catch {
      throw .failed("\(error)")
    }
    guard let rows else { throw .missing("generation \(generation)") }
    var drafts: [ObjectKey: Draft] = [:]
    for key in state.rows.keys { drafts[key] = .delete }
    for row in rows {
      guard let object = StoredObject(row) else { continue }
      drafts[object.key] = .put(object)
    }
    return drafts
  }

  private func checkWritable(_ key: ObjectKey) throws(EditRefusal) {
    guard case .file(let file, let line)? = objects[key]?.origin else { return }
    throw .readOnly("\(key) is read-only: it is in \(file):\(line)")
  }

  private func check(
    _ condition: ObjectEdit.Condition, _ key: ObjectKey?, _ state: State
  ) throws(EditRefusal) {
    guard let key else { return }
    let tag = state.rows[key].map { "g\($0.generation)" }
    switch condition {
    case .none: return
    case .isNew: guard tag == nil, objects[key] == nil else { throw .changedMeanwhile }
    case .exists: guard tag != nil else { throw .changedMeanwhile }
    case .matches(let tags):
      guard let tag, tags.contains(tag) else { throw .changedMeanwhile }
    }
  }
}

extension ObjectPlanner {
  /// An object without the value of a secret, and that value.
  private static func write(_ object: StoredObject) -> ObjectWrite {
    var spec = object.spec
    var value: Secret.Text?
    if object.kind == .secrets {
      value = spec["value"]?.text.map { Secret.Text($0) }
      spec["value"] = nil
    }
    return ObjectWrite(kind: object.kind, name: object.name, text: spec.json(), value: value)
  }

  /// All applied objects as they will be, by kind and name.
  private func after(
    _ writes: [ObjectWrite], _ drafts: [ObjectKey: Draft], _ state: State
  ) -> [StoredObject] {
    var written: [ObjectKey: ObjectWrite] = [:]
    for write in writes { written[ObjectKey(kind: write.kind, name: write.name)] = write }
    let keys = Set(state.rows.keys).union(written.keys).sorted()
    return keys.compactMap { key in
      guard let write = written[key] else {
        return state.rows[key].flatMap { StoredObject($0) }
      }
      guard case .put(var object)? = drafts[key] else { return nil }
      object.generation = state.generation + 1
      if let value = write.value ?? state.rows[key]?.value {
        object.spec["value"] = Node(
          .scalar(value.revealed, isPlain: false), at: object.spec.position)
      }
      return object
    }
  }

  private func unchanged(_ key: ObjectKey) -> ObjectChange {
    ObjectChange(
      kind: key.kind, name: key.name, site: objects[key]?.site, verb: .unchanged, diff: "")
  }

  private func changes(
    _ writes: [ObjectWrite], _ keys: [ObjectKey], _ state: State, _ loaded: LoadedConfiguration
  ) throws(EditRefusal) -> [ObjectChange] {
    var written: [ObjectKey: ObjectWrite] = [:]
    for write in writes { written[ObjectKey(kind: write.kind, name: write.name)] = write }
    return keys.map { key in
      guard let write = written[key] else { return unchanged(key) }
      let row = state.rows[key]
      let isNewValue = write.value != nil && row != nil && write.value != row?.value
      return ObjectChange(
        kind: key.kind, name: key.name, site: (loaded.objects[key] ?? objects[key])?.site,
        verb: write.text == nil ? .deleted : row == nil ? .created : .changed,
        diff: ObjectText.diff(row?.text, write.text, key, isNewValue: isNewValue))
    }
  }
}

extension ObjectRow? {
  /// Whether writing it would change nothing.
  fileprivate func isSame(as write: ObjectWrite) -> Bool {
    guard let self else { return false }
    return self.text == write.text && (write.value == nil || write.value == self.value)
  }
}
