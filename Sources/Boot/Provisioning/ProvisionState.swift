/// Where a machine stands on its way from bare metal to a node.
package enum ProvisionState: String, CaseIterable, Hashable, Sendable {
  /// It came, showed itself, and nobody named it.
  case discovered
  /// The operator named it; it boots locally until it is armed.
  case approved
  /// Its next network boot installs it.
  case armed
  /// Its installer has taken an answer.
  case installing
  /// Its installer reported; it boots locally.
  case installed
  /// It did not end well; it boots locally until it is armed again.
  case failed
}
