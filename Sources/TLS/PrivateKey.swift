import COpenSSL

/// A private key in memory.
@safe final class PrivateKey {
  let pointer: OpaquePointer

  private init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

  convenience init?(pem: [UInt8]) {
    let key = unsafe pem.withUnsafeBytes { bytes -> OpaquePointer? in
      guard let text = unsafe PEMText(bytes) else { return nil }
      return unsafe cssl_private_key(text.pointer)
    }
    ERR_clear_error()
    guard let key = unsafe key else { return nil }
    unsafe self.init(key)
  }

  deinit { unsafe EVP_PKEY_free(pointer) }

  static func rsa(bits: Int) throws(TLSFailure) -> PrivateKey {
    guard let key = unsafe cssl_make_rsa(bits) else { throw TLSFailure.last("no RSA key") }
    return unsafe PrivateKey(key)
  }

  /// On NIST's P-256, which every TLS client has.
  static func ecdsa() throws(TLSFailure) -> PrivateKey {
    guard let key = unsafe cssl_make_p256() else { throw TLSFailure.last("no ECDSA key") }
    return unsafe PrivateKey(key)
  }

  /// PKCS #8, not encrypted: the service starts without anybody at hand.
  func pem() throws(TLSFailure) -> [UInt8] {
    guard let text = PEMText(),
      unsafe PEM_write_bio_PKCS8PrivateKey(text.pointer, pointer, nil, nil, 0, nil, nil) == 1
    else { throw TLSFailure.last("a key cannot be written") }
    return text.bytes
  }
}
