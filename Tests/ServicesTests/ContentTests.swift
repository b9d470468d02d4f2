import Boot
import Network
import Services
import Testing

@Suite struct ContentTests {
  static let catalog = Catalog(
    interfaces: [Interface(name: "eth1", number: 2, dhcp: .authoritative)],
    profiles: [Profile(name: "disk", boot: .local)], defaultProfile: .profile("disk"))
  static let stranger = Arrival(
    source: Endpoint(IPv4Address(192, 0, 2, 9), 4711),
    destination: Endpoint(IPv4Address(10, 77, 0, 1), 80), local: IPv4Address(10, 77, 0, 1),
    interface: 2)

  static func script(of machine: String?) -> String? {
    var reasons: [Reason] = []
    var service = DHCPService()
    let content = service.content(
      of: .script(machine: machine), for: stranger, catalog, at: .start, dice: { 7 },
      reasons: &reasons)
    guard case .text(let text) = content else { return nil }
    return String(decoding: text.octets, as: UTF8.self)
  }

  @Test func whoCannotBeToldByItsAddressComesBackWithItsHardwareAddress() {
    #expect(
      Self.script(of: nil)
        == "#!ipxe\nchain http://10.77.0.1/boot.ipxe?mac=${netX/mac}\n")
  }

  @Test func whoAsksByTLSComesBackByIt() {
    let catalog = Catalog(
      interfaces: [Interface(name: "eth1", number: 2, dhcp: .authoritative, https: 443)])
    var arrival = Self.stranger
    arrival.destination.port = 443
    var reasons: [Reason] = []
    var service = DHCPService()
    let content = service.content(
      of: .script(machine: nil), for: arrival, catalog, at: .start, dice: { 7 }, reasons: &reasons)
    guard case .text(let rendered) = content else {
      Issue.record("no script")
      return
    }
    let text = String(decoding: rendered.octets, as: UTF8.self)
    #expect(text.contains("chain https://10.77.0.1/boot.ipxe?"))
  }

  @Test func thenItGetsTheScriptOfThatMachine() throws {
    let script = try #require(Self.script(of: "52-54-00-12-34-56"))
    #expect(script.contains("sanboot"))
  }

  @Test func nobodyIsTheMachineOfNoAddress() {
    #expect(Self.script(of: "00-00-00-00-00-00") == nil)
    #expect(Self.script(of: "rack3-99") == nil)
  }
}
