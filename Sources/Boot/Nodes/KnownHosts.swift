import Network

/// The pinned keys of nodes as lines of `known_hosts` (sshd(8)): who has them meets no machine of
/// the site by trust on first use.
package enum KnownHosts {
  /// One line a key, `name,name.zone,address ssh-ed25519 AAAA…`, by name.
  ///
  /// Nobody else's name or address is another's: of two nodes of one name the elder has it, of two
  /// with one address the one that was installed last.
  package static func text(_ nodes: [ProvisionedNode], zone: DomainName?) -> String {
    let byAge = nodes.sorted { ($0.installed, $0.name) < ($1.installed, $1.name) }
    var owners: [IPv4Address: String] = [:]
    for node in byAge { for address in node.addresses { owners[address] = node.name } }
    var taken: Set<String> = []
    var blocks: [(name: String, text: String)] = []
    for node in byAge {
      var hosts = names(of: node.name, zone).filter { taken.insert($0).inserted }
      hosts += node.addresses.filter { owners[$0] == node.name }.map { "\($0)" }
      guard !hosts.isEmpty else { continue }
      let lines = node.hostKeys.map { "\(hosts.joined(separator: ",")) \($0.line)\n" }
      blocks.append((name: node.name, text: lines.joined()))
    }
    return blocks.sorted { $0.name < $1.name }.map(\.text).joined()
  }

  /// In lower case, as SSH looks names up: the short one first.
  private static func names(of name: String, _ zone: DomainName?) -> [String] {
    let short = name.lowercased()
    guard DomainName(short) != nil, !short.hasSuffix(".") else { return [] }
    guard let zone, let whole = Zones.name(short, in: zone) else { return [short] }
    let text = "\(whole)".dropLast()
    return short == text ? [short] : [short, String(text)]
  }
}
