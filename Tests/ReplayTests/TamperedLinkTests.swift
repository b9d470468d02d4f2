import Boot
import Bytes
import Network
import RecordedPackets
import Replay
import Services
import Testing
import Wire

/// A machine to which answers come otherwise than they were sent.
private struct TamperedMachine: BootClient {
  var machine: BootMachine
  let tamper: @Sendable (SentDatagram) -> SentDatagram

  var macAddress: MACAddress { machine.macAddress }
  var address: IPv4Address? { machine.address }
  var nextDeadline: Instant? { machine.nextDeadline }
  var progress: BootProgress { machine.progress }

  mutating func begin(at now: Instant, into requests: inout [ClientRequest]) {
    machine.begin(at: now, into: &requests)
  }

  mutating func receive(
    _ datagram: SentDatagram, at now: Instant, into requests: inout [ClientRequest]
  ) {
    machine.receive(tamper(datagram), at: now, into: &requests)
  }

  mutating func receive(
    _ response: ClientResponse, on connection: Int, at now: Instant,
    into requests: inout [ClientRequest]
  ) {
    machine.receive(response, on: connection, at: now, into: &requests)
  }

  mutating func timeout(at now: Instant, into requests: inout [ClientRequest]) {
    machine.timeout(at: now, into: &requests)
  }
}

/// Each of a server's classic mistakes ends the boot of the firmware that minds it, with its reason.
@Suite struct TamperedLinkTests {
  struct Row: CustomTestStringConvertible {
    let name: String
    let model: FirmwareModel
    var network = BootBench.Network.authoritative
    let step: BootStep
    /// What the reason holds.
    let reason: String
    let tamper: @Sendable (SentDatagram) -> SentDatagram
    var testDescription: String { name }
  }

  private static func altering(
    _ change: @escaping @Sendable (inout DHCPMeaning) -> Void
  ) -> @Sendable (SentDatagram) -> SentDatagram {
    return { datagram in
      guard var meaning = DHCPMeaning(reading: datagram.payload) else { return datagram }
      change(&meaning)
      return datagram.with(meaning.encoded())
    }
  }

  private static let rows = [
    Row(
      name: "NAK to each REQUEST", model: .ipxeROM, step: .address, reason: "says NAK",
      tamper: altering { reply in
        guard reply.type == .ack else { return }
        reply.options.removeAll { $0.code == DHCPOption.messageType }
        reply.options.append(DHCPMeaning.Option(code: DHCPOption.messageType, value: [6]))
      }),
    Row(
      name: "option 60 missing for HTTPClient", model: .edk2HTTPx64, step: .address,
      reason: "option 60: is not HTTPClient",
      tamper: altering { $0.options.removeAll { $0.code == 60 } }),
    Row(
      name: "siaddr 0 towards a proxied iPXE", model: .ipxeROM, network: .proxied,
      step: .bootServer, reason: "siaddr: is 0.0.0.0",
      tamper: altering { $0.header.serverAddress = .unspecified }),
    Row(
      name: "4011 answered to port 68", model: .edk2PXEx64, network: .proxied, step: .bootServer,
      reason: "port: it was sent to port 68, and 4011 listens",
      tamper: { $0.destination.port == 4011 ? $0.toPort68 : $0 }),
    Row(
      name: "option 43 without 6 = 8", model: .edk2PXEx64, step: .bootServer,
      reason: "option 43: has no 6 = 8",
      tamper: altering {
        guard $0.header.yourAddress != .unspecified else {
          $0.options = []
          return
        }
        $0.options.append(DHCPMeaning.Option(code: 60, value: Array("PXEClient".utf8)))
        // Of an ordinary server: nobody listens on its port 4011.
        $0.header.serverAddress = IPv4Address(10, 77, 0, 77)
      }),
    Row(
      name: "OACK answering tsize that was not asked", model: .edk2PXEx64, step: .bootFile,
      reason: "tsize: is answered and was not asked for",
      tamper: { datagram in
        datagram.payload.starts(with: [0, 6])
          ? datagram.with(datagram.payload + Array("tsize\u{0}9\u{0}".utf8)) : datagram
      }),
    Row(
      name: "the Raspberry Pi's menu missing", model: .raspberryPi4, step: .address,
      reason: "option 43: holds no menu",
      tamper: altering { $0.options.removeAll { $0.code == 43 } }),
    Row(
      name: "the file only in option 67 for U-Boot", model: .ubootARM64, step: .bootFile,
      reason: "67",
      tamper: altering { reply in
        reply.file = []
        reply.header.serverAddress = IPv4Address(10, 77, 0, 77)
        reply.options.append(DHCPMeaning.Option(code: 67, value: Array("boot.scr".utf8)))
      }),
  ]

  @Test(arguments: rows) func aMistakeIsNamedByWhomItHurts(_ row: Row) {
    var bench = BootBench()
    bench.network = row.network
    var link = bench.link
    link.add(
      TamperedMachine(
        machine: BootMachine(row.model, BootBench.identity()), tamper: row.tamper))
    link.run(until: .start + .seconds(3600))
    guard case .failed(let step, let reason) = link.clients[0].progress else {
      return #expect(Bool(false), "\(link.clients[0].progress)")
    }
    #expect(step == row.step && reason.contains(row.reason), "\(step): \(reason)")
  }

  /// Whatever stands in an answer, a model takes it or drops it.
  @Test(arguments: FirmwareModel.allCases) func noOctetOfAnAnswerTraps(_ model: FirmwareModel) {
    let bench = BootBench()
    var server = bench.server
    var first = BootMachine(model, BootBench.identity())
    var requests: [ClientRequest] = []
    first.begin(at: .start, into: &requests)
    guard case .datagram(let source, let destination, let octets) = requests.first else {
      return #expect(Bool(false), "it sends nothing")
    }
    var outcomes: [Outcome] = []
    server.appliance.receive(
      octets,
      from: Arrival(
        source: source, destination: destination, local: BootBench.own, interface: 2),
      at: .start, into: &outcomes)
    guard let answer = outcomes.sent.first else { return #expect(Bool(false), "no answer") }
    var taken = 0
    for index in answer.payload.indices {
      for value: UInt8 in [0, 1, 255] {
        var payload = answer.payload
        payload[index] = value
        var machine = first
        var requests: [ClientRequest] = []
        machine.receive(answer.with(payload), at: .start, into: &requests)
        while requests.isEmpty, let due = machine.nextDeadline, due < .start + .seconds(6) {
          machine.timeout(at: due, into: &requests)
        }
        taken += requests.count
      }
    }
    for count in 0..<answer.payload.count {
      var machine = first
      machine.receive(
        answer.with(Array(answer.payload.prefix(count))), at: .start, into: &requests)
    }
    #expect(taken > 0)
  }
}

extension SentDatagram {
  func with(_ payload: [UInt8]) -> SentDatagram {
    SentDatagram(
      source: source, destination: destination, hardware: hardware, interface: interface,
      payload: payload)
  }

  fileprivate var toPort68: SentDatagram {
    SentDatagram(
      source: source, destination: Endpoint(destination.address, 68), hardware: hardware,
      interface: interface, payload: payload)
  }
}
