import Network
import Testing

@testable import Appliance

@Suite("The admin listener's settings") struct AdminSettingsTests {
  private static let files = [
    "server.pem": CertificateTexts.shared.rsa, "server.key": CertificateTexts.shared.rsaKey,
  ]

  private func load(_ text: String) throws -> (AdminSettings?, [String]) {
    var files = Self.files
    files["bootwire.yaml"] = "interfaces: [{name: eth1, dhcp: off}]\n" + text
    let loaded = try ApplianceTests.load(files)
    return (loaded.configuration?.settings.admin, loaded.mistakes)
  }

  @Test func itHasItsOwnCertificateOrThatOfTLS() throws {
    let (own, _) = try load(
      "admin: {listen: 10.0.0.5, port: 9443, certificate: server.pem, key: server.key}")
    #expect(own?.place == Endpoint(IPv4Address(10, 0, 0, 5), 9443))
    #expect(own?.identities.count == 1)
    let (shared, _) = try load(
      "tls: {certificate: server.pem, key: server.key}\nadmin: {listen: 127.0.0.1}")
    #expect(shared == AdminSettings(place: Endpoint(IPv4Address(127, 0, 0, 1), 8443)))
  }

  @Test(arguments: [
    (
      "admin: {listen: 10.0.0.5}",
      "bootwire.yaml:2:8 admin has no \"certificate\" and \"key\", and there is no \"tls\" to take them of"
    ),
    (
      "admin: {listen: 0.0.0.0, certificate: server.pem, key: server.key}",
      "bootwire.yaml:2:17 0.0.0.0 is no address of this box; name the one that operators reach"
    ),
    (
      "admin: {port: 0, listen: 10.0.0.5, certificate: server.pem, key: server.key}",
      "bootwire.yaml:2:15 \"0\" is not a port, 1 to 65535"
    ),
    (
      "admin: {certificate: server.pem, key: server.key}",
      "bootwire.yaml:2:8 admin has no \"listen\""
    ),
    (
      "admin: {listen: 10.0.0.5, key: server.key}", "bootwire.yaml:2:8 admin has no \"certificate\""
    ),
  ])
  func whatIsWrongIsTold(_ text: String, _ mistake: String) throws {
    #expect(try load(text).1 == [mistake])
  }
}
