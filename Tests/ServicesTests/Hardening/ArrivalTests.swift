import Boot
import Network
import Services
import Testing
import Wire

/// Hardening cases 14 and 18: one machine by many names, and a server with many addresses.
@Suite struct ArrivalTests {
  var bench = DHCPBench()

  @Test(
    "Case 14: firmware, iPXE and the system keep one address in any order",
    arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [0, 3, 0, 1, 2], [2, 2, 0, 3, 1]])
  mutating func oneMachineHasOneAddress(_ order: [Int]) {
    let duid: [UInt8] = [0xff, 0x52, 0x54, 0, 1, 0, 4] + [UInt8](repeating: 9, count: 16)
    let stages: [[UInt8: [UInt8]]] = [
      [60: Array("PXEClient:Arch:00007:UNDI:003016".utf8), 93: [0, 7], 97: [0] + duid.suffix(16)],
      [61: [1, 0x52, 0x54, 0, 0, 0, 1], 77: Array("iPXE".utf8), 93: [0, 7]],
      [61: duid, 12: Array("installer".utf8)],
      [61: [0] + Array("pod-7".utf8), 12: Array("node".utf8), 60: Array("systemd".utf8)],
    ]
    var addresses: Set<IPv4Address> = []
    for stage in order {
      let address = bench.boot(1) { question in
        for (code, value) in stages[stage] { question[code] = value }
      }
      if let address { addresses.insert(address) }
      bench.now = bench.now + .seconds(40)
      bench.boot(UInt8(10 + stage))
    }
    #expect(addresses == [IPv4Address(10, 77, 1, 10)])
  }

  struct Row: Sendable {
    /// The kernel's number of the interface, and our address there that the kernel named.
    let interface: Int32
    let local: IPv4Address
    /// Option 54.
    let identifier: IPv4Address
  }

  static let rows = [
    Row(interface: 2, local: DHCPBench.own, identifier: DHCPBench.own),
    // A second address of the interface, within the subnet and outside: the subnet's own counts.
    Row(interface: 2, local: IPv4Address(10, 77, 0, 9), identifier: DHCPBench.own),
    Row(interface: 2, local: IPv4Address(192, 168, 7, 1), identifier: DHCPBench.own),
    // No address of ours is known within the subnet: that of the arrival.
    Row(
      interface: 3, local: IPv4Address(10, 79, 0, 2), identifier: IPv4Address(10, 79, 0, 2)),
    Row(
      interface: 3, local: IPv4Address(172, 17, 0, 1), identifier: IPv4Address(172, 17, 0, 1)),
  ]

  @Test(
    "Case 18: a reply leaves from the interface and address of its arrival, and names our own",
    arguments: rows)
  mutating func aReplyLeavesWhereItCameIn(_ row: Row) {
    for type in [DHCPMessageType.discover, .request, .inform] {
      for flags: UInt16 in [0, 0x8000] {
        var question = DHCPBench.question(type, 1)
        let address = row.interface == 2 ? IPv4Address(10, 77, 1, 11) : IPv4Address(10, 79, 0, 101)
        question.interface = row.interface
        question.local = row.local
        question.header.flags = flags
        if type == .inform { question.header.clientAddress = address }
        if type == .request { question[50] = octets(address) }
        bench.send(question)
        #expect(bench.answer?.reply.interface == row.interface)
        #expect(bench.answer?.reply.source == Endpoint(row.local, 67))
        #expect(bench.answer?.meaning[54] == octets(row.identifier))
      }
    }
  }

  @Test("Case 18: after our address has changed, replies name the new one, and both are ours")
  mutating func aNewAddressIsNamed() throws {
    let booted = bench.boot(1)
    let address = try #require(booted)
    let new = IPv4Address(10, 77, 0, 2)
    let old = bench.catalog
    let subnets = old.subnets.map { subnet in
      var subnet = subnet
      if subnet.ownAddress != nil { subnet.ownAddress = new }
      return subnet
    }
    bench.catalog = Catalog(
      generation: 2, interfaces: old.interfaces, subnets: subnets, profiles: old.profiles,
      machines: old.machines, defaultProfile: old.defaultProfile, loaders: old.loaders)
    var renewal = DHCPBench.question(.request, 1)
    renewal.header.clientAddress = address
    renewal.local = new
    renewal.destination = new
    bench.send(renewal)
    #expect(bench.answer?.type == .ack && bench.answer?.meaning[54] == octets(new))
    // Who was offered an address before the change names the old one, and is another server's.
    bench.send(DHCPBench.question(.discover, 2))
    #expect(bench.answer?.meaning[54] == octets(new))
    var late = DHCPBench.question(.request, 2)
    late[50] = bench.answer.map { octets($0.address) }
    late[54] = octets(DHCPBench.own)
    late.local = new
    bench.send(late)
    #expect(bench.kinds.isEmpty && bench.facts.contains("offer.declined"))
    #expect(bench.boot(2) != nil)
  }

  @Test("Case 18: an interface that is gone from the configuration is served no more")
  mutating func aGoneInterfaceIsSilent() {
    var discover = DHCPBench.question(.discover, 1)
    discover.interface = 17
    bench.send(discover)
    #expect(bench.kinds.isEmpty && bench.facts == ["packet.dropped"])
  }
}
