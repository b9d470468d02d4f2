import Network

/// The installed machines with what they reported, by name.
///
/// Bounded: only who bore a token becomes a node, and beyond the limit nobody does until the
/// operator forgets some. What is pinned changes on the operator's word only.
package struct NodeTable: Sendable {
  private var nodes: [String: ProvisionedNode] = [:]
  private let limit: Int

  package init(limit: Int = 65_536) { self.limit = limit }

  package var count: Int { nodes.count }

  package subscript(name: String) -> ProvisionedNode? { nodes[name] }

  /// Sorted by name.
  package var all: [ProvisionedNode] { nodes.values.sorted { $0.name < $1.name } }

  /// Takes a node as it was kept: at the start of the appliance.
  package mutating func restore(_ node: ProvisionedNode) { nodes[node.name] = node }

  /// As ``ProvisionTable/undo(_:)``.
  package mutating func undo(_ formers: [ProvisionOutcome.Former]) {
    for case .node(let name, let was, let became) in formers.reversed()
    where nodes[name] == became { nodes[name] = was }
  }

  /// Takes what the installer of `provision`'s machine reported.
  ///
  /// - Parameters:
  ///   - report: Its addresses are taken where `isOwn` holds: nobody may name another's.
  ///   - address: The one that it reported from, which comes first.
  ///   - expected: The key that was made for it in advance (`Catalog.expectedHostKey(of:)`).
  package mutating func take(
    _ report: ProvisionReport, of provision: Provision, from address: IPv4Address,
    expecting expected: HostKey? = nil, at now: Instant, where isOwn: (IPv4Address) -> Bool
  ) -> ProvisionOutcome {
    let known = nodes[provision.machine]
    guard known != nil || nodes.count < limit else { return ProvisionOutcome() }
    var node =
      known
      ?? ProvisionedNode(name: provision.machine, site: provision.site, installed: now)
    node.site = provision.site
    node.macAddress = provision.macAddress ?? node.macAddress
    if !report.hostName.isEmpty { node.hostName = report.hostName }
    let addresses = Self.unique([address] + report.addresses).filter { $0.isUnicast && isOwn($0) }
    if !addresses.isEmpty, node.addresses.isEmpty || !report.addresses.isEmpty {
      node.addresses = addresses
    }
    if !report.system.isEmpty { node.system = report.system }
    for (key, value) in report.facts
    where node.facts[key] != nil || node.facts.count < ProvisionReport.Limit.facts {
      node.facts[key] = value
    }
    if report.state == .installed {
      node.installed = now
      node.reachability = .unknown
    }
    let isOther = node.pin(report.hostKeys, expecting: expected)
    nodes[node.name] = node
    guard node != known else { return ProvisionOutcome() }
    var outcome = ProvisionOutcome(
      changes: [.node(node)], formers: [.node(node.name, was: known, became: node)])
    if known == nil { outcome.record(.nodeRegistered(name: node.name), node) }
    if isOther {
      outcome.record(.nodeChanged(name: node.name, what: "it reported other host keys"), node)
    }
    return outcome
  }

  /// Pins the keys that a later installation reported, on the operator's word.
  package mutating func trust(_ name: String) -> ProvisionOutcome {
    guard var node = nodes[name], !node.pendingHostKeys.isEmpty else { return ProvisionOutcome() }
    let former = node
    node.hostKeys = node.pendingHostKeys
    node.pendingHostKeys = []
    nodes[name] = node
    var outcome = ProvisionOutcome(
      changes: [.node(node)], formers: [.node(name, was: former, became: node)])
    outcome.record(.nodeChanged(name: name, what: "its other host keys were trusted"), node)
    return outcome
  }

  package mutating func forget(_ name: String) -> ProvisionOutcome {
    guard let node = nodes.removeValue(forKey: name) else { return ProvisionOutcome() }
    var outcome = ProvisionOutcome(
      changes: [.forgetNode(name: name)], formers: [.node(name, was: node, became: nil)])
    outcome.record(.nodeChanged(name: name, what: "it was forgotten"), node)
    return outcome
  }

  /// Notes what a connection to the node came to; only a change from one to the other is kept, and
  /// an event. Until then the time of the last connection is known in memory.
  package mutating func note(
    _ reachability: ProvisionedNode.Reachability, of name: String
  ) -> ProvisionOutcome {
    guard var node = nodes[name], node.reachability != reachability else {
      return ProvisionOutcome()
    }
    let former = node.reachability
    node.reachability = reachability
    nodes[name] = node
    var outcome = ProvisionOutcome()
    switch (former, reachability) {
    case (.reachable, .reachable), (.unreachable, .unreachable): return outcome
    case (.reachable, .unreachable): outcome.record(.nodeUnreachable(node: name), node)
    case (.unreachable, .reachable), (.unknown, .reachable):
      outcome.record(.nodeReachable(node: name), node)
    case (.unknown, .unreachable), (_, .unknown): break
    }
    outcome.changes = [.node(node)]
    return outcome
  }

  private static func unique(_ addresses: [IPv4Address]) -> [IPv4Address] {
    var seen: Set<IPv4Address> = []
    return addresses.filter { seen.insert($0).inserted }
  }
}

extension ProvisionedNode {
  /// Pins the first keys that are reported, or the one that was made in advance. Later ones that
  /// differ wait for the operator; whether they are news is the result.
  fileprivate mutating func pin(_ reported: [HostKey], expecting expected: HostKey?) -> Bool {
    guard !reported.isEmpty else { return false }
    // Whoever made a key for a machine has given his word for the one that shows it.
    let isNew = hostKeys.isEmpty || expected.map { !hostKeys.contains($0) } ?? false
    if isNew, expected.map(reported.contains) ?? true {
      hostKeys = reported
      pendingHostKeys = []
      return false
    }
    if hostKeys.isEmpty, let expected { hostKeys = [expected] }
    if Set(reported) == Set(hostKeys) {
      pendingHostKeys = []
      return false
    }
    let isNews = Set(reported) != Set(pendingHostKeys)
    pendingHostKeys = reported
    return isNews
  }
}

extension ProvisionOutcome {
  mutating func record(_ fact: Fact, _ node: ProvisionedNode) {
    events.append(Event(fact, macAddress: node.macAddress, address: node.addresses.first))
  }
}
