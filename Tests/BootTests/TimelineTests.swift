import Boot
import Network
import Testing

@Suite struct TimelineTests {
  static let machine = MACAddress(2, 0, 0, 0, 0, 1)
  var timeline = Timeline(machines: 4, entries: 8)

  private mutating func record(_ fact: Fact, _ machine: MACAddress? = TimelineTests.machine) {
    timeline.record(Event(fact, macAddress: machine), at: UnixTime(nanoseconds: 7))
  }

  @Test("What an installed system asks of the server beside us is no step of a boot")
  mutating func anothersBusinessIsNotATimelines() {
    record(.packetDropped(.dhcp, .notBooting))
    record(.packetDropped(.dhcp, .othersBusiness))
    record(.machineIgnored, nil)
    #expect(timeline.machines.isEmpty)
    record(.discoverReceived(nil))
    record(.packetDropped(.dhcp, .noSubnet))
    let names = timeline[Self.machine].map(\.event.fact.name)
    #expect(names == ["discover.received", "packet.dropped"])
  }

  @Test mutating func theOldestHalfMakesRoom() {
    for seconds in 0..<9 { record(.logSuppressed(seconds: UInt32(seconds))) }
    #expect(timeline[Self.machine].count == 5)
    #expect(timeline[Self.machine].last?.event.fact == .logSuppressed(seconds: 8))
  }
}
