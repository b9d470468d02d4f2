/// What an architecture code of option 93 means (RFC 4578 §2.1 and IANA's registry of
/// "Processor Architecture Types"). A new firmware is a row here, not a branch elsewhere.
package struct FirmwareRow: Sendable {
  package let code: UInt16
  package let architecture: Architecture
  /// What the code itself says; a user class of iPXE overrides it.
  package let kind: Firmware.Kind

  package static let all: [FirmwareRow] = [
    FirmwareRow(code: 0, architecture: .x86BIOS, kind: .pxe),
    FirmwareRow(code: 6, architecture: .x86EFI, kind: .pxe),
    // The registry calls 7 "EBC" and 9 "x86-64"; firmware in the field sends 7 for x86-64, some
    // sends 9, and none means byte code by either (``Quirk/sevenMeansX64``).
    FirmwareRow(code: 7, architecture: .x8664EFI, kind: .pxe),
    FirmwareRow(code: 9, architecture: .x8664EFI, kind: .pxe),
    FirmwareRow(code: 10, architecture: .arm32EFI, kind: .pxe),
    FirmwareRow(code: 11, architecture: .arm64EFI, kind: .pxe),
    FirmwareRow(code: 15, architecture: .x86EFI, kind: .http),
    FirmwareRow(code: 16, architecture: .x8664EFI, kind: .http),
    // "EBC over HTTP", which stands to 16 as 7 stands to 9.
    FirmwareRow(code: 17, architecture: .x8664EFI, kind: .http),
    FirmwareRow(code: 18, architecture: .arm32EFI, kind: .http),
    FirmwareRow(code: 19, architecture: .arm64EFI, kind: .http),
    FirmwareRow(code: 20, architecture: .x86BIOS, kind: .http),
    FirmwareRow(code: 21, architecture: .arm32UBoot, kind: .uboot),
    FirmwareRow(code: 22, architecture: .arm64UBoot, kind: .uboot),
    FirmwareRow(code: 23, architecture: .arm32UBoot, kind: .http),
    FirmwareRow(code: 24, architecture: .arm64UBoot, kind: .http),
    FirmwareRow(code: 27, architecture: .riscv64EFI, kind: .pxe),
    FirmwareRow(code: 28, architecture: .riscv64EFI, kind: .http),
    // Registered for the Raspberry Pi; by DHCPv4 its bootloaders still send 0.
    FirmwareRow(code: 41, architecture: .raspberryPi, kind: .pi),
  ]

  package static func row(for code: UInt16) -> FirmwareRow? {
    all.first { $0.code == code }
  }
}
