import Boot
import Network

/// Changes the applied objects: one edit at a time, planned beside the loop against the files of
/// the configuration, made durable, and then in force. Used on the loop only.
package final class ObjectEditor {
  /// All objects in force, of the files and applied.
  package internal(set) var objects = ObjectIndex()
  /// The last edit of the applied objects; 0 before the first.
  package internal(set) var generation: UInt64 = 0

  init() {}

  /// Plans the edit, and unless it is dry carries it out; then tells on the loop what it came to.
  package func edit(
    _ edit: ObjectEdit, then: @escaping (Result<EditOutcome, EditRefusal>) -> Void
  ) {
    then(.failure(.failed("objects are not served yet")))
  }

  /// The edits before generation `before` (nil: from the last), the last first.
  package func generations(
    before: UInt64? = nil, limit: Int,
    then: @escaping (Result<[ObjectGeneration], EditRefusal>) -> Void
  ) {
    then(.success([]))
  }

  /// What one edit changed.
  package func changes(
    of generation: UInt64,
    then: @escaping (Result<(ObjectGeneration, [ObjectChange]), EditRefusal>) -> Void
  ) {
    then(.failure(.missing("generation \(generation)")))
  }

  /// The applied objects as YAML that `apply` takes, secrets without their values; with a site,
  /// its own and those for all sites.
  package func export(site: String? = nil) -> String { "" }
}

/// One edit in the history.
package struct ObjectGeneration: Hashable, Sendable {
  package var number: UInt64
  package var time: UnixTime
  package var author: String
  package var note: String

  package init(number: UInt64, time: UnixTime, author: String, note: String) {
    self.number = number
    self.time = time
    self.author = author
    self.note = note
  }
}
