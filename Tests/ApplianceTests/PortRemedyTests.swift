import EventLoop
import Network
import Testing

@testable import Appliance

@Suite("Case 58: a port that somebody else has") struct PortRemedyTests {
  struct Row: CustomTestStringConvertible {
    var program: String
    var arguments = ""
    var port: UInt16
    var remedy: String
    var testDescription: String { "\(program) on \(port)" }
  }

  static let rows = [
    Row(
      program: "systemd-resolve", port: 53,
      remedy: "set DNSStubListener=no in /etc/systemd/resolved.conf and restart systemd-resolved,"
        + " or set dns: false for br0"),
    Row(
      program: "dnsmasq", port: 53,
      remedy: "stop it, have it listen on other addresses only (dnsmasq: bind-interfaces), or set"
        + " dns: false for br0"),
    Row(
      program: "dnsmasq", arguments: " --interface=br0", port: 67,
      remedy: "stop it, have it leave br0 out (dnsmasq: no-dhcp-interface=br0), or turn this"
        + " service off on br0"),
    Row(
      program: "dnsmasq", port: 69,
      remedy: "stop it, have it serve no files (dnsmasq: without enable-tftp), or turn this service"
        + " off on br0"),
    Row(
      program: "dnsmasq",
      arguments: " --conf-file=/var/lib/libvirt/dnsmasq/default.conf --leasefile-ro"
        + " --dhcp-script=/usr/lib/libvirt/libvirt_leaseshelper", port: 67,
      remedy: "it is libvirt's: virsh net-edit default, take its <dhcp> out, then virsh net-destroy"
        + " default and net-start default, or turn this service off on br0"),
    Row(
      program: "dnsmasq", arguments: " --conf-file=/var/lib/libvirt/dnsmasq/lab.conf", port: 53,
      remedy: "it is libvirt's: virsh net-edit lab, give it <dns enable=\"no\"/>, then virsh"
        + " net-destroy lab and net-start lab, or set dns: false for br0"),
    Row(
      program: "systemd", port: 69,
      remedy: "find and disable its unit by systemctl list-sockets, or turn this service off on br0"
    ),
    Row(
      program: "named", port: 53,
      remedy: "leave br0 out of its listen-on, or set dns: false for br0"),
    Row(
      program: "unbound", port: 53,
      remedy: "leave br0 out of its interface: lines, or set dns: false for br0"),
    Row(program: "kea-dhcp4", port: 67, remedy: "stop it, or turn this service off on br0"),
    Row(program: "in.tftpd", port: 69, remedy: "stop it, or turn this service off on br0"),
    Row(program: "x", port: 53, remedy: "stop it, or set dns: false for br0"),
  ]

  @Test("Case 58: each program's own switch is named", arguments: rows)
  func aProgramsSwitchIsNamed(_ row: Row) {
    let holder = PortHolder(process: 1, program: row.program, arguments: row.arguments)
    #expect(PortRemedy([holder], port: row.port, on: "br0").description == row.remedy)
    let stranger = PortHolder(process: 2, program: "stranger")
    #expect(
      PortRemedy([stranger, holder], port: row.port, on: "br0").description == row.remedy)
  }

  @Test("Case 58: a port that is taken names its holder and the fix")
  func theWholeSentence() throws {
    let loop = try EventLoop()
    let socket = try DatagramSocket(loop: loop, address: IPv4Address(127, 0, 0, 1), port: 0)
    let error = PortError(
      SystemError(call: "bind", errno: 98), .udp, socket.local.port, "br0")
    let own = try #require(PortHolder.find(.udp, port: socket.local.port).first)
    #expect(
      error.description
        == "udp port \(socket.local.port) on br0 is taken by \(own.program) (process \(own.process)):"
        + " stop it, or turn this service off on br0")
    // Of a test's process it is known how it was called.
    #expect(!own.arguments.isEmpty)
  }

  @Test("Case 58: a holder that only root may see is no riddle") func aHiddenHolder() {
    let error = PortError(SystemError(call: "bind", errno: 98), .tcp, 1, "br0")
    #expect(
      error.description
        == "tcp port 1 on br0 is taken by another process (only root may see which): stop it, or turn"
        + " this service off on br0")
  }
}
