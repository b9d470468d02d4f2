import COpenSSL
import Network

/// What there is to know of a certificate (RFC 5280).
package struct Certificate: Hashable, Sendable {
  package enum Key: Hashable, Sendable {
    case rsa(bits: Int)
    case ecdsa(bits: Int)
    /// Of another kind, by OpenSSL's name.
    case other(String)
  }

  /// As `CN=boot.lab.test`, the most specific part first (RFC 2253).
  package let subject: String
  package let issuer: String
  package let key: Key
  package let notBefore: UnixTime
  package let notAfter: UnixTime
  /// The DNS names and addresses that it is for.
  package let names: [String]
  package let isAuthority: Bool
  /// Whether it limits the names below it (RFC 5280 §4.2.1.10). That extension is critical, and iPXE,
  /// which does not know it, refuses every chain that has one.
  package let hasNameConstraints: Bool
  /// SHA-256 of its DER form: what iPXE's trust is told by.
  package let fingerprint: [UInt8]
  /// Its DER form.
  package let encoded: [UInt8]
  private let publicKey: [UInt8]

  /// Reads the first certificate of a PEM text.
  package init(pem: [UInt8]) throws(TLSFailure) {
    let parsed = unsafe pem.withUnsafeBytes { bytes -> OpaquePointer? in
      guard let text = unsafe PEMText(bytes) else { return nil }
      return unsafe cssl_next_certificate(text.pointer)
    }
    guard let parsed = unsafe parsed else {
      throw TLSFailure.last("no certificate in PEM form")
    }
    defer { unsafe X509_free(parsed) }
    try unsafe self.init(parsed)
  }

  /// Reads all certificates of a PEM text: a server's, and the chain behind it.
  package static func chain(pem: [UInt8]) throws(TLSFailure) -> [Certificate] {
    let read = unsafe pem.withUnsafeBytes { bytes -> Result<[Certificate], TLSFailure> in
      guard let text = unsafe PEMText(bytes) else { return .success([]) }
      var chain: [Certificate] = []
      do throws(TLSFailure) {
        while chain.count < longestChain, let next = unsafe cssl_next_certificate(text.pointer) {
          defer { unsafe X509_free(next) }
          chain.append(try unsafe Certificate(next))
        }
        return .success(chain)
      } catch { return .failure(error) }
    }
    return try read.get()
  }

  /// OpenSSL follows no longer one.
  private static let longestChain = 100

  private init(_ pointer: OpaquePointer) throws(TLSFailure) {
    let unreadable = TLSFailure("a certificate that OpenSSL cannot read")
    var before: Int64 = 0
    var after: Int64 = 0
    guard let key = unsafe X509_get0_pubkey(pointer),
      unsafe cssl_seconds(X509_get0_notBefore(pointer), &before) == 1,
      unsafe cssl_seconds(X509_get0_notAfter(pointer), &after) == 1,
      let digest = unsafe Self.digest(pointer)
    else {
      ERR_clear_error()
      throw unreadable
    }
    unsafe subject = Self.text(X509_get_subject_name(pointer))
    unsafe issuer = Self.text(X509_get_issuer_name(pointer))
    unsafe self.key = Self.kind(key)
    notBefore = UnixTime(seconds: before)
    notAfter = UnixTime(seconds: after)
    unsafe names = Self.names(pointer)
    isAuthority = unsafe X509_check_ca(pointer) == 1
    hasNameConstraints = unsafe X509_get_ext_by_NID(pointer, NID_name_constraints, -1) >= 0
    fingerprint = digest
    encoded = unsafe Self.encoded(certificate: pointer)
    unsafe publicKey = Self.encoded(key)
    ERR_clear_error()
  }

  /// Whether `key` (PEM) is the one that it certifies.
  package func matches(key pem: [UInt8]) -> Bool {
    guard let key = PrivateKey(pem: pem) else { return false }
    return unsafe Self.encoded(key.pointer) == publicKey
  }

  /// Whether `name` stands in it as it is, without wildcards.
  package func isFor(_ name: String) -> Bool { names.contains(name) }

  private static func kind(_ key: OpaquePointer) -> Key {
    let bits = unsafe Int(EVP_PKEY_get_bits(key))
    if unsafe EVP_PKEY_is_a(key, "RSA") == 1 { return .rsa(bits: bits) }
    if unsafe EVP_PKEY_is_a(key, "EC") == 1 { return .ecdsa(bits: bits) }
    guard let name = unsafe EVP_PKEY_get0_type_name(key) else { return .other("unknown") }
    return unsafe .other(String(cString: name))
  }

  /// The DER form of the public half, by which two keys are compared.
  private static func encoded(_ key: OpaquePointer) -> [UInt8] {
    let count = unsafe i2d_PUBKEY(key, nil)
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      _ = unsafe i2d_PUBKEY(key, &start)
    }
    return bytes
  }

  private static func encoded(certificate: OpaquePointer) -> [UInt8] {
    let count = unsafe i2d_X509(certificate, nil)
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      _ = unsafe i2d_X509(certificate, &start)
    }
    return bytes
  }

  private static func digest(_ pointer: OpaquePointer) -> [UInt8]? {
    var octets = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    guard unsafe X509_digest(pointer, EVP_sha256(), &octets, &count) == 1, count == 32 else {
      return nil
    }
    return octets
  }

  private static func text(_ name: OpaquePointer?) -> String {
    guard let text = PEMText() else { return "" }
    unsafe cssl_print_name(text.pointer, name)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private static func names(_ pointer: OpaquePointer) -> [String] {
    let names = unsafe cssl_names(pointer)
    defer { unsafe GENERAL_NAMES_free(names) }
    var found: [String] = []
    let count = unsafe cssl_name_count(names)
    for index in 0..<count {
      var start: UnsafePointer<UInt8>?
      var length: Int32 = 0
      let kind = unsafe cssl_name(names, index, &start, &length)
      guard let start = unsafe start, length > 0 else { continue }
      let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: Int(length)))
      if kind == GEN_DNS {
        found.append(String(decoding: bytes, as: UTF8.self))
      } else if kind == GEN_IPADD, bytes.count == 4 {
        found.append("\(IPv4Address(bytes[0], bytes[1], bytes[2], bytes[3]))")
      }
    }
    return found
  }
}

extension Certificate.Key: CustomStringConvertible {
  package var description: String {
    switch self {
    case .rsa(let bits): "RSA \(bits)"
    case .ecdsa(let bits): "ECDSA \(bits)"
    case .other(let name): name
    }
  }
}
