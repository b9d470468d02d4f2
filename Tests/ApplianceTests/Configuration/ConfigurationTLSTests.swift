import Boot
import Foundation
import Network
import TLS
import Testing

@testable import Appliance

/// Certificates of an authority that is made once: its key takes a second to find.
struct CertificateTexts {
  let authority: String
  let rsa: String
  let rsaKey: String
  let ecdsa: String
  let ecdsaKey: String

  static let shared = CertificateTexts()

  private init() {
    let made = try? CertificateAuthority(name: "a test's authority")
    let names = CertificateAuthority.Names(dns: ["boot.lab.test"], addresses: [])
    let rsa = try? made?.issue(.rsa, for: names)
    let ecdsa = try? made?.issue(.ecdsa, for: names)
    func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }
    authority = text(made?.certificate)
    (self.rsa, rsaKey) = (text(rsa?.certificates), text(rsa?.key))
    (self.ecdsa, ecdsaKey) = (text(ecdsa?.certificates), text(ecdsa?.key))
  }

  var files: [String: String] {
    [
      "ca.pem": authority, "rsa.pem": rsa, "rsa.key": rsaKey, "ec.pem": ecdsa, "ec.key": ecdsaKey,
      "text.pem": "hello\n",
      "locked.key":
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    ]
  }
}

@Suite("HTTPS in configurations") struct ConfigurationTLSTests {
  private func read(
    _ tls: String, https: String = "443"
  ) throws -> (configuration: Configuration?, mistakes: [String], warnings: [String]) {
    var files = CertificateTexts.shared.files
    files["bootwire.yaml"] =
      "interfaces: [{name: eth1, dhcp: off, https: \(https)}]\ntls: \(tls)\n"
    return try load(files)
  }

  struct Row: CustomTestStringConvertible {
    var tls: String
    var mistakes: [String]
    var testDescription: String { tls }
  }

  static let rows = [
    Row(
      tls: "{certificate: rsa.pem, key: ec.key}",
      mistakes: ["2:34 this is not the key of the certificate rsa.pem"]),
    Row(
      tls: "{certificate: none.pem, key: rsa.key}",
      mistakes: ["2:20 none.pem cannot be read: open none.pem: No such file or directory"]),
    Row(
      tls: "{certificate: none.pem, key: none.key}",
      mistakes: [
        "2:20 none.pem cannot be read: open none.pem: No such file or directory",
        "2:35 none.key cannot be read: open none.key: No such file or directory",
      ]),
    Row(
      tls: "{certificate: text.pem, key: rsa.key}", mistakes: ["2:20 no certificate in PEM form"]),
    Row(
      tls: "{certificate: rsa.pem, key: rsa.pem}", mistakes: ["2:34 no private key in PEM form"]),
    Row(
      tls: "{certificate: rsa.pem, key: locked.key}",
      mistakes: ["2:34 it is encrypted, expected a key without a passphrase"]),
    Row(tls: "{certificate: rsa.pem}", mistakes: ["2:6 tls has no \"key\""]),
    Row(
      tls: "{certificate: [rsa.pem, ec.pem], key: rsa.key}",
      mistakes: [
        "2:39 1 keys for 2 certificates, expected one for each, in the same order"
      ]),
    Row(
      tls: "{certificate: [rsa.pem, rsa.pem], key: [rsa.key, rsa.key]}",
      mistakes: ["2:30 a second certificate of the kind RSA, expected one of each"]),
    Row(
      tls: "{certificate: rsa.pem, key: rsa.key, trust: text.pem}",
      mistakes: ["2:50 no certificate in PEM form"]),
    Row(
      tls: "{certificates: rsa.pem, key: rsa.key}",
      mistakes: [
        "2:6 tls has no \"certificate\"",
        "2:7 unknown key \"certificates\" of tls, expected one of certificate, key, trust; "
          + "did you mean \"certificate\"?",
      ]),
  ]

