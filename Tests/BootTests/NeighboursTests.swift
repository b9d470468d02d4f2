import Boot
import Network
import Testing

@Suite struct NeighboursTests {
  static func mac(_ number: UInt64) -> MACAddress { MACAddress(number: number) }
  static func address(_ number: UInt32) -> IPv4Address { IPv4Address(10 << 24 | number) }

  @Test func theFirstLearntGoesFirst() {
    var neighbours = Neighbours(limit: 3)
    for number in 1...5 as ClosedRange<UInt32> {
      neighbours.learn(Self.mac(UInt64(number)), at: Self.address(number))
      #expect(neighbours.count <= 3)
    }
    let known = (1...5 as ClosedRange<UInt32>).filter {
      neighbours.machine(at: Self.address($0)) != nil
    }
    #expect(known == [3, 4, 5])
  }

  @Test func aMachineHasOneAddress() {
    var neighbours = Neighbours(limit: 3)
    neighbours.learn(Self.mac(1), at: Self.address(1))
    neighbours.learn(Self.mac(1), at: Self.address(2))
    #expect(neighbours.machine(at: Self.address(1)) == nil)
    #expect(neighbours.machine(at: Self.address(2)) == Self.mac(1))
    #expect(neighbours.count == 1)
  }

  @Test func anAddressIsTheLastMachinesThatNamedIt() {
    var neighbours = Neighbours(limit: 3)
    neighbours.learn(Self.mac(1), at: Self.address(1))
    neighbours.learn(Self.mac(2), at: Self.address(1))
    #expect(neighbours.machine(at: Self.address(1)) == Self.mac(2))
    // The first machine comes back, and then moves: the second's address is not touched by that.
    neighbours.learn(Self.mac(1), at: Self.address(3))
    #expect(neighbours.machine(at: Self.address(1)) == Self.mac(2))
    #expect(neighbours.machine(at: Self.address(3)) == Self.mac(1))
  }

  /// Against a model without places: the last word on an address counts, and a machine's former
  /// address is nobody's.
  @Test func manyMovesLeaveNothingBehind() {
    var neighbours = Neighbours(limit: 64)
    var model: [IPv4Address: MACAddress] = [:]
    var seed: UInt64 = 7
    for _ in 0..<5000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let machine = Self.mac(seed >> 33 & 31 | 1)
      let address = Self.address(UInt32(seed >> 45 & 31))
      for (known, owner) in model where owner == machine { model[known] = nil }
      model[address] = machine
      neighbours.learn(machine, at: address)
      for number in 0..<32 as Range<UInt32> {
        #expect(neighbours.machine(at: Self.address(number)) == model[Self.address(number)])
      }
    }
  }
}

@Suite struct OtherServersTests {
  @Test func aServerIsToldOfOnceAnHour() {
    var servers = OtherServers()
    let told = [0, 3599, 3600].map { seconds in
      servers.hear(
        of: IPv4Address(192, 0, 2, 1), isItself: false, at: .start + .seconds(seconds))
    }
    #expect(told == [true, false, true])
  }

  @Test func aFloodOfMadeUpServersIsNotToldForEver() {
    var servers = OtherServers()
    let told = (0..<10_000 as Range<UInt32>).filter {
      servers.hear(of: IPv4Address($0), isItself: true, at: .start)
    }
    #expect(told.count == 32)
  }

  @Test func silenceIsToldAfterThreeSearchesAndTenSeconds() {
    var servers = OtherServers()
    let told = [0, 1, 5, 9, 10, 20].filter { servers.search(on: 2, at: .start + .seconds($0)) }
    #expect(told == [10])
    servers.succeed(on: 2)
    let after = [2, 3].filter { servers.search(on: $0, at: .start + .seconds(30)) }
    #expect(after.isEmpty)
  }
}
