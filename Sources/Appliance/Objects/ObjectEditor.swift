import Boot
import EventLoop
import Network
import Store

/// Changes the applied objects: one edit at a time, planned beside the loop against the files of
/// the configuration, made durable, and then in force. Used on the loop only.
package final class ObjectEditor {
  /// All objects in force, of the files and applied.
  package internal(set) var objects = ObjectIndex()
  /// The last edit of the applied objects; 0 before the first.
  package private(set) var generation: UInt64 = 0

  private weak var appliance: Appliance?
  private let lane = EventLoop.Lane("planning")
  private var waiting: [Operation] = []
  private var isBusy = false

  /// Edits and reloads that wait for the one under way.
  static let waitingMax = 64

  private enum Operation {
    case edit(ObjectEdit, (Result<EditOutcome, EditRefusal>) -> Void)
    case reload((String?) -> Void)
  }

  init() {}

  func begin(_ appliance: Appliance, _ objects: ObjectIndex, _ generation: UInt64) {
    self.appliance = appliance
    self.objects = objects
    self.generation = generation
  }

  /// Plans the edit, and unless it is dry carries it out; then tells on the loop what it came to.
  package func edit(
    _ edit: ObjectEdit, then: @escaping (Result<EditOutcome, EditRefusal>) -> Void
  ) {
    guard waiting.count < Self.waitingMax else { return then(.failure(.tooMany)) }
    waiting.append(.edit(edit, then))
    begin()
  }

  /// Reads the configuration's files again.
  func reload(then: @escaping (String?) -> Void) {
    guard waiting.count < Self.waitingMax else { return then("too many edits wait already") }
    waiting.append(.reload(then))
    begin()
  }

  private func begin() {
    guard !isBusy, !waiting.isEmpty, let appliance else { return }
    isBusy = true
    let operation = waiting.removeFirst()
    let table: InterfaceTable
    do throws(StartError) { table = try Appliance.interfaces() } catch {
      switch operation {
      case .edit(_, let then): return end { then(.failure(.failed(error.description))) }
      case .reload(let then): return end { then(appliance.refuse([error.description])) }
      }
    }
    var planner = ObjectPlanner(
      source: appliance.source, store: appliance.registry, table: table,
      catalogGeneration: appliance.catalog.generation + 1, settings: appliance.settings,
      site: appliance.catalog.site, objects: objects, warnings: appliance.warnings,
      demand: ReloadDemand(
        running: ReloadDemand.Side(
          catalog: appliance.catalog, settings: appliance.settings, sources: appliance.sources,
          objects: objects)))
    switch operation {
    case .edit(let edit, let then):
      if let site = edit.author.site { planner.othersMachines = appliance.machines(notOf: site) }
      plan(edit, planner, then)
    case .reload(let then): plan(planner, then)
    }
  }

  private func end(_ tell: () -> Void) {
    isBusy = false
    tell()
    begin()
  }

  private func plan(_ planner: ObjectPlanner, _ then: @escaping (String?) -> Void) {
    guard let loop = appliance?.loop else { return }
    // The planner holds the catalog in force, and is taken apart where it worked.
    let table = planner.table
    loop.offload(on: lane) { () -> Result<ObjectPlan, EditRefusal> in
      do throws(EditRefusal) { return .success(try planner.reload()) } catch {
        return .failure(error)
      }
    } then: { [unowned self] outcome in
      guard let appliance, case .success(let planned) = outcome else { return end {} }
      switch planned {
      case .success(let plan):
        let refusal = take(plan, table)
        end { then(refusal) }
      case .failure(let refusal):
        let texts = refusal.texts
        end { then(appliance.refuse(texts)) }
      }
    }
  }

  private func plan(
    _ edit: ObjectEdit, _ planner: ObjectPlanner,
    _ then: @escaping (Result<EditOutcome, EditRefusal>) -> Void
  ) {
    guard let loop = appliance?.loop else { return }
    let table = planner.table
    typealias Planned = Result<PlannedEdit, EditRefusal>
    loop.offload(on: lane) { () -> Planned in
      do throws(EditRefusal) { return .success(try planner.plan(edit)) } catch {
        return .failure(error)
      }
    } then: { [unowned self] outcome in
      guard case .success(let planned) = outcome else { return end {} }
      switch planned {
      case .failure(let refusal): end { then(.failure(refusal)) }
      case .success(let planned):
        guard let plan = planned.plan, !edit.isDry else {
          return end { then(.success(planned.outcome)) }
        }
        commit(edit, plan, planned.outcome, table, then)
      }
    }
  }

  /// Makes the plan durable, and then puts it in force.
  private func commit(
    _ edit: ObjectEdit, _ plan: ObjectPlan, _ outcome: EditOutcome, _ table: InterfaceTable,
    _ then: @escaping (Result<EditOutcome, EditRefusal>) -> Void
  ) {
    guard let appliance else { return }
    let clock = appliance.clockReading
    appliance.loop.offload(on: lane) { [store = appliance.registry] in
      try store.commit(
        plan.writes, edit.registry, after: plan.generation, author: edit.author.name,
        note: edit.note, clock: clock)
    } then: { [unowned self] committed in
      switch committed {
      case .failure(let error):
        appliance.registryNotStored(error)
        end { then(.failure(.failed("not stored: \(error)"))) }
      case .success(nil): end { then(.failure(.changedMeanwhile)) }
      case .success(let number?):
        generation = number
        var outcome = outcome
        outcome.generation = number
        appliance.record(Event(Self.fact(edit, outcome)))
        let refusal = take(plan, table)
        end {
          then(
            refusal.map {
              .failure(.failed("stored as generation \(number), and not in force yet: \($0)"))
            } ?? .success(outcome))
        }
      }
    }
  }

  private static func fact(_ edit: ObjectEdit, _ outcome: EditOutcome) -> Fact {
    func count(_ verb: ObjectChange.Verb) -> Int { outcome.changes.count { $0.verb == verb } }
    return .objectsChanged(
      generation: outcome.generation, author: edit.author.name, created: count(.created),
      changed: count(.changed), deleted: count(.deleted))
  }

  /// - Returns: Why it is not in force; nil when it is.
  private func take(_ plan: ObjectPlan, _ table: InterfaceTable) -> String? {
    guard let appliance else { return nil }
    // The old ones are taken apart beside the loop, where ten thousand machines stop nobody.
    let former = (appliance.catalog, objects)
    let refusal = appliance.take(plan.loaded, table)
    if refusal == nil { objects = plan.loaded.objects }
    appliance.loop.offload(on: lane) {
      withExtendedLifetime(former) {}
    } then: { _ in
    }
    return refusal
  }
}

