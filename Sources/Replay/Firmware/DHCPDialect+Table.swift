/// The table: option orders, sizes and times by the lab's recordings (`Fixtures/packets`).
extension DHCPDialect {
  private static let ipxeParameters: [UInt8] =
    [1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119] + Array(128...135) + [175, 203]
  private static let edk2Parameters: [UInt8] =
    [1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60]
  private static let ipxeOptions: [UInt8] = [53, 57, 93, 94, 60, 77, 55, 175, 61, 97]

  /// iPXE 2019; 2025 differs in what it waits for before, not in what it says.
  static func ipxe(_ code: UInt16, isEFI: Bool, isChained: Bool = false) -> DHCPDialect {
    DHCPDialect(
      name: "iPXE", choice: .ipxe, discover: ipxeOptions, request: ipxeOptions + [54, 50],
      bootServer: ipxeOptions + [54],
      vendorClass: "PXEClient:Arch:\(decimal(code)):UNDI:00\(isEFI ? "3010" : "2001")",
      architecture: code, interfaceVersion: isEFI ? [1, 3, 10] : [1, 2, 1],
      parameters: ipxeParameters, features: isEFI ? efiFeatures : biosFeatures,
      wantsBroadcast: isChained && !isEFI, leastCount: 0,
      discovers: [.zero, .seconds(1), .seconds(3), .seconds(7)], seconds: [4, 10, 18, 34],
      requests: [.zero, .milliseconds(280), .milliseconds(820), .seconds(2), .seconds(4)],
      bootServerRequests: [
        .zero, .milliseconds(250), .milliseconds(790), .milliseconds(1890), .seconds(4),
      ], window: .seconds(3))
  }

  private static let biosFeatures: [UInt8] = [
    0xb1, 5, 1, 0x1a, 0xf4, 0x10, 0, 0xeb, 3, 1, 0, 0, 0x17, 1, 1, 0x22, 1, 1, 0x13, 1, 1, 0x11, 1,
    1, 0x27, 1, 1, 0x19, 1, 1, 0x29, 1, 1, 0x10, 1, 2, 0x21, 1, 1, 0x15, 1, 1, 0x18, 1, 1, 0x12, 1,
    1,
  ]
  private static let efiFeatures: [UInt8] = [
    0xb1, 5, 1, 0x1a, 0xf4, 0x10, 0, 0xeb, 3, 1, 0, 0, 0x17, 1, 1, 0x24, 1, 1, 0x13, 1, 1, 0x11, 1,
    1, 0x27, 1, 1, 0x29, 1, 1, 0x15, 1, 1, 0x12, 1, 1,
  ]

  /// EDK II 2022.11 and those derived from it. It gives up half a minute after its last DISCOVER.
  static func edk2PXE(_ code: UInt16) -> DHCPDialect {
    DHCPDialect(
      name: "EDK II PXE", choice: .pxe, discover: [53, 57, 55, 97, 94, 93, 60],
      request: [53, 54, 50, 57, 55, 97, 94, 93, 60], bootServer: [53, 55, 57, 60, 93, 94, 97],
      vendorClass: "PXEClient:Arch:\(decimal(code)):UNDI:003000", architecture: code,
      interfaceVersion: [1, 3, 0], parameters: edk2Parameters + [66, 67, 97] + Array(128...135),
      requestSize: 65_280, wantsBroadcast: true, leastCount: 0, discovers: edk2Times,
      seconds: [0, 4, 12, 28], requests: [.zero, .seconds(4), .seconds(12)],
      bootServerRequests: [.zero, .seconds(3), .seconds(6), .seconds(9)], bootServerPort: 4011,
      window: .seconds(4))
  }

  static func edk2HTTP(_ code: UInt16) -> DHCPDialect {
    DHCPDialect(
      name: "EDK II HTTP Boot", choice: .http, discover: [53, 57, 55, 97, 94, 93, 60],
      request: [53, 54, 50, 57, 55, 97, 94, 93, 60],
      vendorClass: "HTTPClient:Arch:\(decimal(code)):UNDI:003000", architecture: code,
      interfaceVersion: [1, 3, 0], parameters: edk2Parameters + [241, 67, 97],
      wantsBroadcast: true, leastCount: 0, discovers: edk2Times, seconds: [0, 4, 12, 28],
      requests: [.zero, .seconds(4), .seconds(12)], window: .seconds(4))
  }

  private static let edk2Times: [Duration] = [.zero, .seconds(5), .seconds(14), .seconds(32)]

