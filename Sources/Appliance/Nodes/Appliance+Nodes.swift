import Boot
import EventLoop
import Network
import Services

// Nodes' side of the appliance: names, whether they answer, and what others are told of their keys.
extension Appliance {
  /// Names all nodes and asks them from now on; what they come to is a fact, kept when it is
  /// another than before. After the leases' names, which makes the nodes' forgotten too.
  func renewNodes() {
    directory.prober.onResult = { [unowned self] name, isReachable in
      let now = loop.now
      take(dhcp.nodes.note(isReachable ? .reachable(now) : .unreachable(now), of: name))
    }
    for event in directory.renew(dhcp.nodes.all, catalog, into: &dns.nodes) { record(event) }
  }

  /// Takes note of what is kept now: a node's names and addresses may be others.
  func learn(_ changes: [RegistryChange]) {
    for change in changes {
      switch change {
      case .node(let node):
        if let event = directory.take(node, catalog, into: &dns.nodes) { record(event) }
      // Others may have its name or its addresses now.
      case .forgetNode: renewNodes()
      case .provision, .forgetProvision, .entry: break
      }
    }
  }

  /// The pinned keys of one site's nodes, or of all for nil, as lines of `known_hosts`.
  package func knownHosts(site: String? = nil) -> String {
    catalog.knownHosts(dhcp.nodes.all, site: site)
  }

  /// Their fingerprints as SSHFP records of a zone file.
  package func fingerprintRecords(site: String? = nil) -> String {
    catalog.fingerprintRecords(
      dhcp.nodes.all, site: site, fingerprint: directory.fingerprint(of:))
  }
}
