import COpenSSL

/// A new pair of keys on Edwards' curve (RFC 8032 §5.1.5), as octets: for SSH, which writes them in
/// a form of its own.
package struct Ed25519Pair: Sendable {
  /// 32 octets.
  package let publicKey: [UInt8]
  /// 32 octets that nobody else may have; the private key follows from them.
  package let seed: [UInt8]

  /// Of OpenSSL's own dice.
  package init() throws(TLSFailure) {
    ERR_clear_error()
    guard let pointer = unsafe cssl_make_ed25519() else {
      throw TLSFailure.last("no ed25519 key")
    }
    defer { unsafe EVP_PKEY_free(pointer) }
    var octets = [UInt8](repeating: 0, count: 32)
    var count = octets.count
    guard unsafe EVP_PKEY_get_raw_public_key(pointer, &octets, &count) == 1, count == 32 else {
      throw TLSFailure.last("an ed25519 key has no public half")
    }
    publicKey = octets
    count = octets.count
    guard unsafe EVP_PKEY_get_raw_private_key(pointer, &octets, &count) == 1, count == 32 else {
      throw TLSFailure.last("an ed25519 key has no private half")
    }
    seed = octets
  }
}

extension Ed25519Pair: CustomStringConvertible, CustomReflectable {
  package var description: String { "an ed25519 pair" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
