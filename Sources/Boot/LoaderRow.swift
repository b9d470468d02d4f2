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
    LoaderRow(set: .ipxe, architecture: .riscv64EFI, file: "ipxe-riscv64.efi"),
    LoaderRow(set: .snponly, architecture: .x86BIOS, file: "undionly.kpxe"),
    LoaderRow(set: .snponly, architecture: .x8664EFI, file: "snponly.efi"),
    LoaderRow(set: .snponly, architecture: .arm64EFI, file: "snponly-arm64.efi"),
    LoaderRow(set: .signed, architecture: .x8664EFI, file: "shimx64.efi"),
    LoaderRow(set: .signed, architecture: .arm64EFI, file: "shimaa64.efi"),
  ]
}
