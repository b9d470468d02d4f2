/// One change of what is known of machines and nodes; a batch of them is one transaction.
package enum RegistryChange: Hashable, Sendable {
  /// Keep it in place of what was kept for its machine, and its state as an entry of its history
  /// where that is new.
  case provision(Provision)
  case forgetProvision(machine: String)
  case entry(ProvisionEntry)
  case node(ProvisionedNode)
  case forgetNode(name: String)
}

extension RegistryChange: CustomStringConvertible {
  /// As in transcripts; it holds no token and nothing that a client wrote.
  package var description: String {
    switch self {
    case .provision(let provision): "keep \(provision.machine) \(provision.state.rawValue)"
    case .forgetProvision(let machine): "forget \(machine)"
    case .entry(let entry): "note \(entry.machine) \(entry.state.rawValue)"
    case .node(let node): "keep node \(node.name)"
    case .forgetNode(let name): "forget node \(name)"
    }
  }
}
