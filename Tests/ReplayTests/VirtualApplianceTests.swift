import Boot
import Network
import Replay
import Services
import Testing

@Suite struct VirtualApplianceTests {
  private static let own = IPv4Address(10, 77, 0, 1)
  private static let client = Endpoint(IPv4Address(10, 77, 0, 9), 2000)

  private func appliance(_ files: [String: [UInt8]]) -> VirtualAppliance {
    let catalog = Catalog(interfaces: [Interface(name: "s0", number: 1, dhcp: .proxy)])
    return VirtualAppliance(
      World(catalog: catalog) { _, path in files[path.description].map { WorldFile($0) } })
  }

  private func arrival(_ port: UInt16) -> Arrival {
    Arrival(
      source: Self.client, destination: Endpoint(Self.own, port), local: Self.own, interface: 1)
  }

  @Test func aFileLeavesInBlocksFromAPortOfItsOwn() {
    var appliance = appliance(["a": [UInt8](repeating: 7, count: 600)])
    var outcomes: [Outcome] = []
    appliance.receive(
      [0, 1] + Array("a\0octet\0".utf8), from: arrival(69), at: .start, into: &outcomes)
    guard let first = outcomes.sent.first else { return #expect(Bool(false), "nothing was sent") }
    #expect(first.payload.count == 516)
    #expect(first.source.port != 69)
    outcomes = []
    appliance.receive(
      [0, 4, 0, 1], from: arrival(first.source.port), at: .start, into: &outcomes)
    #expect(outcomes.sent.first?.payload.count == 92)
  }

  @Test func whatIsNotAcknowledgedComesAgainInItsTime() {
    var appliance = appliance(["a": [7]])
    var outcomes: [Outcome] = []
    appliance.receive(
      [0, 1] + Array("a\0octet\0".utf8), from: arrival(69), at: .start, into: &outcomes)
    guard let deadline = appliance.nextDeadline else {
      return #expect(Bool(false), "no deadline")
    }
    let first = outcomes.sent
    outcomes = []
    appliance.timeout(at: deadline, into: &outcomes)
    #expect(outcomes.sent == first)
  }

  @Test func aRequestFindsWhatItIsSupplied() {
    var appliance = appliance(["a": [7]])
    var outcomes: [Outcome] = []
    let id = ConnectionID(1)
    appliance.connect(id, from: arrival(80))
    let head = Array("GET /files/a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    appliance.receive(head, on: id, supplying: .missing, at: .start, into: &outcomes)
    appliance.receive(
      head, on: id, supplying: .file(WorldFile([1, 2, 3])), at: .start, into: &outcomes)
    appliance.receive(head, on: id, at: .start, into: &outcomes)
    let files = outcomes.compactMap { outcome -> [UInt8]? in
      if case .respondedFile(_, let file, let offset, let count) = outcome {
        return file.octets(from: offset, count: count)
      }
      return nil
    }
    #expect(files == [[1, 2, 3], [7]])
  }
}

extension [Outcome] {
  var sent: [SentDatagram] {
    compactMap { if case .sent(let datagram) = $0 { datagram } else { nil } }
  }
}
