import Boot
import Network
import Services
import Testing
import Wire

/// Hardening case 8: who asks for an address that it cannot have hears so from who gives the
/// addresses here, and nothing from anybody else.
@Suite("Case 8: REQUESTs for what is not theirs") struct RefusalTests {
  var bench = DHCPBench()

  /// As a client asks in each state, for an address.
  static func requests(_ address: IPv4Address) -> [DHCPBench.Question] {
    var reboot = DHCPBench.question(.request, 3)
    reboot[50] = octets(address)
    var renewal = DHCPBench.question(.request, 3)
    renewal.header.clientAddress = address
    renewal.source = Endpoint(address, 68)
    renewal.destination = DHCPBench.own
    var rebind = renewal
    rebind.destination = .broadcast
    return [reboot, renewal, rebind]
  }

  @Test("Case 8: an address outside of our subnets, asked for again after each NAK")
  mutating func anAddressOfElsewhereIsRefusedEachTime() {
    for _ in 0..<3 {
      for (index, request) in Self.requests(IPv4Address(192, 168, 1, 5)).enumerated() {
        bench.send(request)
        // A unicast from a network that is not ours is a stranger's, or another server's client.
        #expect(bench.answer?.type == (index == 1 ? nil : .nak))
      }
    }
    #expect(bench.service.leases.count == 0)
    #expect(bench.boot(3) != nil)
  }

  @Test("Case 8: another machine's lease, in each state")
  mutating func anothersLeaseIsRefused() throws {
    let booted = bench.boot(1)
    let taken = try #require(booted)
    for request in Self.requests(taken) {
      bench.send(request)
      #expect(bench.answer?.type == .nak && bench.stored.isEmpty)
    }
    let holder = bench.service.leases.client(at: taken, at: bench.now)
    #expect(holder?.macAddress == DHCPBench.mac(1))
  }

  @Test("Case 8: an address of ours that no pool has, in each state")
  mutating func anAddressOfNoPoolIsRefused() {
    for request in Self.requests(IPv4Address(10, 77, 9, 9)) {
      bench.send(request)
      #expect(bench.answer?.type == .nak && bench.stored.isEmpty)
    }
  }

  /// Unlike RFC 2131 §4.3.2 wants it of a server without a record: a box that lost its leases would
  /// else cut off every machine that runs.
  @Test("Case 8: a lease that we do not know goes on when its address is free and of a pool")
  mutating func aForgottenLeaseGoesOn() {
    for request in Self.requests(IPv4Address(10, 77, 1, 12)) {
      bench.send(request)
      #expect(bench.answer?.type == .ack && bench.answer?.address == IPv4Address(10, 77, 1, 12))
    }
  }

  @Test(
    "Case 8: where we do not give the addresses, nobody is refused",
    arguments: [Interface.Mode.proxy, .off],
    [
      IPv4Address(192, 168, 1, 5), IPv4Address(10, 77, 1, 10), IPv4Address(10, 77, 9, 9),
      IPv4Address(0), .broadcast,
    ])
  mutating func nobodyElseRefuses(_ mode: Interface.Mode, _ address: IPv4Address) {
    bench.catalog = DHCPBench.catalog(mode: mode)
    for request in Self.requests(address) {
      bench.send(request)
      #expect(bench.kinds.isEmpty)
    }
  }
}
