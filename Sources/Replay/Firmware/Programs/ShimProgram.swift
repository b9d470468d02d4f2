import Boot

/// Debian's shim: what it asks for besides, then GRUB, from the folder that it came from.
struct ShimProgram: BootProgram {
  let url: BootURL
  private var asked = 0

  /// What shim 16.1 looks for first, all of it missing in Debian.
  private static let besides = [
    "revocations_sku.efi", "revocations_sbat.efi", "shim_certificate_0.efi",
  ]

  init(_ url: BootURL) { self.url = url }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    if asked > Self.besides.count {
      switch finding {
      case .fetched(let file): return ProgramImage.start(file, &station)
      case .missed(let reason): return .fail(.bootFile, reason)
      case .begun, .leased, .notLeased, .woke:
        return .fail(.bootFile, "nothing is left to do")
      }
    }
    let name = asked < Self.besides.count ? Self.besides[asked] : second(station)
    asked += 1
    guard var file = url.resolving(name) else { return .fail(.bootFile, "\(url) has no folder") }
    // By HTTP it asks for `//grubx64.efi` where it came from the root.
    if file.scheme != .tftp, file.path == "/\(name)" { file.path = "//\(name)" }
    return .run(.fetch(Fetch(file, .shim, .edk2Single)))
  }

  private func second(_ station: Station) -> String {
    switch station.architecture {
    case .arm64EFI, .arm64UBoot, .raspberryPi, .raspberryPi3: "grubaa64.efi"
    case .x86EFI: "grubia32.efi"
    case .arm32EFI, .arm32UBoot: "grubarm.efi"
    case .riscv64EFI: "grubriscv64.efi"
    case .x8664EFI, .x86BIOS: "grubx64.efi"
    }
  }
}

extension HTTPDialect {
  /// Without the HEAD: programs on EDK II's HTTP that know what they want.
  static let edk2Single = HTTPDialect(agent: "UefiHttpBoot/1.0", fields: "Accept: */*\r\n")
}
