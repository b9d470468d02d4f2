import Boot
import Network
import Testing
import Wire

@testable import Services

/// Nodes as DNS shows them: after the configuration, before leases.
@Suite struct DNSNodeTests {
  private static let address = IPv4Address(10, 77, 0, 60)
  private static let key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP6kq+q/Vu8bxjBfIVI0pCaVAaCDCqGh8lqsLHRo02C3"
  private static let fingerprint = "0402" + String(repeating: "ab", count: 32)

  private static func node(
    _ name: String, _ addresses: [IPv4Address] = [address], mac: String? = nil, at second: Int64 = 0
  ) -> ProvisionedNode {
    ProvisionedNode(
      name: name, site: "", macAddress: mac.flatMap { MACAddress($0) }, addresses: addresses,
      hostKeys: [HostKey(line: key)].compactMap(\.self),
      installed: Instant(nanoseconds: second * 1_000_000_000))
  }

  private static func bench(
    _ nodes: [ProvisionedNode], pool: Pool? = nil,
    _ fill: (inout ZoneDraft) throws -> Void = { _ in }
  ) throws -> DNSBench {
    var bench = try DNSBench(fill)
    if let pool {
      var subnet = bench.catalog.subnets[0]
      subnet.pools = [pool]
      bench.catalog = Catalog(
        interfaces: bench.catalog.interfaces, subnets: [subnet], machines: bench.catalog.machines,
        zones: bench.catalog.zones)
    }
    for node in nodes { _ = take(node, &bench) }
    return bench
  }

  private static func take(_ node: ProvisionedNode, _ bench: inout DNSBench) -> NodeNames.Holder? {
    let record = NodeRecord(node, bench.catalog) {
      HostFingerprint($0, digest: [UInt8](repeating: 0xab, count: 32))
    }
    return bench.service.nodes.take(record, bench.catalog.zones)
  }

