import Boot
import Digest
import EventLoop
import Network

/// What this box does about its nodes beside keeping them: what their names lead to, and whether
/// they answer. Used on the loop only.
final class NodeDirectory {
  let prober: NodeProber
  /// Made once for each key, for hashing takes longer than all else of a record.
  private var fingerprints: [HostKey: HostFingerprint] = [:]
  /// Nodes that are not in DNS, with who has their names.
  private var nameless: [String: NodeNames.Holder] = [:]

  init(_ loop: EventLoop) { prober = NodeProber(loop) }

  /// Enters all nodes anew: at the start, and when the catalog is another one.
  ///
  /// - Returns: What is worth saying of them, and was not said before.
  func renew(
    _ nodes: [ProvisionedNode], _ catalog: Catalog, into names: inout NodeNames
  ) -> [Event] {
    names = NodeNames()
    var known: [HostKey: HostFingerprint] = [:]
    for key in nodes.lazy.flatMap(\.hostKeys) { known[key] = fingerprints[key] }
    fingerprints = known
    let former = nameless
    nameless = [:]
    let events = nodes.sorted { ($0.installed, $0.name) < ($1.installed, $1.name) }
      .compactMap { enter($0, catalog, former: former[$0.name], into: &names) }
    prober.follow(nodes.map { Self.target($0, catalog) })
    return events
  }

  /// Enters one node that is new or has changed.
  func take(
    _ node: ProvisionedNode, _ catalog: Catalog, into names: inout NodeNames
  ) -> Event? {
    prober.follow(Self.target(node, catalog))
    return enter(node, catalog, former: nameless[node.name], into: &names)
  }

  private func enter(
    _ node: ProvisionedNode, _ catalog: Catalog, former: NodeNames.Holder?,
    into names: inout NodeNames
  ) -> Event? {
    let record = NodeRecord(node, catalog, fingerprint: fingerprint(of:))
    let holder = names.take(record, catalog.zones)
    nameless[node.name] = holder
    guard let holder, holder != former else { return nil }
    let text: String
    switch holder {
    case .configuration: text = "the configuration"
    case .node(let other): text = other
    }
    return Event(.nameTaken(node: node.name, by: text), macAddress: node.macAddress)
  }

  /// SHA-256 of a key, as SSHFP has it.
  func fingerprint(of key: HostKey) -> HostFingerprint? {
    if let known = fingerprints[key] { return known }
    let made = SHA256(of: key.octets).flatMap { HostFingerprint(key, digest: $0.octets) }
    fingerprints[key] = made
    return made
  }

  private static func target(_ node: ProvisionedNode, _ catalog: Catalog) -> NodeProber.Target {
    let isReachable: Bool
    switch node.reachability {
    case .reachable: isReachable = true
    case .unknown, .unreachable: isReachable = false
    }
    return NodeProber.Target(
      name: node.name,
      places: catalog.addresses(of: node).map {
        NodeProber.Place(address: $0, device: catalog.interface(serving: $0))
      }, installed: node.installed, isReachable: isReachable)
  }
}
