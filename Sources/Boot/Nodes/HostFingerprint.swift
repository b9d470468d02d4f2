/// What an SSHFP record says of a host key (RFC 4255 §3.1): its algorithm and its SHA-256, which
/// is fingerprint type 2 (RFC 6594 §4.1.2).
package struct HostFingerprint: Hashable, Sendable {
  /// The record's data as it is sent.
  package let octets: [UInt8]

  /// - Parameter digest: SHA-256 of the key's octets; computed by who may hash, once, when the node
  ///   is registered.
  package init?(_ key: HostKey, digest: [UInt8]) {
    guard let algorithm = key.fingerprintAlgorithm, digest.count == 32 else { return nil }
    octets = [algorithm, 2] + digest
  }

  /// As in a zone file: `4 2 0123…`.
  package var text: String {
    "\(octets[0]) \(octets[1]) " + octets.dropFirst(2).map(Self.digits).joined()
  }

  private static func digits(_ octet: UInt8) -> String {
    (octet < 16 ? "0" : "") + String(octet, radix: 16)
  }
}
