/// The program that asks: what it runs on, and what kind of network boot it speaks.
package struct Firmware: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// A PXE ROM or EDK II's PXE client: fetches one program by TFTP.
    case pxe
    /// UEFI HTTP Boot: fetches one program by HTTP.
    case http
    /// iPXE in any form: fetches a script by HTTP.
    case ipxe
    case uboot
    case grub
    /// A Raspberry Pi's ROM, bootcode.bin or EEPROM.
    case pi
  }

  package var kind: Kind
  /// nil: the code that it sent (option 93) is in no row of ``FirmwareRow``.
  package var architecture: Architecture?
  /// Option 93 as it was sent (RFC 4578 §2.1); nil when it sent none.
  package var code: UInt16?

  package init(kind: Kind, architecture: Architecture?, code: UInt16? = nil) {
    self.kind = kind
    self.architecture = architecture
    self.code = code
  }
}

extension Firmware {
  /// Whether it fetches files by names of its own, and no loader of ours.
  package var namesItsFiles: Bool {
    switch kind {
    case .pi, .uboot: true
    case .http: architecture == .arm32UBoot || architecture == .arm64UBoot
    case .pxe, .ipxe, .grub: false
    }
  }

  /// Whether the architecture's boot environment is UEFI.
  package var isEFI: Bool {
    switch architecture {
    case .x86EFI, .x8664EFI, .arm32EFI, .arm64EFI, .riscv64EFI: true
    case .x86BIOS, .arm32UBoot, .arm64UBoot, .raspberryPi3, .raspberryPi, nil: false
    }
  }
}

extension Firmware: CustomStringConvertible {
  /// As in `x86-64-efi pxe`.
  package var description: String {
    "\(architecture?.rawValue ?? code.map { "architecture-\($0)" } ?? "unknown") \(kind.rawValue)"
  }
}