// The history.
extension ObjectEditor {
  /// The edits before generation `before` (nil: from the last), the last first.
  package func generations(
    before: UInt64? = nil, limit: Int,
    then: @escaping (Result<[ObjectGeneration], EditRefusal>) -> Void
  ) {
    read({ store throws(StoreError) in try store.generations(before: before, limit: limit) }, then)
  }

  /// What one edit changed.
  package func changes(
    of generation: UInt64,
    then: @escaping (Result<(ObjectGeneration, [ObjectChange]), EditRefusal>) -> Void
  ) {
    typealias Found = (ObjectGeneration, [ObjectChange])?
    let tell = { (outcome: Result<Found, EditRefusal>) in
      switch outcome {
      case .success(let found?): then(.success(found))
      case .success(nil): then(.failure(.missing("generation \(generation)")))
      case .failure(let refusal): then(.failure(refusal))
      }
    }
    read(
      { store throws(StoreError) in
        try store.steps(of: generation).map { ($0.0, $0.1.map(ObjectText.change)) }
      }, tell)
  }

  /// The applied objects as YAML that `apply` takes, secrets without their values; with a site,
  /// its own and those for all sites.
  package func export(site: String? = nil) -> String {
    ObjectText.export(objects) { site == nil || $0.site == nil || $0.site == site }
  }

  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (RegistryStore) throws(StoreError) -> Value,
    _ then: @escaping (Result<Value, EditRefusal>) -> Void
  ) {
    guard let appliance else { return }
    appliance.loop.offload(on: lane) { [store = appliance.registry] in
      try body(store)
    } then: { outcome in
      then(outcome.mapError { .failed("\($0)") })
    }
  }

  /// Writes all applied objects again, into a database that was made anew; with them their history
  /// begins anew.
  func storeAgain() {
    guard let appliance else { return }
    let values = Dictionary(appliance.catalog.secrets.map { ($0.name, $0.value) }) { first, _ in
      first
    }
    let writes = ObjectKind.allCases.flatMap { kind in
      objects[kind].compactMap { object -> ObjectWrite? in
        guard case .generation = object.origin else { return nil }
        return ObjectWrite(
          kind: kind, name: object.name, text: object.spec,
          value: kind == .secrets ? values[object.name] : nil)
      }
    }
    guard !writes.isEmpty else { return }
    let clock = appliance.clockReading
    appliance.loop.offload(on: lane) { [store = appliance.registry] in
      try store.commit(
        writes, after: 0, author: "bootwire", note: "the database was taken away", clock: clock)
    } then: { [unowned self] outcome in
      if case .success(let number?) = outcome { generation = number }
    }
  }
}

extension EditRefusal {
  /// One line each.
  package var texts: [String] {
    switch self {
    case .mistakes(let mistakes): mistakes.map(\.description)
    case .readOnly(let text), .otherSite(let text), .failed(let text): [text]
    case .changedMeanwhile: ["it was changed meanwhile"]
    case .missing(let what): ["there is no \(what)"]
    case .secrets: ["secrets would change, which needs the role admin"]
    case .tooMany: ["too many edits wait already"]
    }
  }
}
