import Boot
import Network
import Testing

@Suite("Case 16: the quota of newcomers") struct NewcomerQuotaTests {
  typealias Place = NewcomerQuota.Place
  var quota = NewcomerQuota()
  let wire = Place(interface: 2)

  func port(_ number: Int) -> Place {
    Place(interface: 2, relay: IPv4Address(10, 0, 0, 1), port: Array("p\(number)".utf8))
  }

  @Test("Case 16: a port is full before its relay")
  mutating func aPortIsFullFirst() {
    let port = port(1)
    for _ in 0..<NewcomerQuota.limitOfPort {
      #expect(quota.full(for: port, isNewcomer: true, at: .start) == nil)
      quota.hold(at: port, at: .start)
    }
    #expect(quota.full(for: port, isNewcomer: true, at: .start) == port)
    #expect(quota.full(for: port, isNewcomer: false, at: .start) == nil)
    #expect(quota.full(for: self.port(2), isNewcomer: true, at: .start) == nil)
    quota.take(at: port)
    #expect(quota.full(for: port, isNewcomer: true, at: .start) == nil)
    #expect(quota.held(at: port.whole, at: .start) == NewcomerQuota.limitOfPort - 1)
    quota.hold(at: port, at: .start)
    #expect(quota.full(for: port, isNewcomer: true, at: .start + .seconds(60)) == nil)
    for _ in NewcomerQuota.limitOfPort..<NewcomerQuota.limit { quota.hold(at: port, at: .start) }
    #expect(quota.full(for: port, isNewcomer: false, at: .start) == port)
    #expect(quota.full(for: self.port(2), isNewcomer: false, at: .start) == nil)
  }

  @Test("Case 16: an interface is full for who is new, and tells it once a minute")
  mutating func anInterfaceIsFull() {
    for _ in 0..<NewcomerQuota.limit { quota.hold(at: wire, at: .start) }
    #expect(quota.full(for: wire, isNewcomer: true, at: .start) == wire)
    #expect(quota.full(for: wire, isNewcomer: false, at: .start) == nil)
    let alarms = (0..<120).filter { quota.alarm(at: wire, at: .start + .seconds($0)) }
    #expect(alarms == [0, 60])
  }

  @Test("Case 16: places are bounded, and a take without a hold is none")
  mutating func placesAreBounded() {
    quota.take(at: port(0))
    for number in 0..<3 * NewcomerQuota.placeLimit { quota.hold(at: port(number), at: .start) }
    #expect(quota.held(at: port(0).whole, at: .start) == 3 * NewcomerQuota.placeLimit)
    #expect(quota.held(at: port(2 * NewcomerQuota.placeLimit), at: .start) == 0)
    // A minute later there is room again.
    let later = Instant.start + .seconds(61)
    let late = port(2 * NewcomerQuota.placeLimit)
    quota.hold(at: late, at: later)
    #expect(quota.held(at: late, at: later) == 1)
    var told = 0
    for number in 0..<100 where quota.alarm(at: port(number), at: later) { told += 1 }
    #expect(told == NewcomerQuota.alarmLimit)
  }
}
