/// What a catalog holds, by the words of configuration, API and command line.
package enum ObjectKind: String, CaseIterable, Hashable, Sendable {
  case machines
  case profiles
  case scripts
  case answers
  case hooks
  case snippets
  case keys
  case secrets

  /// One of them: `machine`.
  package var singular: String { String(rawValue.dropLast()) }

  /// Whether one without a site belongs to the appliance's own; the others are then for all sites.
  ///
  /// What tells one site from another, and what opens its doors, is shared by nobody by mistake.
  package var belongsToOneSite: Bool {
    switch self {
    case .machines, .keys, .secrets: true
    case .profiles, .scripts, .answers, .hooks, .snippets: false
    }
  }
}
