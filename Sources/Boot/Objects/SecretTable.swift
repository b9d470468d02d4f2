/// The secrets of all sites, by who may have them.
package struct SecretTable: Sendable {
  private var values: [Owner: [String: Secret.Text]] = [:]

  /// A site's machines, or one machine.
  package enum Owner: Hashable, Sendable {
    case site(String)
    case machine(String)

    package init(_ secret: Secret) {
      self = secret.machine.map { .machine($0) } ?? .site(secret.site)
    }
  }

  /// Of two with one name and owner, the first counts.
  package init(_ secrets: some Sequence<Secret> = []) {
    for secret in secrets
    where values[Owner(secret), default: [:]][secret.variable] == nil {
      values[Owner(secret), default: [:]][secret.variable] = secret.value
    }
  }

  /// What `{{secrets.…}}` stands for on a machine: its own, then its site's.
  ///
  /// - Parameter machine: The operator's name for it; nil for one that is not listed.
  package func secrets(at site: String, of machine: String?) -> [String: Secret.Text] {
    let shared = values[.site(site)] ?? [:]
    guard let machine, let own = values[.machine(machine)] else { return shared }
    return shared.merging(own) { _, own in own }
  }
}
