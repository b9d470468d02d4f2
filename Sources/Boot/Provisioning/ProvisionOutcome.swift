/// What a change of a table led to: what must be kept, and what is worth saying.
package struct ProvisionOutcome: Sendable {
  package var changes: [RegistryChange]
  package var events: [Event]

  package init(changes: [RegistryChange] = [], events: [Event] = []) {
    self.changes = changes
    self.events = events
  }

  package var isEmpty: Bool { changes.isEmpty && events.isEmpty }

  package static func += (outcome: inout Self, other: Self) {
    outcome.changes += other.changes
    outcome.events += other.events
  }
}
