import Boot
import Network
import Services
import Testing
import Wire

/// A catalog is replaced while leases of the old one are out; leases come back from the store.
@Suite struct DHCPReloadTests {
  var bench = DHCPBench()
  let first = IPv4Address(10, 77, 1, 10)

  private func reboot(_ machine: UInt8, _ address: IPv4Address) -> DHCPBench.Question {
    var request = DHCPBench.question(.request, machine)
    request[50] = octets(address)
    return request
  }

  @Test("Case 11: a lease that no pool holds any more is refused, and another offered")
  mutating func aShrunkPoolTakesItsLeasesBack() {
    bench.boot(1)
    bench.catalog = DHCPBench.catalog(
      generation: 2, pools: [Pool(IPv4Address(10, 77, 1, 15), IPv4Address(10, 77, 1, 19))])
    bench.send(reboot(1, first))
    #expect(bench.answer?.type == .nak)
    #expect(bench.boot(1) == IPv4Address(10, 77, 1, 15))
  }

  @Test mutating func aMovedReservationIsTakenAtTheNextReboot() {
    #expect(bench.boot(0xa1) == IPv4Address(10, 77, 0, 7))
    bench.catalog = DHCPBench.catalog(generation: 2, reservation: IPv4Address(10, 77, 0, 8))
    bench.send(reboot(0xa1, IPv4Address(10, 77, 0, 7)))
    #expect(bench.answer?.type == .nak)
    #expect(bench.boot(0xa1) == IPv4Address(10, 77, 0, 8))
  }

  @Test mutating func aReservationOfALeasedAddressWaitsForItsHolder() {
    bench.boot(1)
    bench.catalog = DHCPBench.catalog(generation: 2, reservation: first)
    bench.send(DHCPBench.question(.discover, 0xa1))
    #expect(bench.answer?.type == .offer && bench.answer?.address != first)
    #expect(bench.facts.contains("reservation.taken"))
    // The holder may not renew it, and then its owner has it.
    var renewal = DHCPBench.question(.request, 1)
    renewal.header.clientAddress = first
    renewal.destination = DHCPBench.own
    bench.send(renewal)
    #expect(bench.answer?.type == .nak)
    bench.now = bench.now + .seconds(3601)
    #expect(bench.boot(0xa1) == first)
  }

  @Test mutating func aFullPoolIsSearchedAgainWithANewCatalog() {
    let pool = Pool(first, IPv4Address(10, 77, 1, 11))
    bench.catalog = DHCPBench.catalog(pools: [pool], reservation: IPv4Address(10, 77, 1, 11))
    bench.boot(1)
    bench.send(DHCPBench.question(.discover, 2))
    #expect(bench.answer == nil)
    bench.catalog = DHCPBench.catalog(generation: 2, pools: [pool])
    #expect(bench.boot(2) == IPv4Address(10, 77, 1, 11))
  }

  @Test mutating func aStoredLeaseHoldsAfterTheRestart() {
    bench.boot(1)
    bench.boot(2)
    let kept = bench.service.leases.leases(at: bench.now)
    bench.service = DHCPService()
    for lease in kept { bench.service.restore(lease) }
    #expect(bench.boot(3) == IPv4Address(10, 77, 1, 12))
    #expect(bench.boot(2) == IPv4Address(10, 77, 1, 11))
    bench.send(reboot(3, first))
    #expect(bench.answer?.type == .nak)
  }

  @Test mutating func anOperatorsReleaseEndsALease() {
    bench.boot(1)
    var actions = Actions()
    #expect(bench.service.release(first, at: bench.now, into: &actions))
    #expect(actions.list.first == .erase(first))
    #expect(!bench.service.release(first, at: bench.now, into: &actions))
    #expect(bench.service.sighting(at: first, at: bench.now) == nil)
  }

  @Test mutating func theMachineAtAnAddressIsKnown() {
    bench.boot(1) { $0[93] = [0, 7] }
    let sighting = bench.service.sighting(at: first, at: bench.now)
    #expect(sighting?.macAddress == DHCPBench.mac(1))
    #expect(sighting?.architecture == .x8664EFI)
    bench.now = bench.now + .seconds(3601)
    #expect(bench.service.sighting(at: first, at: bench.now) == nil)
  }
}
