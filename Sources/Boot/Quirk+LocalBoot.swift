extension Quirk {
  /// How each program leaves to the machine's own disk, where no DHCP reply can say so.
  static let localBoot = [
    efiGoesOnAfterFailure, biosDiskHasANumber, pxelinuxLeavesByCommand, ubootGoesOnAfterScript,
  ]

  package static let efiGoesOnAfterFailure = Quirk(
    name: "efi-goes-on-after-failure", sign: .efi,
    effect:
      "iPXE and GRUB leave with exit 1: the firmware goes on to its next boot option, the disk;"
      + " after exit 0 some show their menu",
    firmware: "EDK II and those derived from it", source: "ipxe/ipxe#213, #447; MAAS LP#1642298",
    proof: .fixture("edk2-x64-pxe-discover"))

  package static let biosDiskHasANumber = Quirk(
    name: "bios-disk-has-a-number", sign: .architecture(.x86BIOS),
    effect:
      "iPXE runs sanboot --drive 0x80, GRUB the first sector of (hd0); a ROM that only exits may"
      + " begin the network boot again",
    firmware: "PC BIOSes", source: "ipxe/ipxe#776, #1334; MAAS LP#1853906",
    proof: .fixture("ipxe-bios-discover"))

  package static let pxelinuxLeavesByCommand = Quirk(
    name: "pxelinux-leaves-by-command",
    sign: .message("a request for pxelinux.cfg/01-\u{2026}"),
    effect: "its menu says LOCALBOOT 0", firmware: "PXELINUX; U-Boot's pxe get, with localcmd",
    source: "syslinux doc/syslinux.txt", proof: .capture("amd64-bios-pxelinux.pcap"))

  package static let ubootGoesOnAfterScript = Quirk(
    name: "uboot-goes-on-after-script", sign: .kind(.uboot),
    effect: "its script ends without a boot: the next of boot_targets is tried",
    firmware: "U-Boot with distro boot", source: "U-Boot include/config_distro_bootcmd.h",
    proof: .fixture("uboot-arm64-discover"))
}
