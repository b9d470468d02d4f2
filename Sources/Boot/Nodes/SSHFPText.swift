import Network

/// The fingerprints of nodes' pinned keys as a zone file has them (RFC 4255 §3.2), for a zone that
/// another server signs: SSH takes them without a question only by DNSSEC.
package enum SSHFPText {
  /// One line a key, `rack1.lab.test. 300 IN SSHFP 4 2 …`, by name.
  ///
  /// - Parameters:
  ///   - zone: nil: names stand as they are, for the file of any zone.
  ///   - fingerprint: Of a key; nil where it cannot be had.
  package static func text(
    _ nodes: [ProvisionedNode], zone: DomainName?, fingerprint: (HostKey) -> HostFingerprint?
  ) -> String {
    let byAge = nodes.sorted { ($0.installed, $0.name) < ($1.installed, $1.name) }
    var blocks: [String: String] = [:]
    for node in byAge {
      guard let owner = owner(node.name, zone), blocks[owner] == nil else { continue }
      blocks[owner] = node.hostKeys.compactMap(fingerprint)
        .map { "\(owner) \(Zones.lifetime) IN SSHFP \($0.text)\n" }.joined()
    }
    return blocks.sorted { $0.key < $1.key }.map(\.value).joined()
  }

  private static func owner(_ name: String, _ zone: DomainName?) -> String? {
    guard let zone else { return DomainName(name).map { String("\($0)".dropLast()) } }
    return Zones.name(name, in: zone).map { "\($0)" }
  }
}
