import Boot
import EventLoop
import Network
import Testing

@testable import Appliance

@Suite("Node directory", .serialized) struct NodeDirectoryTests {
  private static let line =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP6kq+q/Vu8bxjBfIVI0pCaVAaCDCqGh8lqsLHRo02C3"
  /// By `ssh-keygen -r`.
  private static let digest = "b724de95616b330a0713bfcd28ec4e861d845194e15124e507858bc8c0fa141b"

  private static func node(_ name: String, at second: Int64 = 0) -> ProvisionedNode {
    ProvisionedNode(
      name: name, site: "here", addresses: [IPv4Address(10, 77, 0, 60)],
      hostKeys: [HostKey(line: line)].compactMap(\.self),
      installed: Instant(nanoseconds: second))
  }

  private static func catalog() throws -> Catalog {
    let network = try #require(IPv4Prefix("10.77.0.0/24"))
    var draft = ZoneDraft(
      forward: DomainName("lab.test"), host: "box", networks: [network], serial: 1)
    draft.add(try #require(DomainName("www.lab.test")), IPv4Address(10, 77, 0, 9))
    return Catalog(
      site: "here", subnets: [Subnet(network: network, interface: "s0")], zones: draft.zones())
  }

  @Test func aKeysFingerprintIsThatOfSSH() throws {
    let directory = NodeDirectory(try EventLoop())
    let key = try #require(HostKey(line: Self.line))
    #expect(directory.fingerprint(of: key)?.text == "4 2 " + Self.digest)
    let text = try Self.catalog().fingerprintRecords(
      [Self.node("rack1")], fingerprint: directory.fingerprint(of:))
    #expect(text == "rack1.lab.test. 300 IN SSHFP 4 2 \(Self.digest)\n")
  }

  @Test func aTakenNameIsToldOnce() throws {
    let directory = NodeDirectory(try EventLoop())
    let catalog = try Self.catalog()
    var names = NodeNames()
    let nodes = [Self.node("RACK1", at: 2), Self.node("rack1", at: 1), Self.node("www", at: 3)]
    let events = directory.renew(nodes, catalog, into: &names)
    #expect(
      events.map(\.fact) == [
        .nameTaken(node: "RACK1", by: "rack1"), .nameTaken(node: "www", by: "the configuration"),
      ])
    #expect(directory.renew(nodes, catalog, into: &names).isEmpty)
    #expect(directory.take(nodes[0], catalog, into: &names) == nil)
    // Once the other is gone the name is free; whoever comes then is told anew.
    #expect(directory.renew([nodes[0]], catalog, into: &names).isEmpty)
    #expect(
      directory.take(nodes[1], catalog, into: &names)?.fact
        == .nameTaken(node: "rack1", by: "RACK1"))
    let name = try #require(DomainName("rack1.lab.test"))
    #expect(names.record(name)?.name == "RACK1")
    #expect(names.record(name)?.fingerprints.count == 1)
  }
}
