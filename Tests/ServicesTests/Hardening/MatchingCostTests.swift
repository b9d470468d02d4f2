import Boot
import Network
import Services
import Testing
import Wire

/// Hardening case 9: what a client says of itself is compared, never run.
@Suite("Case 9: the cost of matching") struct MatchingCostTests {
  /// 500 profiles that look at the vendor class, as an operator might mistake them for expressions.
  static func catalog(_ vendors: [String]) -> Catalog {
    Catalog(
      interfaces: [Interface(name: "eth1", number: 2, dhcp: .authoritative)],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth1",
          pools: [DHCPBench.pool], ownAddress: DHCPBench.own)
      ],
      profiles: vendors.enumerated().map { index, vendor in
        Profile(name: "p\(index)", match: Match(vendors: [vendor]), boot: .local)
      })
  }

  @Test("Case 9: a pattern is the beginning of a text, letter by letter")
  func aPatternIsText() {
    var bench = DHCPBench()
    bench.catalog = Self.catalog(["(a+)+$", ".*", "[a-z]{1,65535}"])
    for (vendor, profile) in [
      (String(repeating: "a", count: 255), nil), ("(a+)+$!", "p0"), (".*", "p1"), ("x", nil),
    ] as [(String, String?)] {
      var sighting = Sighting(macAddress: DHCPBench.mac(1))
      sighting.vendorClass = Array(vendor.utf8)
      var reasons: [Reason] = []
      let decision = bench.catalog.decide(
        for: sighting, on: bench.catalog.subnets.first, provisions: ProvisionTable(),
        reasons: &reasons)
      #expect(decision.profile?.name == profile)
    }
  }

  @Test("Case 9: a rule tried is a reason, and there are no more than rules")
  func theWorkIsThatOfTheRules() {
    let almost = String(repeating: "a", count: 254)
    let catalog = Self.catalog((0..<500).map { "\(almost)\($0)" })
    for count in [0, 1, 254, 255, 300, 4_000] {
      var bench = DHCPBench()
      bench.catalog = catalog
      var discover = DHCPBench.question(.discover, 1)
      discover[60] = [UInt8](repeating: 0x61, count: count)
      bench.send(discover)
      #expect(!bench.facts.isEmpty)
      #expect(bench.reasonCount <= 2 * (500 + 20), "\(bench.reasonCount)")
      let kept = bench.service.sightings[DHCPBench.mac(1)]?.vendorClass.count ?? 0
      #expect(kept <= 255)
    }
  }

  @Test("Case 9: what clients say is kept for so many of them, and no more")
  func whatIsKeptIsBounded() {
    var bench = DHCPBench()
    bench.service = DHCPService(sightingLimit: 64)
    for number in 0..<2_000 as Range<UInt64> {
      let address = MACAddress(number: 0x0200_0000_0000 + number)
      var discover = DHCPBench.question(.discover, address)
      let text = [UInt8](repeating: UInt8(number % 256), count: 255)
      for code: UInt8 in [12, 60, 61, 77] { discover[code] = text }
      bench.send(discover)
    }
    #expect(bench.service.sightings.count == 64 && bench.service.leases.count <= 10)
  }
}
