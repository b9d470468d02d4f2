import Bytes
import Network
import Testing

@testable import Appliance

@Suite("The ring of a machine") struct FlightRingTests {
  private static let client = Endpoint(IPv4Address(10, 77, 1, 1), 2000)
  private static let server = Endpoint(IPv4Address(10, 77, 0, 1), 69)

  private func append(_ octets: [UInt8], _ number: UInt64, to ring: inout FlightRing) {
    ring.append(
      .heard, Self.client, Self.server, first: number, second: 7,
      at: Instant(nanoseconds: Int64(number)), count: octets.count
    ) { $0.write(octets.rawSpan) }
  }

  @Test func recordsComeBackAsTheyWere() {
    var ring = FlightRing(byteCount: 4096)
    append([1, 2, 3], 1, to: &ring)
    append([], 2, to: &ring)
    let records = FlightRecord.all(in: ring.octets(from: 0))
    #expect(
      records == [
        FlightRecord(
          kind: .heard, time: Instant(nanoseconds: 1), client: Self.client, server: Self.server,
          first: 1, second: 7, octets: [1, 2, 3]),
        FlightRecord(
          kind: .heard, time: Instant(nanoseconds: 2), client: Self.client, server: Self.server,
          first: 2, second: 7),
      ])
  }

  @Test func theOldestAreForgottenAndMemoryStays() {
    var ring = FlightRing(byteCount: 4096)
    for number in 1...1000 as ClosedRange<UInt64> {
      append([UInt8](repeating: 0, count: 59), number, to: &ring)
      #expect(ring.octets(from: 0).count <= 4096)
    }
    let numbers = FlightRecord.all(in: ring.octets(from: 0)).map(\.first)
    #expect(numbers.count >= 20)
    #expect(numbers == Array((1000 - UInt64(numbers.count) + 1)...1000))
  }

  @Test func anAttemptBeginsWhereItSaysSo() {
    var ring = FlightRing(byteCount: 4096)
    for number in 1...100 as ClosedRange<UInt64> {
      append([1], number, to: &ring)
      let position = ring.position
      append([2], 1000 + number, to: &ring)
      #expect(FlightRecord.all(in: ring.octets(from: position)).map(\.first) == [1000 + number])
    }
  }

  @Test func whatIsTooLongIsLeftOut() {
    var ring = FlightRing(byteCount: 4096)
    append([UInt8](repeating: 0, count: 4096), 1, to: &ring)
    #expect(ring.octets(from: 0).isEmpty)
  }

  @Test func cutOctetsAreReadAsFarAsTheyGo() {
    var ring = FlightRing(byteCount: 4096)
    for number in 1...3 as ClosedRange<UInt64> { append([1, 2, 3, 4], number, to: &ring) }
    let octets = ring.octets(from: 0)
    for count in 0...octets.count {
      #expect(FlightRecord.all(in: Array(octets.prefix(count))).count == count / 45)
    }
  }
}
