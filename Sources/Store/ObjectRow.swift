import Boot
import Network

/// An applied object as it is stored: its text, and a secret's value apart from it.
package struct ObjectRow: Hashable, Sendable {
  package var kind: ObjectKind
  package var name: String
  /// Of the edit that wrote it.
  package var generation: UInt64
  /// What stands below its name, as JSON; a secret's has no value.
  package var text: String
  /// The value of a secret; nil for one that is of the past.
  package var value: Secret.Text?

  package init(
    kind: ObjectKind, name: String, generation: UInt64, text: String, value: Secret.Text? = nil
  ) {
    self.kind = kind
    self.name = name
    self.generation = generation
    self.text = text
    self.value = value
  }
}

/// What an edit writes of one object.
package struct ObjectWrite: Hashable, Sendable {
  package var kind: ObjectKind
  package var name: String
  /// nil: it is deleted, and a secret's value with it.
  package var text: String?
  /// nil: a secret keeps the value that it has.
  package var value: Secret.Text?

  package init(kind: ObjectKind, name: String, text: String?, value: Secret.Text? = nil) {
    self.kind = kind
    self.name = name
    self.text = text
    self.value = value
  }
}

/// One edit in the history of objects.
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
