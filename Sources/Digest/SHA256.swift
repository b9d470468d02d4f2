import COpenSSL

/// The digest that tells whether a file is still the one that was installed (FIPS 180-4).
package struct SHA256: Hashable, Sendable {
  package let octets: [UInt8]

  /// Nil only where OpenSSL has no SHA-256, as when its configuration forbids it.
  package init?(of bytes: [UInt8]) {
    var octets = [UInt8](repeating: 0, count: 32)
    var count = 0
    let done = unsafe EVP_Q_digest(nil, "SHA256", nil, bytes, bytes.count, &octets, &count)
    guard done == 1, count == octets.count else { return nil }
    self.octets = octets
  }
}
