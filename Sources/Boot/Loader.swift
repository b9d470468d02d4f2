/// A boot program that firmware fetches before anything else (the NBP of the PXE specification).
package struct Loader: Hashable, Sendable {
  /// Which family of boot programs, as `loader:` of a profile names it.
  package enum Set: String, CaseIterable, Sendable {
    /// iPXE with drivers of its own, or on the firmware's for BIOS (undionly).
    case ipxe
    /// iPXE on the firmware's own network driver.
    case snponly
    /// Debian's shim and signed GRUB, for Secure Boot.
    case signed
  }

  package let set: Set
  package let architecture: Architecture
  /// Its path below the loaders folder, as `ipxe/undionly.kpxe`.
  package let path: String
  package let byteCount: Int
  /// The name that firmware asks for, by TFTP and by HTTP alike.
  package let name: String

  package init(set: Set, architecture: Architecture, path: String, byteCount: Int) {
    self.set = set
    self.architecture = architecture
    self.path = path
    self.byteCount = byteCount
    name = "loaders/\(path)"
  }
}
