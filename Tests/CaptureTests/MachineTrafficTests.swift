import Bytes
import Capture
import EventLoop
import Foundation
import Network
import Testing
import Wire

struct MachineTrafficTests {
  private static let one = MACAddress(0x52, 0x54, 0, 0x77, 1, 1)
  private static let two = MACAddress(0x52, 0x54, 0, 0x77, 1, 2)
  private static let server = MACAddress(0x52, 0x54, 0, 0x77, 0, 1)
  private static let router = MACAddress(0x52, 0x54, 0, 0x77, 0, 9)
  private static let serverAddress = IPv4Address(10, 77, 0, 1)
  private static let address = IPv4Address(10, 77, 0, 100)

  @Test func aMachineIsKnownByItsMessagesAndThenByItsAddress() {
    var traffic = MachineTraffic(limit: 8)
    #expect(traffic.machine(of: Self.message(from: Self.one)) == Self.one)
    // A reply behind a relay: from server to router, and the machine stands in the message only.
    #expect(traffic.machine(of: Self.message(to: Self.one, Self.address)) == Self.one)
    let request = Self.datagram(
      Endpoint(Self.address, 2070), Self.router, to: Endpoint(Self.serverAddress, 69),
      Self.server, [0, 1, 97, 0])
    #expect(traffic.machine(of: request) == Self.one)
    let data = Self.datagram(
      Endpoint(Self.serverAddress, 40_000), Self.server, to: Endpoint(Self.address, 2070),
      Self.router, [0, 3, 0, 1, 7])
    #expect(traffic.machine(of: data) == Self.one)
    #expect(traffic.machines == [Self.one])
  }

  @Test func anotherTransferOfAKnownMachineIsNotTakenUnlessItAsked() {
    var traffic = MachineTraffic(limit: 8)
    _ = traffic.machine(of: Self.message(to: Self.one, Self.address))
    let stray = Self.datagram(
      Endpoint(Self.serverAddress, 40_000), Self.server, to: Endpoint(Self.address, 2071),
      Self.one, [0, 3, 0, 1, 7])
    #expect(traffic.machine(of: stray) == nil)
  }

  @Test func aRequestOfNobodysAddressMakesAMachine() {
    var traffic = MachineTraffic(limit: 8)
    let request = Self.datagram(
      Endpoint(Self.address, 2070), Self.two, to: Endpoint(Self.serverAddress, 69), Self.server,
      [0, 1, 97, 0])
    #expect(traffic.machine(of: request) == Self.two)
  }

  @Test func namesAndHTTPMakeNoMachine() {
    var traffic = MachineTraffic(limit: 8)
    let question = Self.datagram(
      Endpoint(Self.address, 5353), Self.two, to: Endpoint(Self.serverAddress, 53), Self.server,
      [1])
    #expect(traffic.machine(of: question) == nil)
    _ = traffic.machine(of: Self.message(from: Self.two))
    #expect(traffic.machine(of: question) == Self.two)
  }

  @Test func anAddressThatAnotherMachineGetsIsThatMachines() {
    var traffic = MachineTraffic(limit: 8)
    _ = traffic.machine(of: Self.message(to: Self.one, Self.address))
    _ = traffic.machine(of: Self.message(to: Self.two, Self.address))
    let question = Self.datagram(
      Endpoint(Self.address, 5353), Self.router, to: Endpoint(Self.serverAddress, 53),
      Self.server, [1])
    #expect(traffic.machine(of: question) == Self.two)
  }

  @Test func machinesAreBoundedAndMayBeChosen() {
    var traffic = MachineTraffic(limit: 1)
    #expect(traffic.machine(of: Self.message(from: Self.one)) == Self.one)
    #expect(traffic.machine(of: Self.message(from: Self.two)) == nil)
    #expect(traffic.machine(of: Self.message(from: Self.one)) == Self.one)
    #expect(traffic.turnedAway == 1)
    var chosen = MachineTraffic(wanted: [Self.two], limit: 8)
    #expect(chosen.machine(of: Self.message(from: Self.one)) == nil)
    #expect(chosen.machine(of: Self.message(from: Self.two)) == Self.two)
    #expect(chosen.turnedAway == 0)
  }

  @Test func noFrameTraps() {
    let frame = Self.message(to: Self.one, Self.address)
    var found = 0
    for count in 0...frame.octets.count {
      var traffic = MachineTraffic(limit: 1)
      let part = Self.frame(Array(frame.octets[..<count]))
      if traffic.machine(of: part) != nil { found += 1 }
    }
    #expect(found == 1)
    for index in frame.octets.indices {
      for value in [0, 1, 255] as [UInt8] {
        var traffic = MachineTraffic(limit: 1)
        var octets = frame.octets
        octets[index] = value
        if traffic.machine(of: Self.frame(octets)) != nil { found += 1 }
      }
    }
    #expect(found > 1)
  }

  @Test func aNameThatIsTakenIsNotWrittenOver() throws {
    let folder = try Folder()
    for expected in ["", "-2", "-3"] {
      let recorder = Recorder(
        folder: folder.path, MachineTraffic(limit: 1), link: .ethernet, stamp: "now",
        ending: ".pcap", limit: 4096)
      try recorder.take(Self.message(from: Self.one))
      try recorder.flush()
      let path = try #require(recorder.recorded.first?.writer.path)
      #expect(path == "\(folder.path)/52-54-00-77-01-01_now\(expected).pcap")
      #expect(
        try Savefile(reading: path).frames.map(\.octets) == [Self.message(from: Self.one).octets])
    }
  }

  private static func message(from machine: MACAddress) -> Frame {
    datagram(
      Endpoint(.unspecified, 68), machine, to: Endpoint(.broadcast, 67), .broadcast,
      payload(machine, .unspecified, isRequest: true))
  }

  /// From the server to a relay.
  private static func message(to machine: MACAddress, _ address: IPv4Address) -> Frame {
    datagram(
      Endpoint(serverAddress, 67), server, to: Endpoint(IPv4Address(10, 78, 0, 1), 67), router,
      payload(machine, address, isRequest: false))
  }

  private static func payload(
    _ machine: MACAddress, _ address: IPv4Address, isRequest: Bool
  ) -> [UInt8] {
    var header = DHCPHeader(hardwareAddress: HardwareAddress(machine))
    header.isRequest = isRequest
    header.yourAddress = address
    var output = ByteWriter()
    let writer = DHCPWriter(header, limit: 1400, into: &output)
    writer.finish(into: &output)
    return output.bytes
  }

  private static func datagram(
    _ source: Endpoint, _ sourceHardware: MACAddress, to destination: Endpoint,
    _ hardware: MACAddress, _ payload: [UInt8]
  ) -> Frame {
    var output = ByteWriter()
    UDPDatagram.encodeFrame(
      to: destination, hardware: hardware, from: source, sourceHardware: sourceHardware,
      payload: payload.rawSpan, into: &output)
    return frame(output.bytes)
  }

  private static func frame(_ octets: [UInt8]) -> Frame {
    Frame(number: 1, time: 0, link: .ethernet, originalCount: octets.count, octets: octets)
  }
}
