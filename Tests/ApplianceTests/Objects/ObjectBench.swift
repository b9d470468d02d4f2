import Boot
import EventLoop
import Foundation
import Logging
import Network
import Store
import YAML

@testable import Appliance

/// A real appliance with a configuration in a folder of its own that answers on no interface, and
/// steps that are done on its loop one after another.
final class ObjectBench {
  enum Step {
    case edit(ObjectEdit)
    case reload
    case generations
    case changes(UInt64)
    case run((Appliance) -> Void)
    /// Until the appliance has recorded so many refused configurations or taken catalogs.
    case until((Appliance) -> Bool)
  }

  let folder: String
  private var running: Appliance?
  private var steps: [Step] = []
  private(set) var outcomes: [String] = []

  static let configuration = """
    site: nbg1
    state: state
    files: files
    loaders: loaders
    control: control.sock
    interfaces: [{name: lo, dhcp: off, tftp: false, http: false, dns: false}]
    profiles:
      local: {boot: local}
    machines:
      - {name: filed, mac: 52:54:00:00:00:01}
    """

  /// - Parameter folder: That of another bench, which has ended: a restart.
  init(
    _ configuration: String = ObjectBench.configuration, folder: String? = nil,
    isWatched: Bool = false
  ) throws {
    let path = folder ?? NSTemporaryDirectory() + "objects-" + String(UUID().uuidString.prefix(8))
    self.folder = path
    if folder == nil {
      try FileManager.default.createDirectory(
        atPath: path + "/files", withIntermediateDirectories: true)
      try configuration.write(toFile: path + "/bootwire.yaml", atomically: true, encoding: .utf8)
    }
    let appliance = try Appliance(
      loop: try EventLoop(), log: .text, level: .critical,
      source: ConfigurationSource(path: isWatched ? path : path + "/bootwire.yaml"))
    try appliance.start()
    running = appliance
  }

  var appliance: Appliance {
    guard let running else { preconditionFailure("it has ended") }
    return running
  }

  /// Another appliance on the same folder, once this one has ended.
  func restarted() throws -> ObjectBench {
    end()
    return try ObjectBench(folder: folder)
  }

  func end() { running = nil }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ text: String, to name: String = "bootwire.yaml") {
    try? text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
  }

  /// Does the steps, and ends the appliance; what each came to, one text for each.
  func play(_ steps: [Step]) -> [String] {
    self.steps = steps
    let loop = appliance.loop
    loop.every(.seconds(30)) { [unowned self] in
      outcomes.append("too late")
      loop.stop()
    }
    loop.every(.milliseconds(50)) { [unowned self] in wake() }
    next()
    loop.run()
    appliance.stop()
    return outcomes
  }

  private func next() {
    guard !steps.isEmpty else { return appliance.loop.stop() }
    switch steps.removeFirst() {
    case .edit(let edit):
      appliance.editor.edit(edit) { [unowned self] in end(Self.text($0)) }
    case .reload: appliance.reload { [unowned self] in end($0 ?? "reloaded") }
    case .generations:
      appliance.editor.generations(limit: 9) { [unowned self] in
        let found = (try? $0.get()) ?? []
        end(found.map { "\($0.number) \($0.author) \($0.note)" }.joined(separator: ", "))
      }
    case .changes(let number):
      appliance.editor.changes(of: number) { [unowned self] outcome in
        switch outcome {
        case .success(let (generation, changes)):
          end("\(generation.number): \(changes.map(Self.text).joined(separator: ", "))")
        case .failure(let refusal): end("\(refusal)")
        }
      }
    case .run(let body):
      body(appliance)
      next()
    case .until(let condition): awaited = condition
    }
  }

  private var awaited: ((Appliance) -> Bool)?

  private func wake() {
    guard let condition = awaited, condition(appliance) else { return }
    awaited = nil
    next()
  }

  private func end(_ text: String) {
    outcomes.append(text)
    next()
  }

  private static func text(_ result: Result<EditOutcome, EditRefusal>) -> String {
    switch result {
    case .success(let outcome):
      "\(outcome.generation): \(outcome.changes.map(text).joined(separator: ", "))"
    case .failure(let refusal): refusal.texts.joined(separator: "\n")
    }
  }

  private static func text(_ change: ObjectChange) -> String {
    "\(change.verb.rawValue) \(change.kind.rawValue)/\(change.name)"
  }
}

extension ObjectEdit {
  static func put(
    _ kind: ObjectKind, _ name: String, _ json: String, by author: Author = Author("ops"),
    if condition: Condition = .none, isDry: Bool = false, registry: [RegistryChange] = []
  ) -> ObjectEdit {
    let spec = Document(parsingJSON: Array(json.utf8)).root
    return ObjectEdit(
      .put(kind, name, spec ?? Node(.broken, at: Position(line: 1, column: 1))), by: author,
      condition: condition, isDry: isDry, registry: registry)
  }

  static func apply(
    _ text: String, prunes: Bool = false, by author: Author = Author("ops"), isDry: Bool = false
  ) -> ObjectEdit {
    ObjectEdit(
      .apply([ObjectBundle.File(name: "site.yaml", text: text)], prunes: prunes), by: author,
      isDry: isDry)
  }
}
