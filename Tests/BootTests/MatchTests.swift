import Boot
import Network
import Testing

@Suite struct MatchTests {
  static let sighting = Sighting(
    macAddress: MACAddress(0x52, 0x54, 0, 0, 0, 1),
    firmware: Firmware(kind: .pxe, architecture: .x86BIOS), vendorClass: Array("PXEClient:A".utf8))
  static let subnet = Subnet(network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16))
  static let machine = Machine(name: "a", labels: ["rack": "3"])

  static let rows: [(Match, holds: Bool, specificity: Int)] = [
    (Match(), false, 0),
    (Match(architectures: [.arm64EFI, .x86BIOS]), true, 1),
    (Match(architectures: [.arm64EFI]), false, 1),
    (Match(firmware: [.pxe]), true, 1), (Match(firmware: [.ipxe, .http]), false, 1),
    (Match(subnets: [subnet.network]), true, 1),
    (Match(subnets: [IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 24)]), false, 1),
    (Match(vendors: ["Etherboot", "PXEClient"]), true, 1),
    (Match(vendors: ["PXEClient:B"]), false, 1),
    (Match(vendors: ["PXEClient:A and more"]), false, 1),
    (Match(macPrefixes: [[0x52, 0x54]]), true, 1), (Match(macPrefixes: [[0x52, 0x55]]), false, 1),
    (Match(macPrefixes: [[0x52, 0x54, 0, 0, 0, 1]]), true, 1),
    (Match(macPrefixes: [[0x52, 0x54, 0, 0, 0, 1, 0]]), false, 1),
    (Match(labels: ["rack": "3"]), true, 1), (Match(labels: ["rack": "4"]), false, 1),
    (Match(labels: ["rack": "3", "row": "1"]), false, 2),
    (
      Match(
        architectures: [.x86BIOS], firmware: [.pxe], subnets: [subnet.network],
        vendors: ["PXE"], macPrefixes: [[0x52]], labels: ["rack": "3"]), true, 6
    ),
    (Match(architectures: [.x86BIOS], firmware: [.ipxe]), false, 2),
  ]

  @Test(arguments: rows.indices) func everyCriterionMustHold(_ index: Int) {
    let row = Self.rows[index]
    #expect(
      row.0.holds(for: Self.sighting, subnet: Self.subnet, machine: Self.machine) == row.holds)
    #expect(row.0.specificity == row.specificity)
  }

  @Test func withoutSubnetAndMachineTheirCriteriaDoNotHold() {
    let bySubnet = Match(subnets: [Self.subnet.network])
    let byLabel = Match(labels: ["rack": "3"])
    #expect(!bySubnet.holds(for: Self.sighting, subnet: nil, machine: Self.machine))
    #expect(!byLabel.holds(for: Self.sighting, subnet: Self.subnet, machine: nil))
  }
}