  @Test(arguments: ["rack1", "rack9"])
  func aNodeHasAddressAndFingerprintAndWayBack(_ name: String) throws {
    var bench = try Self.bench([Self.node(name)])
    let seen = try bench.ask("\(name).LAB.test")
    #expect(seen.isAuthoritative && seen.code == 0)
    #expect(seen.answers == ["\(name).lab.test. 1 10.77.0.60"])
    #expect(seen.lifetimes == [60])
    let keys = try bench.ask("\(name).lab.test", DNSType.sshfp)
    #expect(keys.answers == ["\(name).lab.test. 44 \(Self.fingerprint)"])
    #expect(keys.lifetimes == [300])
    #expect(
      try bench.ask("60.0.77.10.in-addr.arpa", DNSType.ptr).answers == [
        "60.0.77.10.in-addr.arpa. 12 \(name).lab.test."
      ])
    #expect(try bench.ask("\(name).lab.test", DNSType.any).answers == seen.answers)
  }

  @Test func aNodeWithoutSuchRecordIsThereAllTheSame() throws {
    var keyless = Self.node("rack9")
    keyless.hostKeys = []
    var bench = try Self.bench([keyless])
    for type in [DNSType.sshfp, DNSType.aaaa, DNSType.txt] {
      let seen = try bench.ask("rack9.lab.test", type)
      #expect(seen.code == 0 && seen.answers == [])
      #expect(seen.authority == [DNSServiceTests.soa])
    }
    #expect(try bench.ask("60.0.77.10.in-addr.arpa", DNSType.a).code == 0)
    #expect(try bench.ask("rack8.lab.test", DNSType.sshfp).code == 3)
    // A name without addresses has its keys for ANY.
    bench = try Self.bench([Self.node("rack9", [])])
    #expect(try bench.ask("rack9.lab.test").code == 0)
    #expect(
      try bench.ask("rack9.lab.test", DNSType.any).answers == [
        "rack9.lab.test. 44 \(Self.fingerprint)"
      ])
  }

  @Test func whatLiesBetweenANodeAndTheZoneExists() throws {
    var bench = try Self.bench([Self.node("a.rack.row")])
    #expect(try bench.ask("a.rack.row.lab.test").answers.count == 1)
    for name in ["rack.row.lab.test", "row.lab.test"] { #expect(try bench.ask(name).code == 0) }
    #expect(try bench.ask("b.rack.row.lab.test").code == 3)
    #expect(try bench.ask("lab.test", DNSType.soa).answers == [DNSServiceTests.soa])
  }

  @Test func anAddressOfElsewhereIsNotSaid() throws {
    var bench = try Self.bench([Self.node("rack9", [IPv4Address(192, 0, 2, 1), Self.address])])
    #expect(try bench.ask("rack9.lab.test").answers == ["rack9.lab.test. 1 10.77.0.60"])
    var other = Self.node("rack8")
    other.site = "elsewhere"
    _ = Self.take(other, &bench)
    #expect(try bench.ask("rack8.lab.test").answers == [])
  }

  @Test func theConfigurationGoesBeforeNodes() throws {
    var bench = try Self.bench([]) { draft in
      draft.add(try DNSBench.name("rack1.lab.test"), IPv4Address(10, 77, 0, 7))
      draft.add(
        try DNSBench.name("ftp.lab.test"), .cname, try DNSBench.name("www.lab.test").octets)
      draft.add(
        try DNSBench.name("sub.lab.test"), .ns, try DNSBench.name("ns.sub.lab.test").octets)
    }
    // A machine's own name: its reservation stays, its keys come beside it.
    #expect(Self.take(Self.node("rack1"), &bench) == nil)
    #expect(try bench.ask("rack1.lab.test").answers == ["rack1.lab.test. 1 10.77.0.7"])
    #expect(try bench.ask("rack1.lab.test", DNSType.sshfp).answers.count == 1)
    #expect(
      try bench.ask("7.0.77.10.in-addr.arpa", DNSType.ptr).answers == [
        "7.0.77.10.in-addr.arpa. 12 rack1.lab.test."
      ])
    // What the operator gave to something else is no node's.
    for name in ["www", "ftp", "box", "sub", "x.sub"] {
      #expect(Self.take(Self.node(name), &bench) == .configuration, "\(name)")
    }
    #expect(try bench.ask("www.lab.test").answers == ["www.lab.test. 1 10.77.0.9"])
    #expect(try bench.ask("www.lab.test", DNSType.sshfp).answers == [])
    #expect(try bench.ask("x.sub.lab.test").answers == [])
  }

  @Test func ofTwoNodesOfOneNameTheElderHasIt() throws {
    var bench = try Self.bench([Self.node("rack9")])
    let other = Self.node("RACK9", [IPv4Address(10, 77, 0, 61)])
    #expect(Self.take(other, &bench) == .node("rack9"))
    let whole = Self.node("rack9.lab.test", [IPv4Address(10, 77, 0, 61)])
    #expect(Self.take(whole, &bench) == .node("rack9"))
    #expect(try bench.ask("rack9.lab.test").answers == ["rack9.lab.test. 1 10.77.0.60"])
  }

  @Test func anAddressIsTheNodesThatHadItLast() throws {
    var bench = try Self.bench([Self.node("new", at: 2), Self.node("old", at: 1)])
    #expect(try bench.ask("old.lab.test").answers == [])
    #expect(try bench.ask("old.lab.test").code == 0)
    #expect(
      try bench.ask("60.0.77.10.in-addr.arpa", DNSType.ptr).answers == [
        "60.0.77.10.in-addr.arpa. 12 new.lab.test."
      ])
    // A node that reports another address leaves its old one.
    _ = Self.take(Self.node("new", [IPv4Address(10, 77, 0, 61)], at: 3), &bench)
    #expect(try bench.ask("60.0.77.10.in-addr.arpa", DNSType.ptr).code == 3)
    #expect(try bench.ask("new.lab.test").answers == ["new.lab.test. 1 10.77.0.61"])
  }

  // MARK: Beside leases

  @Test func nodesGoBeforeLeases() throws {
    var bench = try Self.bench([Self.node("rack1", mac: "52:54:00:00:00:01")])
    bench.lease(IPv4Address(10, 77, 0, 100), to: 1)
    #expect(try bench.ask("rack1.lab.test").answers == ["rack1.lab.test. 1 10.77.0.60"])
    bench.lease(Self.address, to: 1)
    #expect(
      try bench.ask("60.0.77.10.in-addr.arpa", DNSType.ptr).answers == [
        "60.0.77.10.in-addr.arpa. 12 rack1.lab.test."
      ])
  }

  @Test func anAddressThatALeaseGaveToAnotherIsNoLongerTheNodes() throws {
    var bench = try Self.bench([Self.node("rack1", mac: "52:54:00:00:00:01")])
    bench.lease(Self.address, to: 5, called: "pc")
    #expect(try bench.ask("rack1.lab.test").answers == [])
    #expect(
      try bench.ask("60.0.77.10.in-addr.arpa", DNSType.ptr).answers == [
        "60.0.77.10.in-addr.arpa. 12 pc.lab.test."
      ])
  }

  @Test func aNodeThatGotAnotherAddressFromThePoolIsFoundThere() throws {
    let pool = Pool(IPv4Address(10, 77, 0, 50), IPv4Address(10, 77, 0, 199))
    var bench = try Self.bench([Self.node("rack1", mac: "52:54:00:00:00:01")], pool: pool)
    #expect(try bench.ask("rack1.lab.test").answers == ["rack1.lab.test. 1 10.77.0.60"])
    bench.lease(IPv4Address(10, 77, 0, 100), to: 1)
    #expect(try bench.ask("rack1.lab.test").answers == ["rack1.lab.test. 1 10.77.0.100"])
    #expect(try bench.ask("rack1.lab.test", DNSType.sshfp).answers.count == 1)
    bench.now = bench.now + .seconds(7200)
    #expect(try bench.ask("rack1.lab.test").answers == ["rack1.lab.test. 1 10.77.0.60"])
  }

  @Test func aClientThatCallsItselfANodeIsNot() throws {
    var bench = try Self.bench([Self.node("rack9", [], mac: "52:54:00:00:00:09")])
    bench.lease(IPv4Address(10, 77, 0, 105), to: 5, called: "rack9")
    #expect(try bench.ask("rack9.lab.test").answers == [])
    #expect(try bench.ask("rack9.lab.test").code == 0)
  }

  @Test func theZoneIsTransferredToNobody() throws {
    var bench = try Self.bench([Self.node("rack9")])
    #expect(try bench.ask("lab.test", DNSType.axfr).code == 5)
  }

  @Test func withoutAZoneNoNodeHasAName() throws {
    var bench = try Self.bench([])
    bench.catalog = Catalog(subnets: bench.catalog.subnets)
    #expect(Self.take(Self.node("rack9"), &bench) == nil)
    #expect(bench.service.nodes.isEmpty)
  }
}
