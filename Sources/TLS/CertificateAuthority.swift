import COpenSSL
import Network

/// A private authority that certifies an appliance's own names, for its own machines.
///
/// It carries no name constraints: iPXE and EDK II do not read them, and other clients would refuse
/// an address outside of them.
@safe package final class CertificateAuthority {
  /// As PEM.
  package let certificate: [UInt8]
  private let pointer: OpaquePointer
  private let secret: PrivateKey

  /// What a server's certificate is for.
  package struct Names: Sendable {
    package var dns: [String]
    package var addresses: [IPv4Address]

    package init(dns: [String], addresses: [IPv4Address]) {
      self.dns = dns
      self.addresses = addresses
    }

    /// As openssl.cnf has it. Only names that hold no comma may come here.
    fileprivate var alternative: String {
      (dns.map { "DNS:\($0)" } + addresses.map { "IP:\($0)" }).joined(separator: ",")
    }
  }

  package enum KeyKind: CaseIterable, Sendable {
    /// What firmware knows.
    case rsa
    /// What everybody else prefers: a tenth of the work.
    case ecdsa
  }

  /// Makes a new one, of RSA, since EDK II and iPXE verify nothing else.
  package init(name: String) throws(TLSFailure) {
    secret = try PrivateKey.rsa(bits: 4096)
    unsafe pointer = try Draft(subject: name, days: Self.days, key: secret).authority(secret)
    certificate = try unsafe Self.pem(pointer)
  }

  /// Takes one that was made earlier; throws when the key is another's or it is no authority.
  package init(certificate: [UInt8], key: [UInt8]) throws(TLSFailure) {
    let read = try Certificate(pem: certificate)
    guard read.isAuthority else { throw TLSFailure("it is no authority's certificate") }
    guard let secret = PrivateKey(pem: key), read.matches(key: key) else {
      throw TLSFailure("the key is not that of the authority's certificate")
    }
    let parsed = unsafe certificate.withUnsafeBytes { bytes -> OpaquePointer? in
      guard let text = unsafe PEMText(bytes) else { return nil }
      return unsafe cssl_next_certificate(text.pointer)
    }
    guard let parsed = unsafe parsed else { throw TLSFailure.last("no certificate") }
    unsafe pointer = parsed
    self.secret = secret
    self.certificate = certificate
  }

  deinit { unsafe X509_free(pointer) }

  package func key() throws(TLSFailure) -> [UInt8] { try secret.pem() }

  /// Makes a server's key, and the certificate for it, with the authority's own behind it: iPXE is
  /// told the digest of whom to trust (option 175.90), and has to see the certificate itself.
  package func issue(_ kind: KeyKind, for names: Names) throws(TLSFailure) -> TLSIdentity {
    let subject = names.dns.first ?? names.addresses.first?.description
    guard let subject else { throw TLSFailure("a certificate needs a name or an address") }
    let key: PrivateKey
    let usage: String
    switch kind {
    case .rsa:
      key = try PrivateKey.rsa(bits: 2048)
      // The second is for the key exchange by RSA alone, the last way of some firmware.
      usage = "critical,digitalSignature,keyEncipherment"
    case .ecdsa:
      key = try PrivateKey.ecdsa()
      usage = "critical,digitalSignature"
    }
    let draft = try Draft(subject: subject, days: Self.serverDays, key: key)
    let signed = try unsafe draft.server(pointer, secret, usage, names.alternative)
    defer { unsafe X509_free(signed) }
    return TLSIdentity(
      certificates: try unsafe Self.pem(signed) + certificate, key: try key.pem())
  }

  /// Ten years: it is in firmware's own store, one machine at a time.
  private static let days: Int32 = 3652
  /// The longest that browsers and systems take from a private authority.
  private static let serverDays: Int32 = 825

  private static func pem(_ certificate: OpaquePointer) throws(TLSFailure) -> [UInt8] {
    guard let text = PEMText(), unsafe PEM_write_bio_X509(text.pointer, certificate) == 1 else {
      throw TLSFailure.last("a certificate cannot be written")
    }
    return text.bytes
  }
}
