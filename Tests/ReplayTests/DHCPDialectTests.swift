import Boot
import Network
import RecordedPackets
import Replay
import Testing
import Wire

/// Models say what their firmware said.
@Suite struct DHCPDialectTests {
  struct Row: CustomTestStringConvertible {
    let fixture: String
    let model: FirmwareModel
    let mac: MACAddress
    var serial: UInt32?
    /// What another board of that kind sends otherwise.
    var except: Set<UInt8> = []
    var testDescription: String { fixture }
  }

  @Test(arguments: [
    Row(fixture: "ipxe-bios-discover", model: .ipxeROM, mac: mac("52:54:00:77:00:01")),
    Row(fixture: "ipxe-efi-discover", model: .ipxeEFIx64, mac: mac("52:54:00:77:00:02")),
    Row(fixture: "edk2-x64-pxe-discover", model: .edk2PXEx64, mac: mac("52:54:00:77:00:02")),
    Row(fixture: "edk2-arm64-pxe-discover", model: .edk2PXEarm64, mac: mac("52:54:00:77:00:03")),
    Row(fixture: "edk2-x64-http-discover", model: .edk2HTTPx64, mac: mac("52:54:00:77:00:02")),
    Row(fixture: "uboot-arm64-discover", model: .ubootARM64, mac: mac("52:52:52:52:52:52")),
    Row(fixture: "pi3-rom-discover", model: .raspberryPi3, mac: mac("b8:27:eb:86:96:f5")),
    Row(
      fixture: "pi4-2021-discover", model: .raspberryPi4, mac: mac("dc:a6:32:ec:fc:3c"),
      serial: 0xe0ff_06da),
    Row(
      fixture: "pi5-discover", model: .raspberryPi5, mac: mac("d8:3a:dd:12:34:56"),
      serial: 0x1234_5678),
    Row(
      fixture: "udhcpc-discover", model: .udhcpc, mac: mac("52:54:00:77:00:01"), except: [12, 60]),
    Row(
      fixture: "hp-bios-discover", model: .biosROM, mac: mac("52:54:00:77:02:01"), except: [97]),
  ])
  func aModelSaysWhatItsFirmwareSaid(_ row: Row) throws {
    let fixture = try PacketFixture(row.fixture)
    let recorded = try #require(DHCPMeaning(reading: fixture.octets))
    var machine = BootMachine(
      row.model,
      MachineIdentity(
        macAddress: row.mac, uuid: UUID("4c4c4544-0042-4c10-8056-b4c04f4c4142"),
        serial: row.serial))
    var requests: [ClientRequest] = []
    machine.begin(at: .start, into: &requests)
    guard case .datagram(let source, let destination, let octets) = requests.first else {
      return #expect(Bool(false), "it sends nothing")
    }
    #expect(source == Endpoint(.unspecified, 68) && destination == Endpoint(.broadcast, 67))
    let said = try #require(DHCPMeaning(reading: octets))
    let differs = { (option: DHCPMeaning.Option) in !row.except.contains(option.code) }
    #expect(said.options.filter(differs) == recorded.options.filter(differs))
    #expect(said.file == recorded.file)
    // HP's and the installer's were made by hand.
    guard row.except.isEmpty else { return }
    #expect(said.header.flags == recorded.header.flags)
    #expect(octets.count == fixture.octets.count)
  }
}

func mac(_ text: String) -> MACAddress { MACAddress(text) ?? .zero }
