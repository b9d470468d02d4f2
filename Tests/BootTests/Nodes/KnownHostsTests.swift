import Boot
import Network
import Testing

@Suite struct KnownHostsTests {
  static let zone = DomainName("lab.test")

  static func node(
    _ name: String, _ addresses: [IPv4Address], site: String = "a", at second: Int64 = 0,
    keys: [String] = [HostKeyTests.ed25519]
  ) -> ProvisionedNode {
    ProvisionedNode(
      name: name, site: site, addresses: addresses,
      hostKeys: keys.compactMap { HostKey(line: $0) },
      installed: Instant(nanoseconds: second * 1_000_000_000))
  }

  /// No digest, but of its length.
  static func fingerprint(_ key: HostKey) -> HostFingerprint? {
    HostFingerprint(key, digest: [UInt8](repeating: key.octets.last ?? 0, count: 32))
  }

  @Test func aLineHasAllNamesAndOneKey() {
    let text = KnownHosts.text(
      [
        Self.node("rack2", [IPv4Address(10, 0, 0, 2)]),
        Self.node(
          "Rack1", [IPv4Address(10, 0, 0, 1), IPv4Address(10, 1, 0, 1)],
          keys: [HostKeyTests.ed25519, HostKeyTests.ecdsa]),
        Self.node("keyless", [IPv4Address(10, 0, 0, 3)], keys: []),
      ], zone: Self.zone)
    #expect(
      text == """
        rack1,rack1.lab.test,10.0.0.1,10.1.0.1 \(HostKeyTests.ed25519)
        rack1,rack1.lab.test,10.0.0.1,10.1.0.1 \(HostKeyTests.ecdsa)
        rack2,rack2.lab.test,10.0.0.2 \(HostKeyTests.ed25519)

        """)
  }

  @Test func aNameWithoutAZoneStandsAlone() {
    #expect(
      KnownHosts.text([Self.node("rack1", [])], zone: nil) == "rack1 \(HostKeyTests.ed25519)\n")
    #expect(
      KnownHosts.text([Self.node("rack1.lab.test", [])], zone: Self.zone)
        == "rack1.lab.test \(HostKeyTests.ed25519)\n")
  }

  @Test func whatIsNoNameIsNoPattern() {
    for name in ["*", "a,b", "!a", "a b", "", "a\nb", "-x"] {
      #expect(KnownHosts.text([Self.node(name, [])], zone: Self.zone) == "", "\(name)")
    }
  }

  @Test func noNodeHasAnothersNameOrAddress() {
    let address = IPv4Address(10, 0, 0, 1)
    let text = KnownHosts.text(
      [
        Self.node("RACK1", [address], at: 2), Self.node("rack1", [], at: 1),
        Self.node("old", [address], at: 1),
      ], zone: nil)
    #expect(
      text == """
        10.0.0.1 \(HostKeyTests.ed25519)
        old \(HostKeyTests.ed25519)
        rack1 \(HostKeyTests.ed25519)

        """)
  }

  @Test func aZoneFileHasOneLineAKey() {
    let digits = String(repeating: "b7", count: 32)
    let node = Self.node("rack1", [])
    #expect(
      SSHFPText.text([node], zone: Self.zone, fingerprint: Self.fingerprint)
        == "rack1.lab.test. 300 IN SSHFP 4 2 \(digits)\n")
    #expect(
      SSHFPText.text(
        [node, Self.node("RACK1", [], at: 1)], zone: nil, fingerprint: Self.fingerprint)
        == "rack1 300 IN SSHFP 4 2 \(digits)\n")
    #expect(SSHFPText.text([node], zone: Self.zone) { _ in nil } == "")
  }

  @Test func aSiteSeesItsOwnNodesAtItsOwnAddresses() throws {
    let catalog = Catalog(
      site: "a",
      subnets: [
        Subnet(network: try #require(IPv4Prefix("10.0.0.0/24")), interface: "s0"),
        Subnet(network: try #require(IPv4Prefix("10.1.0.0/24")), site: "b"),
      ])
    let home = IPv4Address(10, 0, 0, 1)
    let away = IPv4Address(10, 1, 0, 1)
    let nodes = [
      Self.node("one", [away, home, IPv4Address(192, 0, 2, 1)]),
      Self.node("two", [home, away], site: "b"),
    ]
    #expect(catalog.addresses(of: nodes[0]) == [home])
    #expect(catalog.addresses(of: nodes[1]) == [away])
    #expect(catalog.knownHosts(nodes, site: "a") == "one,10.0.0.1 \(HostKeyTests.ed25519)\n")
    #expect(catalog.knownHosts(nodes, site: "b") == "two,10.1.0.1 \(HostKeyTests.ed25519)\n")
    #expect(catalog.knownHosts(nodes, site: "c") == "")
    #expect(catalog.knownHosts(nodes).split(separator: "\n").count == 2)
    #expect(
      catalog.fingerprintRecords(nodes, site: "b", fingerprint: Self.fingerprint).hasPrefix(
        "two 300 IN"))
    #expect(catalog.interface(serving: home) == "s0")
    #expect(catalog.interface(serving: away) == nil)
  }
}
