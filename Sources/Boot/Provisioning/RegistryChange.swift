/// One change of what is known of machines and nodes; a batch of them is one transaction.
package enum RegistryChange: Hashable, Sendable {
  /// Keep it in place of what was kept for its machine, and its state as an entry of its history
  /// where that is new.
  case provision(Provision)
  case forgetProvision(machine: String)
  case entry(ProvisionEntry)
  case node(Node)
  case forgetNode(name: String)
}
