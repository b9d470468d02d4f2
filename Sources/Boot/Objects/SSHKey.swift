/// A public key that opens the machines of one site.
package struct SSHKey: Hashable, Sendable {
  package var name: String
  package var site: String
  package var labels: [String: String]
  /// One line of `authorized_keys` (sshd(8)): type, base64, comment.
  package var publicKey: String

  package init(name: String, site: String, labels: [String: String] = [:], publicKey: String) {
    self.name = name
    self.site = site
    self.labels = labels
    self.publicKey = publicKey
  }
}
