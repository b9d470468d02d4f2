/// What stands behind the `?` of `/boot.ipxe`, beside the hardware address.
package struct ScriptQuery: Hashable, Sendable {
  /// What iPXE knows of the machine, by the words of ``Provision/factNames``: a client's text.
  package var facts: [String: String]
  /// The choice of a menu.
  package var profile: String?
  /// How often a machine that is not known has waited for the operator; nil: it has not shown
  /// itself yet.
  package var round: Int?

  package init(facts: [String: String] = [:], profile: String? = nil, round: Int? = nil) {
    self.facts = facts
    self.profile = profile
    self.round = round
  }
}
