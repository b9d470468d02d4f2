import Boot
import Network
import Testing

@Suite struct NodeTableTests {
  static let mac = MACAddress(0x52, 0x54, 0, 0x12, 0x34, 0x56)
  static let provision = Provision(
    machine: "rack3-07", site: "nbg1", macAddress: mac, state: .installed, since: .start,
    cause: "report")
  static let address = IPv4Address(10, 77, 0, 7)
  static let now = Instant.start + .seconds(60)

  static let ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPq2hiUZDn1mrkoFy7bsEEygsIsFTKqguL4NqXZL4Bvg"
  static let other =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOSxkffQqSkA7lvj0NO4HENrAbhwlRQAEz28QWAy0WA6"
  static let nistp256 =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMOSVFRet1gyjr0vqf9e"
    + "EXzVeOJieGp0ZxOqRrvmqEumVw8ymRgEDOOaFAK2xEUX43LMHBxLaObTIcxkUQZBSF0="

  var table = NodeTable(limit: 2)

  private static func keys(_ lines: String...) -> [HostKey] {
    lines.compactMap { HostKey(line: $0) }
  }

  private mutating func take(
    _ report: ProvisionReport, of provision: Provision = provision, expecting: HostKey? = nil
  ) -> ProvisionOutcome {
    table.take(
      report, of: provision, from: Self.address, expecting: expecting, at: Self.now
    ) {
      IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16).contains($0)
    }
  }

  @Test mutating func aReportMakesANode() throws {
    let outcome = take(
      ProvisionReport(
        state: .installed, hostName: "web1",
        addresses: [
          IPv4Address(10, 77, 9, 9), Self.address, IPv4Address(192, 0, 2, 1), .broadcast,
        ], hostKeys: Self.keys(Self.ed25519), system: "Debian 12", facts: ["cpu": "4"]))
    let node = try #require(table["rack3-07"])
    #expect(node.site == "nbg1" && node.macAddress == Self.mac && node.installed == Self.now)
    #expect(node.hostName == "web1" && node.system == "Debian 12" && node.facts == ["cpu": "4"])
    #expect(node.addresses == [Self.address, IPv4Address(10, 77, 9, 9)])
    #expect(node.hostKeys == Self.keys(Self.ed25519) && node.pendingHostKeys.isEmpty)
    #expect(outcome.changes == [.node(node)])
    #expect(outcome.events.map(\.fact) == [.nodeRegistered(name: "rack3-07")])
    #expect(take(ProvisionReport(state: .installed, hostName: "web1")).isEmpty)
  }

  @Test mutating func pinnedKeysGiveWayToTheOperatorsWordOnly() throws {
    let first = Self.keys(Self.ed25519, Self.nistp256)
    let second = Self.keys(Self.other)
    _ = take(ProvisionReport(state: .installed, hostKeys: first))
    // The same set in another order is the same identity.
    #expect(take(ProvisionReport(hostKeys: first.reversed())).isEmpty)
    let changed = take(ProvisionReport(state: .installed, hostKeys: second))
    #expect(changed.events.map(\.fact.name) == ["node.changed"])
    #expect(table["rack3-07"]?.hostKeys == first)
    #expect(table["rack3-07"]?.pendingHostKeys == second)
    // Said again, it is no news.
    #expect(take(ProvisionReport(hostKeys: second)).isEmpty)
    let trusted = table.trust("rack3-07")
    #expect(trusted.changes.count == 1 && trusted.events.count == 1)
    #expect(table["rack3-07"]?.hostKeys == second)
    #expect(table["rack3-07"]?.pendingHostKeys == [])
    #expect(table.trust("rack3-07").isEmpty)
  }

  @Test mutating func theFormerIdentityReportedAgainLeavesNothingPending() {
    let first = Self.keys(Self.ed25519)
    _ = take(ProvisionReport(hostKeys: first))
    _ = take(ProvisionReport(hostKeys: Self.keys(Self.other)))
    _ = take(ProvisionReport(hostKeys: first))
    #expect(table["rack3-07"]?.pendingHostKeys == [])
  }

  @Test mutating func beyondTheLimitNobodyBecomesANode() {
    for name in ["a", "b", "c"] {
      var provision = Self.provision
      provision.machine = name
      _ = take(ProvisionReport(state: .installed), of: provision)
    }
    #expect(table.all.map(\.name) == ["a", "b"])
    #expect(table.forget("a").changes == [.forgetNode(name: "a")])
    #expect(table.forget("a").isEmpty)
    #expect(table.count == 1)
  }

  @Test mutating func factsOfManyReportsStayBounded() {
    for number in 0..<40 { _ = take(ProvisionReport(facts: ["k\(number)": "v"])) }
    #expect(table["rack3-07"]?.facts.count == ProvisionReport.Limit.facts)
    _ = take(ProvisionReport(facts: ["k1": "other"]))
    #expect(table["rack3-07"]?.facts["k1"] == "other")
  }

  @Test mutating func onlyATurnOfReachabilityIsAnEvent() {
    _ = take(ProvisionReport(state: .installed))
    #expect(table.note(.reachable(Self.now), of: "rack3-07").events.count == 1)
    #expect(table.note(.reachable(Self.now), of: "rack3-07").isEmpty)
    #expect(table.note(.unreachable(Self.now), of: "rack3-07").events.count == 1)
    #expect(table.note(.unreachable(.never), of: "rack3-07").events.isEmpty)
    #expect(table.note(.reachable(.never), of: "rack3-07").events.count == 1)
    #expect(table.note(.reachable(Self.now), of: "nobody").isEmpty)
    #expect(table.all.count == 1)
  }

  @Test mutating func aTimeOfReachabilityIsNoWrite() {
    _ = take(ProvisionReport(state: .installed))
    #expect(table.note(.unreachable(Self.now), of: "rack3-07").changes.count == 1)
    #expect(table.note(.reachable(Self.now), of: "rack3-07").changes.count == 1)
    let later = Self.now + .seconds(60)
    #expect(table.note(.reachable(later), of: "rack3-07").isEmpty)
    #expect(table["rack3-07"]?.reachability == .reachable(later))
    // What is installed anew has yet to answer.
    _ = take(ProvisionReport(state: .installed))
    #expect(table["rack3-07"]?.reachability == .unknown)
  }

  @Test mutating func aKeyThatWasMadeInAdvanceIsPinned() throws {
    let expected = try #require(HostKey(line: Self.ed25519))
    let reported = Self.keys(Self.other, Self.nistp256)
    let outcome = take(ProvisionReport(state: .installed, hostKeys: reported), expecting: expected)
    #expect(table["rack3-07"]?.hostKeys == [expected])
    #expect(table["rack3-07"]?.pendingHostKeys == reported)
    #expect(outcome.events.map(\.fact.name) == ["node.registered", "node.changed"])
    _ = take(
      ProvisionReport(state: .installed, hostKeys: [expected] + reported.suffix(1)),
      expecting: expected)
    #expect(table["rack3-07"]?.hostKeys == [expected])
    #expect(table["rack3-07"]?.pendingHostKeys == [expected] + reported.suffix(1))
  }

  @Test mutating func aKeyThatIsMadeForANodeTakesThePlaceOfItsOwn() throws {
    _ = take(ProvisionReport(state: .installed, hostKeys: Self.keys(Self.other)))
    let expected = try #require(HostKey(line: Self.ed25519))
    let reported = Self.keys(Self.ed25519, Self.nistp256)
    let outcome = take(ProvisionReport(state: .installed, hostKeys: reported), expecting: expected)
    #expect(table["rack3-07"]?.hostKeys == reported)
    #expect(table["rack3-07"]?.pendingHostKeys == [])
    #expect(!outcome.events.contains { $0.fact.name == "node.changed" })
    // From then on nobody else's word will do.
    _ = take(
      ProvisionReport(state: .installed, hostKeys: Self.keys(Self.other)), expecting: expected)
    #expect(table["rack3-07"]?.hostKeys == reported)
    #expect(table["rack3-07"]?.pendingHostKeys == Self.keys(Self.other))
  }
}
