import Foundation
import Network
import TLS
import Testing

@Suite struct CertificateTests {
  private static let names = CertificateAuthority.Names(
    dns: ["boot.lab.test", "boot"], addresses: [IPv4Address(10, 77, 0, 1)])

  @Test(arguments: CertificateAuthority.KeyKind.allCases)
  func anIssuedCertificateSaysWhatItIsFor(_ kind: CertificateAuthority.KeyKind) throws {
    let authority = try CertificateAuthority(name: "a test's authority")
    let identity = try authority.issue(kind, for: Self.names)
    let certificate = try Certificate(pem: identity.certificates)
    #expect(certificate.names == ["boot.lab.test", "boot", "10.77.0.1"])
    #expect(certificate.isFor("10.77.0.1"))
    #expect(!certificate.isFor("10.77.0.2"))
    #expect(certificate.subject == "CN=boot.lab.test")
    #expect(certificate.issuer == "CN=a test's authority")
    #expect(!certificate.isAuthority)
    #expect(certificate.matches(key: identity.key))
    #expect(certificate.notAfter.seconds - certificate.notBefore.seconds == 826 * 86_400)
    switch kind {
    case .rsa: #expect(certificate.key == .rsa(bits: 2048))
    case .ecdsa: #expect(certificate.key == .ecdsa(bits: 256))
    }
  }

  /// iPXE knows whom to trust by a digest, and has no other way to the certificate.
  @Test func theAuthoritysCertificateIsSentWithTheServers() throws {
    let authority = try CertificateAuthority(name: "a test's authority")
    let identity = try authority.issue(.rsa, for: Self.names)
    let chain = String(decoding: identity.certificates, as: UTF8.self)
    #expect(chain.hasSuffix(String(decoding: authority.certificate, as: UTF8.self)))
    #expect(chain.components(separatedBy: "-----BEGIN CERTIFICATE-----").count == 3)
  }

  @Test(
    "Case 44: nothing in a chain of ours has name constraints, which iPXE refuses",
    arguments: CertificateAuthority.KeyKind.allCases)
  func noNameConstraints(_ kind: CertificateAuthority.KeyKind) throws {
    let authority = try CertificateAuthority(name: "a test's authority")
    let identity = try authority.issue(kind, for: Self.names)
    let chain = try Certificate.chain(pem: identity.certificates)
    #expect(chain.map(\.subject) == ["CN=boot.lab.test", "CN=a test's authority"])
    #expect(chain.allSatisfy { !$0.hasNameConstraints })
    #expect(try Certificate.chain(pem: []).isEmpty)
  }

  @Test func anAuthorityCanBeTakenUpAgain() throws {
    let first = try CertificateAuthority(name: "first")
    let key = try first.key()
    let again = try CertificateAuthority(certificate: first.certificate, key: key)
    let issued = try again.issue(.ecdsa, for: Self.names)
    #expect(try Certificate(pem: issued.certificates).issuer == "CN=first")
    let certificate = try Certificate(pem: first.certificate)
    #expect(certificate.isAuthority)
    #expect(certificate.fingerprint.count == 32)
    #expect(certificate.subject == certificate.issuer)
    #expect(throws: TLSFailure.self) {
      try CertificateAuthority(certificate: first.certificate, key: issued.key)
    }
    #expect(throws: TLSFailure.self) {
      try CertificateAuthority(certificate: issued.certificates, key: issued.key)
    }
  }

  @Test func twoCertificatesHaveDifferentNumbersAndPrints() throws {
    let authority = try CertificateAuthority(name: "a")
    let one = try Certificate(pem: authority.issue(.ecdsa, for: Self.names).certificates)
    let two = try Certificate(pem: authority.issue(.ecdsa, for: Self.names).certificates)
    #expect(one.fingerprint != two.fingerprint)
  }

  @Test func aContextTakesOneIdentityOfEachKindAndRefusesWhatDoesNotFit() throws {
    let authority = try CertificateAuthority(name: "a")
    let rsa = try authority.issue(.rsa, for: Self.names)
    let ecdsa = try authority.issue(.ecdsa, for: Self.names)
    _ = try TLSContext([rsa, ecdsa])
    #expect(throws: TLSFailure.self) { try TLSContext([rsa, rsa]) }
    #expect(throws: TLSFailure.self) {
      try TLSContext([TLSIdentity(certificates: rsa.certificates, key: ecdsa.key)])
    }
    #expect(throws: TLSFailure.self) { try TLSContext([TLSIdentity(certificates: [], key: [])]) }
  }

  @Test func textsThatHoldNoCertificateOrKeyAreRefused() throws {
    let authority = try CertificateAuthority(name: "a")
    let identity = try authority.issue(.ecdsa, for: Self.names)
    for text in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
      #expect(throws: TLSFailure.self, "\(text)") { try Certificate(pem: Array(text.utf8)) }
      #expect(throws: TLSFailure.self, "\(text)") { try TLSIdentity.checkKey(Array(text.utf8)) }
    }
    try TLSIdentity.checkKey(identity.key)
    for count in stride(from: 0, to: authority.certificate.count - 1, by: 7) {
      let cut = Array(authority.certificate.prefix(count))
      #expect(throws: TLSFailure.self) { try Certificate(pem: cut) }
    }
    // The first certificate is whole, the authority's behind it is not.
    let cut = Array(identity.certificates.dropLast(authority.certificate.count / 2))
    #expect(throws: TLSFailure.self) {
      try TLSContext([TLSIdentity(certificates: cut, key: identity.key)])
    }
    let locked =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
    #expect(throws: TLSFailure.self) { try TLSIdentity.checkKey(Array(locked.utf8)) }
    let other = try authority.issue(.ecdsa, for: Self.names)
    #expect(!(try Certificate(pem: identity.certificates)).matches(key: other.key))
  }
}
