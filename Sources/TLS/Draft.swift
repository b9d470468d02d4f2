import COpenSSL

/// A certificate that is being made (RFC 5280 §4).
@safe final class Draft {
  private let pointer: OpaquePointer

  init(subject: String, days: Int32, key: PrivateKey) throws(TLSFailure) {
    ERR_clear_error()
    guard let certificate = unsafe X509_new() else { throw TLSFailure.last("no certificate") }
    unsafe pointer = certificate
    try Self.check(unsafe X509_set_version(pointer, 2))
    // A day in the past: clocks of machines that have never booted are slow.
    try Self.check(
      unsafe X509_time_adj_ex(X509_getm_notBefore(pointer), -1, 0, nil) != nil ? 1 : 0)
    try Self.check(
      unsafe X509_time_adj_ex(X509_getm_notAfter(pointer), days, 0, nil) != nil ? 1 : 0)
    try Self.check(unsafe X509_set_pubkey(pointer, key.pointer))
    // RFC 5280 allows 64 characters.
    try Self.check(
      unsafe X509_NAME_add_entry_by_txt(
        X509_get_subject_name(pointer), "CN", MBSTRING_UTF8, String(subject.prefix(64)), -1, -1, 0))
    try number()
  }

  deinit { unsafe X509_free(pointer) }

  /// The certificate, signed with its own key. The caller frees it.
  func authority(_ key: PrivateKey) throws(TLSFailure) -> OpaquePointer {
    try Self.check(unsafe X509_set_issuer_name(pointer, X509_get_subject_name(pointer)))
    try unsafe extend(pointer, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
    try unsafe extend(pointer, NID_key_usage, "critical,keyCertSign,cRLSign")
    try unsafe extend(pointer, NID_subject_key_identifier, "hash")
    return try unsafe signed(with: key)
  }

  /// The certificate of a server, signed by `issuer` with `key`. The caller frees it.
  func server(
    _ issuer: OpaquePointer, _ key: PrivateKey, _ usage: String, _ alternative: String
  ) throws(TLSFailure) -> OpaquePointer {
    try Self.check(unsafe X509_set_issuer_name(pointer, X509_get_subject_name(issuer)))
    try unsafe extend(issuer, NID_basic_constraints, "critical,CA:FALSE")
    try unsafe extend(issuer, NID_key_usage, usage)
    try unsafe extend(issuer, NID_ext_key_usage, "serverAuth")
    try unsafe extend(issuer, NID_subject_alt_name, alternative)
    try unsafe extend(issuer, NID_subject_key_identifier, "hash")
    try unsafe extend(issuer, NID_authority_key_identifier, "keyid")
    return try unsafe signed(with: key)
  }

  private func extend(_ issuer: OpaquePointer, _ kind: Int32, _ value: String) throws(TLSFailure) {
    try Self.check(unsafe cssl_extend(pointer, issuer, kind, value))
  }

  private func signed(with key: PrivateKey) throws(TLSFailure) -> OpaquePointer {
    try Self.check(unsafe X509_sign(pointer, key.pointer, EVP_sha256()) > 0 ? 1 : 0)
    try Self.check(unsafe X509_up_ref(pointer))
    return unsafe pointer
  }

  /// A serial number that nobody can guess: 16 random octets, positive (§4.1.2.2).
  private func number() throws(TLSFailure) {
    var octets = [UInt8](repeating: 0, count: 16)
    try Self.check(unsafe RAND_bytes(&octets, Int32(octets.count)))
    octets[0] = octets[0] & 0x3f | 0x40
    let number = unsafe BN_bin2bn(octets, Int32(octets.count), nil)
    defer { unsafe BN_free(number) }
    try Self.check(
      unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil ? 1 : 0)
  }

  private static func check(_ result: Int32) throws(TLSFailure) {
    guard result == 1 else { throw TLSFailure.last("a certificate cannot be made") }
  }
}
