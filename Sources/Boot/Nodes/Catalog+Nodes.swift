import Network

extension Catalog {
  /// The node's addresses that are on subnets of its site. What a node says of itself decides
  /// neither what a name leads to elsewhere, nor whom this box connects to.
  package func addresses(of node: ProvisionedNode) -> [IPv4Address] {
    node.addresses.filter { address in
      subnets.contains { $0.network.contains(address) && site(of: nil, on: $0) == node.site }
    }
  }

  /// The interface that serves `address`, by its name; nil for one behind a relay.
  package func interface(serving address: IPv4Address) -> String? {
    subnet(holding: address)?.interface
  }
}

extension Catalog {
  /// `known_hosts` of one site's nodes; of all that are here for nil.
  package func knownHosts(_ nodes: [ProvisionedNode], site: String? = nil) -> String {
    KnownHosts.text(atHome(nodes, site), zone: zones.forward)
  }

  /// SSHFP records of one site's nodes; of all that are here for nil.
  ///
  /// - Parameter fingerprint: Of a key; nil where it cannot be had.
  package func fingerprintRecords(
    _ nodes: [ProvisionedNode], site: String? = nil, fingerprint: (HostKey) -> HostFingerprint?
  ) -> String {
    SSHFPText.text(atHome(nodes, site), zone: zones.forward, fingerprint: fingerprint)
  }

  /// The nodes of a site, with those of their addresses that are on its subnets.
  private func atHome(_ nodes: [ProvisionedNode], _ site: String?) -> [ProvisionedNode] {
    nodes.filter { site == nil || $0.site == site }.map {
      var node = $0
      node.addresses = addresses(of: $0)
      return node
    }
  }
}