  /// HP's and other boards' BIOS ROMs, with HP's list.
  static let biosROM = DHCPDialect(
    name: "BIOS PXE ROM", choice: .pxe, discover: [53, 55, 57, 97, 93, 94, 60],
    request: [53, 50, 54, 55, 57, 97, 93, 94, 60], bootServer: [53, 55, 57, 97, 93, 94, 60],
    vendorClass: "PXEClient:Arch:00000:UNDI:002001", architecture: 0,
    interfaceVersion: [1, 2, 1],
    parameters: [1, 2, 3, 5, 6, 11, 12, 13, 15, 16, 17, 18, 43, 54, 60, 67] + Array(128...135),
    discoverSize: 1260, requestSize: 1260, wantsBroadcast: true, leastCount: 548,
    discovers: [.zero, .seconds(4), .seconds(12), .seconds(28)], seconds: [4, 4, 12, 28],
    requests: [.zero, .seconds(4), .seconds(8)],
    bootServerRequests: [.zero, .seconds(1), .seconds(3)], window: .seconds(2))

  /// U-Boot 2023.01, as `dhcp` and as its EFI step.
  static func uboot(_ code: UInt16, vendorClass: String, file: String) -> DHCPDialect {
    DHCPDialect(
      name: "U-Boot", choice: .first, discover: [53, 57, 93, 94, 60, 55],
      request: [53, 57, 54, 50, 93, 94, 60, 55], vendorClass: vendorClass, architecture: code,
      interfaceVersion: [1, 0, 0], parameters: [1, 3, 6, 12, 17], discoverSize: 576,
      requestSize: 576, file: file,
      discovers: [.zero, .milliseconds(500), .milliseconds(1500), .seconds(3), .seconds(6)],
      requests: [.zero, .seconds(1), .seconds(3)])
  }

  /// GRUB 2.06's `net_bootp`, whose DISCOVER says nothing of itself.
  static let grub = DHCPDialect(
    name: "GRUB", choice: .first, discover: [53], request: [53, 54, 50, 55],
    parameters: [1, 3, 6, 15, 12, 17, 18, 60], discovers: [.zero], requests: [.zero])

  static let udhcpc = DHCPDialect(
    name: "udhcpc", choice: .first, discover: [53, 57, 55, 12, 60, 61],
    request: [53, 50, 54, 57, 55, 12, 60, 61], vendorClass: "udhcp 1.35.0",
    parameters: [1, 3, 6, 12, 15, 28, 42], discoverSize: 576, requestSize: 576,
    discovers: [.zero, .seconds(3), .seconds(6), .seconds(29), .seconds(32), .seconds(35)],
    requests: [.zero, .seconds(3), .seconds(6)])

  private static let piParameters: [UInt8] = [43, 60, 67] + Array(128...135) + [66]
  private static let piClass = "PXEClient:Arch:00000:UNDI:002001"

  /// Five DISCOVERs, five seconds apart; then it sleeps for good.
  static let pi3ROM = DHCPDialect(
    name: "Raspberry Pi 3 ROM", choice: .raspberryPi, discover: [53, 55, 93, 94, 97, 60],
    request: [], vendorClass: piClass, architecture: 0, interfaceVersion: [1, 2, 1],
    parameters: piParameters, identifier: .fours, transactionID: 0x26f3_0339, leastCount: 0,
    discovers: every(.seconds(5), 5), requests: [.zero], takesOffers: true)

  static let bootcode = DHCPDialect(
    name: "bootcode.bin", choice: .raspberryPi, discover: [53, 55, 93, 94, 97, 60], request: [],
    vendorClass: piClass, architecture: 0, interfaceVersion: [1, 2, 1],
    parameters: piParameters + [1, 3], identifier: .serial, transactionID: 0x26f3_0339,
    leastCount: 0, discovers: every(.seconds(5), 5), requests: [.zero], takesOffers: true)

  /// `DHCP_REQ_TIMEOUT` 4 s, `DHCP_TIMEOUT` 45 s.
  static func piEEPROM(_ name: String, revision: UInt32) -> DHCPDialect {
    DHCPDialect(
      name: "Raspberry Pi EEPROM", choice: .raspberryPi, discover: [53, 55, 60, 93, 94, 97],
      request: [53, 50, 54, 60, 97], vendorClass: piClass, architecture: 0,
      interfaceVersion: [1, 2, 1],
      parameters: [1, 3, 43, 60, 66, 67] + Array(128...135),
      identifier: .raspberryPi(name: name, revision: revision), namesServerInHeader: true,
      leastCount: 0, discovers: every(.seconds(4), 11),
      requests: [.zero, .seconds(4), .seconds(8)],
      window: .seconds(4))
  }

  private static func every(_ gap: Duration, _ count: Int) -> [Duration] {
    (0..<count).map { gap * $0 }
  }

  private static func decimal(_ code: UInt16) -> String {
    let digits = String(code)
    return String(repeating: "0", count: 5 - digits.utf8.count) + digits
  }
}
