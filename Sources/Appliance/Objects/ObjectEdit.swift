import Boot
import Network
import YAML

/// What is to become of the applied objects: all of it or nothing.
package struct ObjectEdit: Sendable {
  package enum Change: Sendable {
    /// Create it, or replace it whole; a secret without `value` keeps the one that it has.
    case put(ObjectKind, String, Node)
    case delete(ObjectKind, String)
    /// All objects of these files; `prunes`: and delete what they do not have of their sites.
    case apply([ObjectBundle.File], prunes: Bool)
    /// Make the applied objects what they were after this generation, as a new one.
    case rollBack(UInt64)
  }

  /// What must hold of the one object of a `put` or `delete`: If-Match, If-None-Match: *.
  package enum Condition: Hashable, Sendable {
    case none
    case isNew
    case exists
    /// Its ``CatalogObject/entityTag`` is one of these.
    case matches([String])
  }

  /// Who edits, for the history; with a site, nobody else's objects.
  package struct Author: Hashable, Sendable {
    package var name: String
    package var site: String?
    /// Whether secrets may be set, changed or deleted, and so whether a value may be named at all:
    /// that it is the one kept already must not be found out by guessing.
    package var maySetSecrets: Bool

    package init(_ name: String, site: String? = nil, maySetSecrets: Bool = true) {
      self.name = name
      self.site = site
      self.maySetSecrets = maySetSecrets
    }
  }

  package var change: Change
  package var author: Author
  package var condition: Condition
  /// Only plan it: nothing is stored, and nothing changes.
  package var isDry: Bool
  /// Made durable together with it, in one transaction: that a machine is approved.
  package var registry: [RegistryChange]
  /// For the history.
  package var note: String

  package init(
    _ change: Change, by author: Author, condition: Condition = .none, isDry: Bool = false,
    registry: [RegistryChange] = [], note: String = ""
  ) {
    self.change = change
    self.author = author
    self.condition = condition
    self.isDry = isDry
    self.registry = registry
    self.note = note
  }
}

/// What an edit came to, or, when it was dry, would.
package struct EditOutcome: Hashable, Sendable {
  /// Of the applied objects; that of before when nothing changed or the edit was dry.
  package var generation: UInt64
  /// Of all objects that the edit names, by kind and name.
  package var changes: [ObjectChange]
  /// What works, and is hardly meant, and was not told before.
  package var warnings: [Mistake]
}

/// What became of one object.
package struct ObjectChange: Hashable, Sendable {
  package enum Verb: String, CaseIterable, Hashable, Sendable {
    case created
    case changed
    case deleted
    case unchanged
  }

  package var kind: ObjectKind
  package var name: String
  package var site: String?
  package var verb: Verb
  /// Unified, of the YAML; empty when nothing changed. A secret's value is not in it.
  package var diff: String
}

/// Why an edit changed nothing.
package enum EditRefusal: Error, Hashable, Sendable {
  /// The objects together with the configuration's files have mistakes (422).
  case mistakes([Mistake])
  /// Objects of the configuration's files, with their places (409).
  case readOnly(String)
  /// Another edit was faster: the condition does not hold (412).
  case changedMeanwhile
  /// There is no such object or generation (404).
  case missing(String)
  /// It is of another site than the author's (403).
  case otherSite(String)
  /// Secrets would change, and the author may not (403).
  case secrets
  /// Too many edits wait already (503).
  case tooMany
  /// The database or a port refused (500).
  case failed(String)
}
