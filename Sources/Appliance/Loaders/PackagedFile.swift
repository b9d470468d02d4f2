import Boot

/// Where a Debian package has a file of the set `signed`; iPXE's have their rows' own names.
struct PackagedFile {
  /// With its architecture where it differs from the machine that unpacks it.
  let package: String
  let path: String
  /// The name that its loader asks for, or that firmware is given.
  let file: String

  /// A package whose files go together with those of the others of its group: shim without GRUB
  /// starts nothing.
  static let groups: [(use: String, files: [PackagedFile])] = [
    ("Secure Boot on x86-64", secureBoot(architecture: "amd64", target: "x86_64", suffix: "x64")),
    ("Secure Boot on arm64", secureBoot(architecture: "arm64", target: "arm64", suffix: "aa64")),
    (
      "PXELINUX on BIOS",
      [
        PackagedFile(
          package: "pxelinux", path: "usr/lib/PXELINUX/pxelinux.0", file: "pxelinux.0"),
        PackagedFile(
          package: "syslinux-common", path: "usr/lib/syslinux/modules/bios/ldlinux.c32",
          file: "ldlinux.c32"),
      ]
    ),
  ]

  /// shim, the GRUB that has network modules built in, by the name that shim looks for beside
  /// itself, and MokManager.
  private static func secureBoot(
    architecture: String, target: String, suffix: String
  ) -> [PackagedFile] {
    [
      PackagedFile(
        package: "shim-signed:\(architecture)", path: "usr/lib/shim/shim\(suffix).efi.signed",
        file: "shim\(suffix).efi"),
      PackagedFile(
        package: "grub-efi-\(architecture)-signed:\(architecture)",
        path: "usr/lib/grub/\(target)-efi-signed/grubnet\(suffix).efi.signed",
        file: "grub\(suffix).efi"),
      PackagedFile(
        package: "shim-helpers-\(architecture)-signed:\(architecture)",
        path: "usr/lib/shim/mm\(suffix).efi.signed", file: "mm\(suffix).efi"),
    ]
  }
}
