import Boot
import Network
import Testing

@Suite struct LeaseTableTests {
  static let pool = Pool(IPv4Address(10, 0, 0, 10), IPv4Address(10, 0, 0, 13))
  static let network = IPv4Prefix(IPv4Address(10, 0, 0, 0), length: 24)
  var table = LeaseTable()
  let now = Instant.start

  func client(_ last: UInt8) -> ClientIdentity { .hardware(MACAddress(2, 0, 0, 0, 0, last)) }
  func address(_ last: UInt8) -> IPv4Address { IPv4Address(10, 0, 0, last) }

  private mutating func lease(_ last: UInt8, _ machine: UInt8, seconds: Int64 = 60) {
    let lease = Lease(
      address: address(last), client: client(machine), expiry: now + .seconds(seconds))
    _ = table.grant(lease, within: Self.network)
  }

  private mutating func free(at now: Instant) -> IPv4Address? {
    table.freeAddress(in: Self.pool, at: now) { _ in false }
  }

  @Test mutating func freshAddressesComeBeforeUsedOnes() {
    lease(10, 1, seconds: 1)
    let later = now + .seconds(2)
    #expect(free(at: later) == address(11))
    for last: UInt8 in 11...13 { lease(last, last) }
    #expect(free(at: later) == address(10))
  }

  @Test mutating func whatIsReservedIsPassedOver() {
    let unreserved = table.freeAddress(in: Self.pool, at: now) { $0 != IPv4Address(10, 0, 0, 13) }
    #expect(unreserved == address(13))
    let none = table.freeAddress(in: Self.pool, at: now) { _ in true }
    #expect(none == nil)
  }

  @Test mutating func aFullPoolHasRoomWhenItsFirstLeaseEnds() {
    for last: UInt8 in 10...13 { lease(last, last, seconds: Int64(last)) }
    #expect(free(at: now) == nil)
    #expect(free(at: now + .seconds(9)) == nil)
    #expect(free(at: now + .seconds(10)) == address(10))
  }

  @Test mutating func aFullPoolHasRoomWhenALeaseIsReleased() {
    for last: UInt8 in 10...13 { lease(last, last) }
    #expect(free(at: now) == nil)
    let isReleased = table.release(address(12), by: client(12), at: now)
    #expect(isReleased)
    #expect(free(at: now) == address(12))
  }

  @Test mutating func poolsToTheEndOfTheAddressSpaceAreSearched() {
    let last = Pool(IPv4Address(UInt32.max), IPv4Address(UInt32.max))
    let none = table.freeAddress(in: last, at: now) { _ in true }
    #expect(none == nil)
    table.searchAnew()  // because what is reserved is another now
    let only = table.freeAddress(in: last, at: now) { _ in false }
    #expect(only == .broadcast)
  }

  @Test mutating func aHoldShortensNoLease() {
    lease(10, 1)
    table.hold(address(10), for: client(1), until: now + .seconds(5), at: now)
    #expect(table.binding(of: address(10))?.state == .leased)
    #expect(table.binding(of: address(10))?.expiry == now + .seconds(60))
    table.hold(address(10), for: client(1), until: now + .seconds(90), at: now + .seconds(30))
    #expect(table.binding(of: address(10))?.state == .leased)
    #expect(!table.isFree(address(10), for: client(2), at: now + .seconds(89)))
  }

  @Test mutating func aNewHoldFreesTheFormer() {
    table.hold(address(10), for: client(1), until: now + .seconds(60), at: now)
    table.hold(address(11), for: client(1), until: now + .seconds(60), at: now)
    #expect(table.count == 1)
    #expect(table.isFree(address(10), for: client(2), at: now))
    #expect(!table.isFree(address(11), for: client(2), at: now))
  }