  @Test(arguments: rows) func aMistakeIsTold(_ row: Row) throws {
    let mistakes = try read(row.tls).mistakes
    #expect(mistakes == row.mistakes.map { "bootwire.yaml:\($0)" })
  }

  @Test func anRSAAndAnECDSACertificateStandSideBySide() throws {
    let loaded = try read("{certificate: [rsa.pem, ec.pem], key: [rsa.key, ec.key]}")
    #expect(loaded.mistakes == [])
    #expect(loaded.warnings == [])
    let configuration = try #require(loaded.configuration)
    #expect(configuration.certificates.map(\.kind) == ["RSA", "ECDSA"])
    #expect(configuration.trust == [])
    #expect(configuration.interfaces.first?.https == 443)
    _ = try TLSContext(configuration.certificates.map(\.identity))
  }

  @Test func withoutAnRSACertificateFirmwareIsLeftOut() throws {
    let loaded = try read("{certificate: ec.pem, key: ec.key}")
    #expect(loaded.mistakes == [])
    #expect(
      loaded.warnings == [
        "bootwire.yaml:2:7 no RSA certificate: iPXE and UEFI firmware verify no other, and cannot"
          + " fetch by https"
      ])
  }

  /// An authority that may certify names below lab.test only.
  private static let constrained = """
    -----BEGIN CERTIFICATE-----
    MIIBtzCCAV2gAwIBAgIUWkJWdFjMWXrvFV+kEuNirsL6o1YwCgYIKoZIzj0EAwIw
    IjEgMB4GA1UEAwwXYSBjb25zdHJhaW5lZCBhdXRob3JpdHkwIBcNMjYxMTIzMDI0
    NTIwWhgPMjEyNjEwMzAwMjQ1MjBaMCIxIDAeBgNVBAMMF2EgY29uc3RyYWluZWQg
    YXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcgYDPQ/C7nJilxwI
    97+o+y5qrfVP4TquiMw0kI/MXqXCPsK9DRaNIIgD1e/phQn184V+G+1ZoPiVlFrV
    rip6LqNvMG0wHQYDVR0OBBYEFIgC0Z+Y0zWOXcUnqPeHI73uUSIeMB8GA1UdIwQY
    MBaAFIgC0Z+Y0zWOXcUnqPeHI73uUSIeMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0e
    AQH/BBAwDqAMMAqCCGxhYi50ZXN0MAoGCCqGSM49BAMCA0gAMEUCIQDozz1djlwR
    XRnfZo4kKT9CeUGWkThWw0jr8HRsGHXDbgIgDaI9i5IiRZ0rTHV18DEXkAUJyI9U
    ZyH3OUagIS7lf/4=
    -----END CERTIFICATE-----

    """

  @Test("Case 44: a chain with name constraints, which iPXE refuses, is warned of")
  func aChainWithNameConstraints() throws {
    var files = CertificateTexts.shared.files
    files["long.pem"] = CertificateTexts.shared.rsa + Self.constrained
    files["bootwire.yaml"] =
      "interfaces: [{name: eth1, dhcp: off, https: 443}]\n"
      + "tls: {certificate: long.pem, key: rsa.key}\n"
    let loaded = try load(files)
    #expect(loaded.mistakes == [])
    #expect(
      loaded.warnings == [
        "bootwire.yaml:2:20 the certificate of CN=a constrained authority has name constraints,"
          + " which iPXE does not know: it refuses the whole chain"
      ])
  }

  @Test func onePortServesOneProtocol() throws {
    let loaded = try read("{certificate: rsa.pem, key: rsa.key}", https: "80")
    #expect(loaded.mistakes == ["bootwire.yaml:1:38 http and https cannot share port 80"])
  }

  @Test(arguments: [
    (0 as Int64, "is valid from "), (4_000_000_000, "expired at "),
  ]) func aCertificateThatDoesNotHoldNowIsWarnedOf(_ seconds: Int64, _ text: String) throws {
    var files = CertificateTexts.shared.files
    files["bootwire.yaml"] =
      "interfaces: [{name: eth1, dhcp: off}]\ntls: {certificate: rsa.pem, key: rsa.key}\n"
    let folder = try TemporaryFolder(files)
    var surroundings = surroundings
    surroundings.time = UnixTime(seconds: seconds)
    let configuration = try Configuration.load(
      "\(folder.path)/bootwire.yaml", in: surroundings)
    #expect(configuration.warnings.count == 1)
    #expect(configuration.warnings.first?.text.contains(text) == true)
    #expect(configuration.warnings.first?.column == 20)
  }

  @Test func anAuthorityToTrustBecomesItsDigest() throws {
    let loaded = try read("{certificate: rsa.pem, key: rsa.key, trust: ca.pem}")
    let authority = try Certificate(pem: Array(CertificateTexts.shared.authority.utf8))
    #expect(loaded.configuration?.trust == authority.fingerprint)
    let server = try read("{certificate: rsa.pem, key: rsa.key, trust: rsa.pem}")
    #expect(
      server.warnings == [
        "bootwire.yaml:2:50 rsa.pem is no authority's certificate: iPXE will trust nothing by it"
      ])
  }

  @Test func daysAreCountedDownwards() throws {
    let certificate = try Certificate(pem: Array(CertificateTexts.shared.rsa.utf8))
    let end = certificate.notAfter.seconds
    for (offset, days) in [(0 as Int64, 0), (86_399, 0), (86_400, 1), (-1, -1), (-86_401, -2)] {
      #expect(certificate.days(from: UnixTime(seconds: end - offset)) == days)
    }
  }
}

