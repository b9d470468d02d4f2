import Network

/// A configuration that a boot program without iPXE's script language looks for by name: the same
/// decision as `/boot.ipxe`, made when it is asked for.
///
/// Programs try many names until one answers. Only names that tell the machine whole do: what is
/// no `Menu` is an ordinary file, and so is missed at once.
package struct Menu: Hashable, Sendable {
  package enum Program: String, Hashable, Sendable {
    /// PXELINUX, and U-Boot's `pxe get`, which reads the same language.
    case pxelinux
    case grub
    /// U-Boot's `boot.scr.uimg`.
    case ubootScript = "u-boot"
    /// Found by iPXE beside itself, before it does anything of its own.
    case autoexec
  }

  /// Whom a name tells.
  package enum Bearer: Hashable, Sendable {
    case uuid(UUID)
    case hardware(MACAddress)
    /// The whole address; a shortened one is a miss.
    case address(IPv4Address)
    /// The last name of a search, and the only one of a program that does not search.
    case whoeverAsks
  }

  package let program: Program
  package let bearer: Bearer

  package init(_ program: Program, _ bearer: Bearer) {
    self.program = program
    self.bearer = bearer
  }
}

extension Menu {
  /// The menu that `path` names; nil: it names an ordinary file.
  ///
  /// - Parameter tree: Paths of the loaders' tree are those that a loader asks for beside itself.
  package init?(_ path: BootPath, in tree: Resource.Tree) {
    // Most names are told from a menu's by one letter.
    guard let first = path.name.utf8.first, Self.firstLetters.contains(first) || path.isOfPXELINUX
    else { return nil }
    var folder = path.components.dropLast()
    if tree == .loaders {
      guard let set = folder.first, Loader.Set(rawValue: set) != nil else { return nil }
      folder = folder.dropFirst()
    }
    switch (folder.joined(separator: "/"), path.name) {
    case ("pxelinux.cfg", let name):
      guard let bearer = Self.bearerOfPXELINUX(name) else { return nil }
      self.init(.pxelinux, bearer)
    case ("extlinux", "extlinux.conf"): self.init(.pxelinux, .whoeverAsks)
    case ("", "boot.scr.uimg"): self.init(.ubootScript, .whoeverAsks)
    case ("", "autoexec.ipxe"): self.init(.autoexec, .whoeverAsks)
    case (let folder, let name):
      guard Self.isFolderOfGRUB(folder), let bearer = Self.bearerOfGRUB(name) else { return nil }
      self.init(.grub, bearer)
    }
  }

  /// Of `autoexec.ipxe`, `boot.scr.uimg`, `extlinux.conf` and `grub.cfg`.
  private static let firstLetters = "abeg".utf8

  /// UUID, `01-` and the hardware address, the address as eight digits, `default`. Between the
  /// last two PXELINUX shortens the address, and U-Boot tries `default-` with its architecture,
  /// processor and board.
  private static func bearerOfPXELINUX(_ name: String) -> Bearer? {
    if name == "default" { return .whoeverAsks }
    return bearer(name) ?? UUID(name).map { .uuid($0) }
  }

  private static func bearerOfGRUB(_ name: String) -> Bearer? {
    if name == "grub.cfg" { return .whoeverAsks }
    guard name.hasPrefix("grub.cfg-") else { return nil }
    return bearer(String(name.dropFirst("grub.cfg-".count)))
  }

  private static func bearer(_ name: String) -> Bearer? {
    let ethernet = "01-"
    if name.hasPrefix(ethernet) {
      let text = name.dropFirst(ethernet.count)
      guard let address = MACAddress(text), address.dashed == text else { return nil }
      return .hardware(address)
    }
    guard name.utf8.count == 8, name.utf8.allSatisfy(Self.isUpperHexadecimal),
      let number = UInt32(name, radix: 16)
    else { return nil }
    return .address(IPv4Address(number))
  }

  private static func isUpperHexadecimal(_ octet: UInt8) -> Bool {
    (0x30...0x39).contains(octet) || (0x41...0x46).contains(octet)
  }

  /// Where builds of GRUB look: Debian's signed one in `/grub`, its installer's in
  /// `/debian-installer/ARCHITECTURE/grub`, distributions' EFI images in `/EFI/NAME`, others in
  /// `/boot/grub`, and one that was given no prefix beside itself.
  private static func isFolderOfGRUB(_ folder: String) -> Bool {
    if ["", "grub", "boot/grub"].contains(folder) { return true }
    let parts = folder.split(separator: "/")
    switch (parts.count, parts[0]) {
    case (2, "EFI"), (2, "efi"): return true
    case (3, "debian-installer"): return parts[2] == "grub"
    case _: return false
    }
  }
}

extension BootPath {
  fileprivate var isOfPXELINUX: Bool { components.dropLast().last == "pxelinux.cfg" }
}
