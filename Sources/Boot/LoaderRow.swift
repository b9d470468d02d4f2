/// Which file of a loader set serves which architecture, best first.
///
/// The names are those of Debian's packages, so that an operator's own folder fits too.
package struct LoaderRow: Sendable {
  package let set: Loader.Set
  package let architecture: Architecture
  /// The file's name in the set's folder.
  package let file: String

  package static let all: [LoaderRow] = [
    LoaderRow(set: .ipxe, architecture: .x86BIOS, file: "undionly.kpxe"),
    LoaderRow(set: .ipxe, architecture: .x86BIOS, file: "ipxe.pxe"),
    LoaderRow(set: .ipxe, architecture: .x8664EFI, file: "ipxe-amd64.efi"),
    LoaderRow(set: .ipxe, architecture: .x8664EFI, file: "ipxe.efi"),
    LoaderRow(set: .ipxe, architecture: .x8664EFI, file: "snponly.efi"),
    LoaderRow(set: .ipxe, architecture: .arm64EFI, file: "ipxe-arm64.efi"),
    // Debian builds none for these two; an operator's own goes by the same pattern.
    LoaderRow(set: .ipxe, architecture: .x86EFI, file: "ipxe-ia32.efi"),
    LoaderRow(set: .ipxe, architecture: .arm32EFI, file: "ipxe-arm32.efi"),
    LoaderRow(set: .ipxe, architecture: .riscv64EFI, file: "ipxe-riscv64.efi"),
    LoaderRow(set: .snponly, architecture: .x86BIOS, file: "undionly.kpxe"),
    LoaderRow(set: .snponly, architecture: .x8664EFI, file: "snponly.efi"),
    LoaderRow(set: .snponly, architecture: .arm64EFI, file: "snponly-arm64.efi"),
    // A PC BIOS verifies nothing; a profile of signed loaders boots its BIOS machines all the same,
    // by the distribution's own program.
    LoaderRow(set: .signed, architecture: .x86BIOS, file: "pxelinux.0"),
    LoaderRow(set: .signed, architecture: .x8664EFI, file: "shimx64.efi"),
    LoaderRow(set: .signed, architecture: .arm64EFI, file: "shimaa64.efi"),
  ]
}

/// A file that a loader fetches from its own folder after it has started, by a name of its own.
///
/// What shim asks for besides, `revocations_sku.efi`, `revocations_sbat.efi` and
/// `shim_certificate_0.efi`, Debian has none of: the miss is the answer.
package struct LoaderCompanion: Sendable {
  package let set: Loader.Set
  package let architecture: Architecture
  package let file: String
  /// Whether it is an EFI program, as firmware's loaders are; PXELINUX's module is not.
  package let isProgram: Bool

  package static let all: [LoaderCompanion] = [
    LoaderCompanion(set: .signed, architecture: .x8664EFI, file: "grubx64.efi", isProgram: true),
    LoaderCompanion(set: .signed, architecture: .x8664EFI, file: "mmx64.efi", isProgram: true),
    LoaderCompanion(set: .signed, architecture: .arm64EFI, file: "grubaa64.efi", isProgram: true),
    LoaderCompanion(set: .signed, architecture: .arm64EFI, file: "mmaa64.efi", isProgram: true),
    LoaderCompanion(set: .signed, architecture: .x86BIOS, file: "ldlinux.c32", isProgram: false),
  ]
}
