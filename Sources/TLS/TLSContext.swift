import COpenSSL

/// What all TLS connections of a listener share: certificates, keys, and what we agree to.
///
/// Immutable. A connection keeps the context that it began with, so a successor can take its place
/// at any time.
@safe package final class TLSContext {
  let pointer: OpaquePointer

  /// - Parameter identities: At most one for each kind of key; OpenSSL chooses by what the client
  ///   can verify.
  package init(_ identities: [TLSIdentity]) throws(TLSFailure) {
    ERR_clear_error()
    guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
      throw TLSFailure.last("no TLS context")
    }
    unsafe pointer = context
    guard unsafe cssl_prepare_server(pointer) == 1 else { throw TLSFailure.last("no TLS 1.2") }
    // Set here, whatever the machine's openssl.cnf says: a stricter one would shut firmware out, a
    // laxer one would let SHA-1 signatures and RSA keys of 1,024 bits in. Level 2 has all of below;
    // `cssl_meet_client` says who is met otherwise.
    unsafe SSL_CTX_set_security_level(pointer, 2)
    guard unsafe SSL_CTX_set_cipher_list(pointer, Self.ciphers) == 1 else {
      throw TLSFailure.last("no ciphers")
    }
    for identity in identities { try use(identity) }
    ERR_clear_error()
  }

  /// A client's: it believes whom the authorities of `pem` certify; nil: whom the system's do.
  package init(trusting pem: [UInt8]?) throws(TLSFailure) {
    ERR_clear_error()
    guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
      throw TLSFailure.last("no TLS context")
    }
    unsafe pointer = context
    let isReady: Int32
    if let pem {
      isReady = unsafe pem.withUnsafeBytes { bytes in
        guard let text = unsafe PEMText(bytes) else { return 0 }
        return unsafe cssl_prepare_client(context, text.pointer)
      }
    } else {
      isReady = unsafe cssl_prepare_client(context, nil)
    }
    guard isReady == 1 else { throw TLSFailure.last("no authority's certificate in PEM form") }
    ERR_clear_error()
  }

  deinit { unsafe SSL_CTX_free(pointer) }

  /// Of TLS 1.2, best first; we choose, not the client. Those of TLS 1.3 are OpenSSL's own.
  ///
  /// Programs of this century agree within the first four lines. The other lines are for firmware:
  /// iPXE has ECDHE and, in old builds, no GCM; EDK II has no elliptic curves, so that it meets us
  /// by DHE, whose key exchange is forward secret as well, and last by RSA's own. Each line has
  /// AES-128 first: firmware encrypts without the processor's help.
  private static let ciphers = [
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384",
    "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-AES128-SHA256", "DHE-RSA-AES256-SHA256", "DHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256", "AES256-GCM-SHA384",
    "AES128-SHA256", "AES256-SHA256", "AES128-SHA", "AES256-SHA",
  ].joined(separator: ":")

  private func use(_ identity: TLSIdentity) throws(TLSFailure) {
    let done = unsafe identity.certificates.withUnsafeBytes { certificates in
      unsafe identity.key.withUnsafeBytes { key in
        guard let key = unsafe PEMText(key), let text = unsafe PEMText(certificates) else {
          return false
        }
        return unsafe cssl_use(pointer, text.pointer, key.pointer) == 1
      }
    }
    guard done else { throw TLSFailure.last("the certificate cannot be used") }
  }
}