@Suite struct SignatureListTests {
  /// The fields of EFI_SIGNATURE_LIST and EFI_SIGNATURE_DATA at their offsets.
  @Test func aListHoldsOneCertificateAndItsOwnLength() {
    let octets = SignatureList(certificate: [0x30, 0x82, 7]).octets
    #expect(octets.count == 28 + 16 + 3)
    #expect(octets[0..<6] == [0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94])
    #expect(octets[16..<28] == [47, 0, 0, 0, 0, 0, 0, 0, 19, 0, 0, 0])
    #expect(octets[44...] == [0x30, 0x82, 7])
    let long = SignatureList(certificate: [UInt8](repeating: 1, count: 0x10203 - 44)).octets
    #expect(long[16..<20] == [3, 2, 1, 0])
  }
}

@Suite struct CertificateFolderTests {
  private let names = CertificateAuthority.Names(
    dns: ["boot.lab.test"], addresses: [IPv4Address(10, 77, 0, 1)])

  @Test func nothingIsOverwrittenAndAnAuthorityIsKept() throws {
    let parent = try TemporaryFolder([:])
    let folder = CertificateFolder("\(parent.path)/tls")
    let first = try folder.make(for: names, authority: "a", owner: nil)
    let all = try folder.all()
    #expect(all.map(\.name) == ["ca.pem", "server-ecdsa.pem", "server-rsa.pem"])
    #expect(all.map(\.certificate.issuer) == ["CN=a", "CN=a", "CN=a"])
    let list = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/ca.esl"))
    #expect(Array(list) == SignatureList(certificate: first.encoded).octets)
    #expect(throws: CertificateFolder.Failure.self) {
      try folder.make(for: names, authority: "b", owner: nil)
    }
    for file in ["server-ecdsa.pem", "server-ecdsa.key", "server-rsa.pem", "server-rsa.key"] {
      let path = "\(folder.path)/\(file)"
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == (file.hasSuffix("key") ? 0o600 : 0o644))
      try FileManager.default.removeItem(atPath: path)
    }
    let again = try folder.make(for: names, authority: "b", owner: nil)
    #expect(again == first)
    try FileManager.default.removeItem(atPath: "\(folder.path)/ca.key")
    for file in ["server-ecdsa.pem", "server-ecdsa.key", "server-rsa.pem", "server-rsa.key"] {
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(file)")
    }
    #expect(throws: CertificateFolder.Failure.self) {
      try folder.make(for: names, authority: "b", owner: nil)
    }
  }
}