  @Test mutating func aNewLeaseEndsTheFormerOfItsNetworkOnly() {
    lease(10, 1)
    let near = Lease(address: address(11), client: client(1), expiry: now + .seconds(60))
    #expect(table.grant(near, within: Self.network) == address(10))
    let far = Lease(
      address: IPv4Address(10, 0, 1, 1), client: client(1), expiry: now + .seconds(60))
    let ended = table.grant(far, within: IPv4Prefix(IPv4Address(10, 0, 1, 0), length: 24))
    #expect(ended == nil)
    #expect(table.leases(at: now).map(\.address) == [address(11), IPv4Address(10, 0, 1, 1)])
  }

  @Test mutating func ofTwoRestoredLeasesTheLaterIsRemembered() {
    for (last, seconds) in [(10, 50), (11, 90), (12, 70)] as [(UInt8, Int64)] {
      table.restore(
        Lease(address: address(last), client: client(1), expiry: now + .seconds(seconds)))
    }
    #expect(table.address(of: client(1)) == address(11))
    #expect(table.leases(at: now + .seconds(60)).count == 2)
  }

  @Test mutating func onlyItsHolderDeclinesAnAddress() {
    lease(10, 1)
    let until = now + .seconds(600)
    let outcomes = [(10, 2), (11, 1), (10, 1), (10, 1)].map { last, machine in
      table.decline(address(last), by: client(machine), until: until, at: now)
    }
    #expect(outcomes == [false, false, true, false])
    #expect(!table.isFree(address(10), for: client(1), at: now))
    #expect(table.isFree(address(10), for: client(1), at: until))
    #expect(table.client(at: address(10), at: now) == nil)
    let isReleased = table.release(address(10), by: client(1), at: now)
    #expect(!isReleased)
  }

  @Test("Case 15: so many addresses are set aside at once, and no more")
  mutating func theQuarantineIsBounded() {
    for last: UInt8 in 1...100 {
      lease(last, last)
      let isSetAside = table.decline(
        address(last), by: client(last), until: now + .seconds(600), at: now)
      #expect(isSetAside)
    }
    let resting = (1...100 as ClosedRange<UInt8>).count {
      !table.isFree(address($0), for: client(200), at: now)
    }
    #expect(resting == LeaseTable.quarantineLimit)
  }

  @Test("Case 16: a pool emptied by OFFERs that nobody takes is kept from newcomers")
  mutating func theRestOfAFloodedPoolIsKept() {
    let pool = Pool(IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 80))
    var taken: UInt8 = 0
    while table.takesNewcomers(pool, at: now),
      let address = table.freeAddress(in: pool, at: now, isReserved: { _ in false })
    {
      taken += 1
      table.hold(address, for: client(taken), until: now + .seconds(60), at: now)
    }
    #expect(taken == 70)
    let rest = table.freeAddress(in: pool, at: now) { _ in false }
    #expect(rest != nil)
    // Those that were never taken up are free after a minute.
    let takesAgain = table.takesNewcomers(pool, at: now + .seconds(60))
    #expect(takesAgain)
  }

  @Test mutating func aPoolThatIsLeasedIsGivenToItsLastAddress() {
    let pool = Pool(IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 80))
    for last: UInt8 in 1...80 {
      let later = now + .milliseconds(Int64(last) * 20)
      let takesNewcomers = table.takesNewcomers(pool, at: later)
      #expect(takesNewcomers)
      guard let address = table.freeAddress(in: pool, at: later, isReserved: { _ in false }) else {
        Issue.record("address \(last) is not given")
        return
      }
      let lease = Lease(address: address, client: client(last), expiry: now + .seconds(600))
      table.hold(address, for: client(last), until: later + .seconds(60), at: later)
      _ = table.grant(lease, within: Self.network)
    }
  }

  @Test mutating func whatWasSetAsideIsTheLastToBeGiven() {
    for last: UInt8 in 10...12 {
      lease(last, last)
      _ = table.decline(address(last), by: client(last), until: now + .seconds(600), at: now)
    }
    #expect(free(at: now) == address(13))
    lease(13, 1)
    #expect(free(at: now) == address(10))
  }
}
