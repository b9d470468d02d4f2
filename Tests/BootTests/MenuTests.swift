import Network
import Testing

@testable import Boot

/// Which names are menus, and whom they tell.
@Suite struct MenuTests {
  static let mac = MACAddress(0x52, 0x54, 0, 0x77, 0, 1)
  static let uuid = UUID(high: 0x4c4c_4544_0042_4c10, low: 0x8056_b4c0_4f4c_4142)

  static let menus: [(name: String, menu: Menu)] = [
    ("pxelinux.cfg/4c4c4544-0042-4c10-8056-b4c04f4c4142", Menu(.pxelinux, .uuid(uuid))),
    ("pxelinux.cfg/01-52-54-00-77-00-01", Menu(.pxelinux, .hardware(mac))),
    ("pxelinux.cfg/0A4D0082", Menu(.pxelinux, .address(IPv4Address(10, 77, 0, 130)))),
    ("/pxelinux.cfg/default", Menu(.pxelinux, .whoeverAsks)),
    ("loaders/signed/pxelinux.cfg/01-52-54-00-77-00-01", Menu(.pxelinux, .hardware(mac))),
    ("extlinux/extlinux.conf", Menu(.pxelinux, .whoeverAsks)),
    ("boot.scr.uimg", Menu(.ubootScript, .whoeverAsks)),
    ("autoexec.ipxe", Menu(.autoexec, .whoeverAsks)),
    ("loaders/ipxe/autoexec.ipxe", Menu(.autoexec, .whoeverAsks)),
    ("/grub/grub.cfg", Menu(.grub, .whoeverAsks)),
    ("/grub/grub.cfg-01-52-54-00-77-00-01", Menu(.grub, .hardware(mac))),
    (
      "/debian-installer/amd64/grub/grub.cfg-0A4D0083",
      Menu(.grub, .address(IPv4Address(10, 77, 0, 131)))
    ),
    ("/debian-installer/arm64/grub/grub.cfg", Menu(.grub, .whoeverAsks)),
    ("/EFI/debian/grub.cfg", Menu(.grub, .whoeverAsks)),
    ("/boot/grub/grub.cfg", Menu(.grub, .whoeverAsks)),
    ("//grub.cfg", Menu(.grub, .whoeverAsks)),
    ("loaders/signed/grub.cfg", Menu(.grub, .whoeverAsks)),
    ("loaders/signed/grub/grub.cfg", Menu(.grub, .whoeverAsks)),
  ]

  @Test(arguments: menus)
  func aNameOfASearchIsAMenu(_ row: (name: String, menu: Menu)) throws {
    let path = try #require(BootPath(row.name))
    guard case .menu(let menu, _, _) = Resource(path) else {
      Issue.record("\(row.name) is a file")
      return
    }
    #expect(menu == row.menu)
  }

  /// Steps of a search that tell no machine whole, modules, and names that only look like it.
  static let files = [
    "pxelinux.cfg/0A4D008", "pxelinux.cfg/0", "pxelinux.cfg/0a4d0082", "pxelinux.cfg/0A4D00820",
    "pxelinux.cfg/default-arm", "pxelinux.cfg/default-arm-qemu", "pxelinux.cfg/01-52-54-00-77-00",
    "pxelinux.cfg/01-52-54-00-77-00-AB", "pxelinux.cfg/01-525400770001", "pxelinux.cfg/+A4D0082",
    "pxelinux.cfg/06-52-54-00-77-00-01", "pxelinux.cfg", "a/pxelinux.cfg/default",
    "loaders/other/pxelinux.cfg/default", "loaders/pxelinux.cfg/default", "loaders/autoexec.ipxe",
    "grub/grub.cfg-0A4D008", "grub/grub.cfg-", "grub/x86_64-efi/grub.cfg", "grub/grubenv",
    "grub/x86_64-efi/command.lst", "debian/12/grub/grub.cfg", "debian-installer/amd64/grub.cfg",
    "EFI/grub.cfg", "a/boot.scr.uimg", "extlinux.conf", "dtb", "boot.scr", "revocations_sku.efi",
    "loaders/signed/grubx64.efi", "loaders/signed/revocations_sbat.efi",
  ]

  @Test(arguments: files)
  func everyOtherNameIsAFile(_ name: String) throws {
    guard case .file = Resource(try #require(BootPath(name))) else {
      Issue.record("\(name) is no file")
      return
    }
  }

  @Test func aUUIDWithItsFieldsSwappedComesBack() {
    let swapped = Self.uuid.swapped
    #expect(swapped.description == "44454c4c-4200-104c-8056-b4c04f4c4142")
    #expect(swapped.swapped == Self.uuid)
  }
}
