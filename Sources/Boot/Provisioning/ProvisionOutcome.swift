/// What a change of a table led to: what must be kept, and what is worth saying.
package struct ProvisionOutcome: Sendable {
  package var changes: [RegistryChange]
  package var events: [Event]

  /// What the changes took the place of, for those that cannot be kept: what nobody was promised
  /// may be asked for again.
  package var formers: [Former]

  package enum Former: Sendable {
    case provision(String, was: Provision?, became: Provision?)
    case node(String, was: ProvisionedNode?, became: ProvisionedNode?)
  }

  package init(
    changes: [RegistryChange] = [], events: [Event] = [], formers: [Former] = []
  ) {
    self.changes = changes
    self.events = events
    self.formers = formers
  }

  package var isEmpty: Bool { changes.isEmpty && events.isEmpty }

  package static func += (outcome: inout Self, other: Self) {
    outcome.changes += other.changes
    outcome.events += other.events
    outcome.formers += other.formers
  }
}
