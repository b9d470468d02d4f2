import Boot
import EventLoop
import Foundation
import Network
import Testing

@testable import Appliance

/// On the loopback interface, as root only: ports 67 and 4011, and packet sockets.
@Suite("Ports of an interface", .enabled(if: geteuid() == 0, "only root may open them"))
struct InterfacePortsTests {
  /// Packet sockets of all processes that hear ARP on the loopback interface.
  private func arpSocketCount() throws -> Int {
    let table = try String(contentsOfFile: "/proc/net/packet", encoding: .utf8)
    return table.split(separator: "\n").count {
      let fields = $0.split(separator: " ")
      return fields.count > 4 && fields[3] == "0806" && fields[4] == "1"
    }
  }

  @Test func whatWasOpenedIsClosedWhenTheRestCannotBe() throws {
    let loop = try EventLoop()
    let taken = try StreamListener(loop: loop, address: .unspecified, port: 0)
    defer { taken.close() }
    let interface = try #require(try InterfaceTable.read()["lo"])
    let before = try arpSocketCount()
    var settings = Interface(
      name: "lo", number: interface.index, dhcp: .authoritative, tftp: false, dns: false,
      http: nil)
    let open = try InterfacePorts(loop: loop, settings, on: interface, nil)
    #expect(try arpSocketCount() == before + 1)
    settings.http = taken.local?.port
    // A reload that fails takes nothing from what runs.
    for old in [open, nil] {
      if old == nil { open.close() }
      #expect(throws: PortError.self) {
        try InterfacePorts(loop: loop, settings, on: interface, nil, reusing: old)
      }
      #expect(try arpSocketCount() == before + (old == nil ? 0 : 1))
    }
  }
}
