import Boot
import Network
import Replay
import Testing
import Wire

@testable import Replay

/// Changes that break a boot elsewhere than in its profile.
extension FleetTests {
  private func setup(_ change: (inout Setup) -> Void) -> Setup {
    var setup = Setup()
    change(&setup)
    return setup
  }

  // An installing profile gives the disk to who is not armed: then both sides would say the same.
  @Test(arguments: names) func anInstallationIsPlayedAsIfItWereArmed(_ name: String) throws {
    let old = setup { $0.install = InstallPolicy(arm: .byOperator) }
    let broken = try report(
      [name], from: old, to: setup { ($0.install, $0.kernel) = (old.install, "linuz") })
    #expect(broken.count(.breaks) == 1, "\(FleetText(broken).text)")
    #expect(broken.groups.first?.cause.contains("linuz") == true)
    let other = try report(
      [name], from: old, to: setup { ($0.install, $0.arguments) = (old.install, "quite") })
    #expect(other.count(.differs) == 1 && other.count(.breaks) == 0)
    #expect(try report([name], from: old, to: old).differentCount == 0)
  }

  @Test func aTokenOfTheRecordingStandsForTheOneOfThePlayback() throws {
    var recording = try recording("bios")
    let index = try #require(
      recording.connections.firstIndex { $0.exchanges.contains { $0.target == "/files/linux" } })
    let digits = String(repeating: "0123456789abcdef", count: 2)
    let masked = String(repeating: "~", count: 32)
    for token in [digits, masked, "~"] {
      for place in recording.connections[index].exchanges.indices
      where recording.connections[index].exchanges[place].target.hasSuffix("linux")
        || recording.connections[index].exchanges[place].target.hasSuffix("report")
      {
        recording.connections[index].exchanges[place].target = "/machines/\(token)/report"
      }
      let world = setup { $0.install = InstallPolicy() }.world
      var playback = Playback(recording, in: .compared(world, former: nil))
      let transcript = playback.run().machines.map { "\($0.transcript)" }.joined()
      #expect(!transcript.contains("/machines/\(token)/report"))
    }
  }

  @Test func whatAnInterfaceServesNoMoreBreaksWhoAsksForIt() throws {
    let noTFTP = try report(["bios", "uboot"]) { $0.interface.tftp = false }
    #expect(
      noTFTP.groups.filter { $0.kind == .breaks }.flatMap(\.members).map(\.recording) == [
        "uboot"
      ])
    let noHTTP = try report(["bios"]) { $0.interface.http = nil }
    #expect(noHTTP.count(.breaks) == 1, "\(FleetText(noHTTP).text)")
  }

  @Test(arguments: ["bios", "uefi-http", "bios-pxelinux"])
  func anotherPortOfHTTPIsToldToTheMachineAndBreaksNobody(_ name: String) throws {
    let report = try report([name]) { $0.interface.http = 8080 }
    #expect(report.count(.breaks) == 0 && report.count(.differs) == 1, "\(FleetText(report).text)")
  }

  @Test(arguments: names) func aNetworkThatIsServedNoMoreBreaksItsMachines(_ name: String) throws {
    let off = try report([name]) { $0.interface.dhcp = .off }
    #expect(off.count(.breaks) == 1, "\(FleetText(off).text)")
    let gone = try report([name]) {
      $0.network = IPv4Prefix(IPv4Address(10, 79, 0, 0), length: 24)
      $0.interface.name = "s9"
    }
    #expect(gone.count(.breaks) == 1, "\(FleetText(gone).text)")
    // What neither serves is no change: there both are played as by `replay --config`.
    let never = setup { $0.interface.dhcp = .off }
    #expect(try report([name], from: never, to: never).differentCount == 0)
  }

  @Test func aNameThatLeadsNowhereBreaksWhoGoesThere() throws {
    var recording = try recording("bios")
    let first = try #require(recording.connections.first)
    let name: [UInt8] = [
      4, 98, 111, 111, 116, 3, 108, 97, 98, 4, 116, 101, 115, 116, 0, 0, 1, 0, 1,
    ]
    func datagram(_ head: [UInt8], _ tail: [UInt8], isAnswer: Bool) -> RecordedDatagram {
      let (client, server) = (Endpoint(first.client.address, 4000), Endpoint(Self.own, 53))
      return RecordedDatagram(
        frame: first.frame - 1, time: first.opened, sourceHardware: nil, destinationHardware: nil,
        source: isAnswer ? server : client, destination: isAnswer ? client : server,
        payload: [0, 7] + head + name + tail)
    }
    recording.names = [
      datagram([1, 0, 0, 1, 0, 0, 0, 0, 0, 0], [], isAnswer: false),
      datagram(
        [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
        [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 77, 0, 1],
        isAnswer: true),
    ]
    let known = setup { $0.name = "boot.lab.test" }
    let report = report(recording, from: known, to: setup { $0.name = "root.lab.test" })
    #expect(report.count(.breaks) == 1, "\(FleetText(report).text)")
    #expect(
      report.groups.first?.cause
        == "fails at boot file because boot.lab.test. has no address, and the machine goes there")
    let change = try #require(report.groups.first?.members.first?.change)
    #expect(
      change.differences.map(\.description).contains(
        "query boot.lab.test.: 10.77.0.1 \u{2192} no address"))
    #expect(self.report(recording, from: known, to: known).differentCount == 0)
    let silent = self.report(
      recording, from: known, to: setup { ($0.name, $0.interface.dns) = ("boot.lab.test", false) })
    #expect(silent.count(.breaks) == 1, "\(FleetText(silent).text)")
  }

  // GRUB's and PXELINUX's likes that fetch by HTTP find their kernels in menus.
  @Test func aMenuThatComesByHTTPIsFollowed() throws {
    var recording = try recording("uefi-http")
    let menu = Array("menuentry recorded { linux /files/linux }\n".utf8)
    for connection in recording.connections.indices {
      for index in recording.connections[connection].exchanges.indices
      where recording.connections[connection].exchanges[index].target == "/boot.ipxe" {
        recording.connections[connection].exchanges[index].target = "/grub.cfg"
        recording.connections[connection].exchanges[index].response?.content = RecordedContent(
          octets: menu, byteCount: menu.count)
      }
    }
    let report = report(recording, from: Setup(), to: setup { $0.kernel = "linuz" })
    #expect(report.count(.breaks) == 1, "\(FleetText(report).text)")
    #expect(report.groups.first?.cause.contains("linuz") == true)
  }

  @Test func aChangeThatHarmsNobodyIsNotTheCauseOfOneThatDoes() throws {
    let bios = MACAddress(number: 0x5254_0077_0001)
    let report = try report(["bios"]) {
      $0.machines = [Machine(name: "named", macAddress: bios, profile: "install")]
      $0.kernel = "linuz"
    }
    #expect(report.groups.first?.cause.contains("linuz") == true, "\(FleetText(report).text)")
  }

  @Test func textsTooLongToBeKeptAreToldApartByTheirDigest() {
    func content(_ octet: UInt8) -> Saying.Content {
      Saying.content(Array(repeating: octet, count: 100_000), byteCount: 100_000)
    }
    #expect(content(0x61) != content(0x62) && content(0x61) == content(0x61))
    var sayings = Sayings()
    for _ in 0..<100 {
      sayings.add(Saying("GET /a", .text(Array(repeating: 0x61, count: 60_000))))
    }
    let kept = sayings.list.reduce(0) { sum, saying in
      if case .text(let octets) = saying.content { sum + octets.count } else { sum }
    }
    #expect(sayings.list.count == 100 && kept <= 2 << 20)
  }

  @Test func whatIsTooLateIsGivenUp() throws {
    let world = Setup().world
    #expect(MachineChange.all(of: try recording("bios"), from: world, to: world) { true } == nil)
  }
}
