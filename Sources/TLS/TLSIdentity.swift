import COpenSSL

/// A certificate, the chain that leads to its authority, and its key: both as PEM.
package struct TLSIdentity: Hashable, Sendable {
  package let certificates: [UInt8]
  package let key: [UInt8]

  package init(certificates: [UInt8], key: [UInt8]) {
    self.certificates = certificates
    self.key = key
  }

  /// Whether `key` is a private key without a passphrase; throws what is wrong with it.
  package static func checkKey(_ key: [UInt8]) throws(TLSFailure) {
    // OpenSSL would only say that it got no passphrase.
    let text = String(decoding: key.prefix(4_096), as: UTF8.self)
    guard !text.contains("ENCRYPTED") else {
      throw TLSFailure("it is encrypted, expected a key without a passphrase")
    }
    guard PrivateKey(pem: key) != nil else { throw TLSFailure("no private key in PEM form") }
  }
}
