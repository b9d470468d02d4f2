import Bytes
import Foundation
import Network
import Wire

/// Messages of firmware that nobody here has: written from bytes that others documented, and marked
/// as generated in their fixtures. A test holds the fixtures to this; with `WRITE_FIXTURES=1` in the
/// environment it writes them.
package struct GeneratedPacket: Sendable {
  package let name: String
  /// What sends such a message, and in which words it is documented.
  package let firmware: String
  package let source: String
  package let octets: [UInt8]

  /// The whole file, as ``PacketFixture`` reads it.
  package var text: String {
    var lines = ["# \(firmware)", "# generated, not recorded: \(source)"]
    for start in stride(from: 0, to: octets.count, by: 32) {
      lines.append(Hexadecimal.text(octets[start..<min(start + 32, octets.count)]))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  package static let all = raspberryPi + others

  /// An option of the wire: code, then its value.
  fileprivate typealias Option = (code: UInt8, value: [UInt8])

  fileprivate init(
    _ name: String, _ firmware: String, _ source: String, _ machine: MACAddress,
    transaction: UInt32, server: IPv4Address = .unspecified, _ options: [Option],
    paddedTo count: Int = 0
  ) {
    self.name = name
    self.firmware = firmware
    self.source = source
    var header = DHCPHeader(hardwareAddress: HardwareAddress(machine))
    header.isRequest = true
    header.transactionID = transaction
    header.serverAddress = server
    var output = ByteWriter()
    let writer = DHCPWriter(header, limit: 1400, into: &output)
    for option in options { writer.option(option.code, option.value, into: &output) }
    writer.finish(into: &output)
    octets = output.bytes + [UInt8](repeating: 0, count: max(0, count - output.bytes.count))
  }
}

// The Raspberry Pi, by the bytes of its documentation and of published packets.
extension GeneratedPacket {
  private static let pxe: Option = (60, Array("PXEClient:Arch:00000:UNDI:002001".utf8))
  private static let bios: Option = (93, [0, 0])
  private static let undi: Option = (94, [1, 2, 1])
  private static let vendorOptions: [UInt8] = [128, 129, 130, 131, 132, 133, 134, 135]
  private static let documentation = "raspberrypi/documentation boot-net.adoc"
  private static let discover: Option = (53, [1])
  private static let request: Option = (53, [3])

  private static let pi3 = MACAddress(0xb8, 0x27, 0xeb, 0x86, 0x96, 0xf5)
  private static let pi4 = MACAddress(0xdc, 0xa6, 0x32, 0xec, 0xfc, 0x3c)
  private static let pi5 = MACAddress(0xd8, 0x3a, 0xdd, 0x12, 0x34, 0x56)
  /// Serial number 8d8696f5, little-endian, four times.
  private static let serial3: Option = (97, [0] + repeated([0xf5, 0x96, 0x86, 0x8d]))
  /// Serial number e0ff06da.
  private static let serial4: Option = (97, [0] + repeated([0xda, 0x06, 0xff, 0xe0]))
  private static let named4: Option = (
    97,
    [0] + Array("RPi4".utf8) + [0x30, 0x31, 0xc0, 0, 0x32, 0xec, 0xfc, 0x3c, 0xda, 6, 0xff, 0xe0]
  )
  private static let named5: Option = (
    97,
    [0] + Array("RPi5".utf8) + [
      0x70, 0x41, 0xd0, 0, 0xdd, 0x12, 0x34, 0x56, 0x78, 0x56, 0x34, 0x12,
    ]
  )
  /// Asks for 10.77.1.10 of 10.77.0.1.
  private static let wanted: [Option] = [(50, [10, 77, 1, 10]), (54, [10, 77, 0, 1])]

  private static func repeated(_ word: [UInt8]) -> [UInt8] { word + word + word + word }

  fileprivate static let raspberryPi = pi3Packets + pi4Packets + pi5Packets

  private static let pi3Packets = [
    GeneratedPacket(
      "pi3-rom-discover", "Raspberry Pi 3B boot ROM", documentation, pi3,
      transaction: 0x26f3_0339,
      [
        discover, (55, [43, 60, 67] + vendorOptions + [66]), bios, undi,
        (97, [0] + [UInt8](repeating: 0x44, count: 16)), pxe,
      ]),
    GeneratedPacket(
      "pi3-bootcode-discover", "Raspberry Pi 3B, bootcode.bin of 2017 or later",
      "raspberrypi/firmware#871, #941", pi3, transaction: 0x26f3_0339,
      [
        discover, (55, [43, 60, 67] + vendorOptions + [66, 1, 3]), bios, undi, serial3, pxe,
      ]),
  ]

  private static let pi4Packets = [
    GeneratedPacket(
      "pi4-2019-discover", "Raspberry Pi 4 EEPROM of 2019", "raspberrypi/rpi-eeprom#58", pi4,
      transaction: 0x19e4_dca6,
      [discover, (55, [1, 3, 43, 60, 66, 67] + vendorOptions), bios, undi, serial4, pxe]),
    GeneratedPacket(
      "pi4-2019-request", "Raspberry Pi 4 EEPROM of early 2020, without option 60",
      "raspberrypi/rpi-eeprom#82", pi4, transaction: 0x19e4_dca6,
      server: IPv4Address(10, 77, 0, 1), [request] + wanted + [serial4]),
    GeneratedPacket(
      "pi4-2020-discover", "Raspberry Pi 4 EEPROM of 2020-03-16 or later",
      "raspberrypi/rpi-eeprom#103", pi4, transaction: 0x20e4_dca6,
      [discover, (55, [1, 3, 43, 60, 66, 67] + vendorOptions), bios, undi, named4, pxe]),
    GeneratedPacket(
      "pi4-2021-discover", "Raspberry Pi 4 EEPROM of 2021", "published hexdumps of one boot", pi4,
      transaction: 0xdd0e_3497,
      [discover, (55, [1, 3, 43, 60, 66, 67] + vendorOptions), pxe, bios, undi, named4]),
    GeneratedPacket(
      "pi4-2021-request", "Raspberry Pi 4 EEPROM of 2021", "published hexdumps of one boot", pi4,
      transaction: 0xdd0e_3497, server: IPv4Address(10, 77, 0, 1),
      [request] + wanted + [pxe, named4]),
  ]

  private static let pi5Packets = [
    GeneratedPacket(
      "pi5-discover", "Raspberry Pi 5 EEPROM of 2023-10-30 or later, taken to be as the Pi 4's",
      "raspberrypi/rpi-eeprom firmware-2712 release notes", pi5, transaction: 0x05dd_1234,
      [discover, (55, [1, 3, 43, 60, 66, 67] + vendorOptions), pxe, bios, undi, named5]),
    GeneratedPacket(
      "pi5-request", "Raspberry Pi 5 EEPROM of 2023-10-30 or later, taken to be as the Pi 4's",
      "raspberrypi/rpi-eeprom firmware-2712 release notes", pi5, transaction: 0x05dd_1234,
      server: IPv4Address(10, 77, 0, 1), [request] + wanted + [pxe, named5]),
  ]
}

extension GeneratedPacket {
  private static let machine = MACAddress(0x52, 0x54, 0, 0x77, 2, 1)
  private static let uuid: Option = (
    97,
    [0] + [
      0x44, 0x45, 0x4c, 0x4c, 0x42, 0, 0x10, 0x4c, 0x80, 0x56, 0xb4, 0xc0, 0x4f, 0x4c, 0x41, 0x42,
    ]
  )
  private static let romList: Option = (
    55,
    [1, 2, 3, 5, 6, 11, 12, 13, 15, 16, 17, 18, 43, 54, 60, 67] + vendorOptions
  )

  fileprivate static let others = [
    GeneratedPacket(
      "flexboot-discover", "Mellanox FlexBoot: an iPXE without the user class iPXE",
      "warewulf/warewulf3#104", machine, transaction: 0x0715_a001,
      [
        discover, (57, [0x05, 0xc0]), bios, undi, pxe,
        (175, [177, 5, 1, 0x15, 0xb3, 0x10, 3, 19, 1, 1, 21, 1, 1]), uuid,
      ]),
    GeneratedPacket(
      "hp-bios-discover", "HP BIOS ROM, with a serial number in option 97",
      "the form of a published packet, with another serial number", machine,
      transaction: 0x0715_a002,
      [
        discover, romList, (57, [0x04, 0xec]),
        (97, [0] + Array("CZC1234XYZ".utf8) + [UInt8](repeating: 0, count: 6)), bios, undi, pxe,
      ], paddedTo: 548),
    GeneratedPacket(
      "edk2-class-only-discover", "EDK II on a Raspberry Pi 4: the architecture in the class only",
      "bootimus#118", machine, transaction: 0x0715_a003,
      [
        discover, (57, [0x05, 0xc0]), romList, uuid, (94, [1, 3, 0]),
        (60, Array("PXEClient:Arch:00011:UNDI:003000".utf8)),
      ]),
  ]
}
