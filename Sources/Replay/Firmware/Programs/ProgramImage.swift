import Boot

/// What a fetched boot program is: by its bytes where they are known, else by its name.
struct ProgramImage: Sendable {
  enum Kind: Hashable, Sendable {
    case ipxe
    case pxelinux
    case shim
    case grub
    /// Starts Windows' loader, memdisk and the like: what it fetches is not modelled.
    case unknown
  }

  /// nil: it cannot be told.
  let architecture: Architecture?
  private let name: String
  private let head: [UInt8]

  init(_ file: FetchedFile) {
    name = file.url.name.lowercased()
    head = file.head ?? []
    architecture = Self.architecture(of: head) ?? Self.architecture(named: name)
  }

  /// Looked for when it is asked for: a program may be megabytes.
  var kind: Kind { Self.kind(of: head) ?? Self.kind(named: name) }

  /// Why firmware of `architecture` cannot start it; nil: nothing speaks against it.
  func misfit(_ name: String, on firmware: Architecture) -> String? {
    guard let architecture, architecture != firmware, !Self.canStart(architecture, firmware)
    else { return nil }
    return "\(name) is for \(architecture.rawValue), this firmware is \(firmware.rawValue)"
  }

  /// U-Boot starts EFI programs of its own processor.
  private static func canStart(_ program: Architecture, _ firmware: Architecture) -> Bool {
    (program == .arm64EFI && firmware == .arm64UBoot)
      || (program == .arm32EFI && firmware == .arm32UBoot)
  }

  /// What programs say of themselves, the surest first.
  private static func kind(of head: [UInt8]) -> Kind? {
    let marks: [(text: [UInt8], kind: Kind)] = [
      (Array("UEFI SHIM".utf8), .shim), (Array("PXELINUX".utf8), .pxelinux),
      (Array("GRUB".utf8), .grub), (Array("grub_".utf8), .grub), (Array("iPXE".utf8), .ipxe),
    ]
    // One pass for all of them, and a look at one table for most octets.
    var first = [Bool](repeating: false, count: 256)
    for mark in marks { first[Int(mark.text[0])] = true }
    var best = marks.count
    for index in head.indices where first[Int(head[index])] {
      for (rank, mark) in marks.enumerated().prefix(best)
      where head[index] == mark.text[0] && head[index...].starts(with: mark.text) {
        best = rank
      }
      if best == 0 { break }
    }
    return best < marks.count ? marks[best].kind : nil
  }

  private static func kind(named name: String) -> Kind {
    if name.hasPrefix("shim") || name.hasPrefix("bootnet") { return .shim }
    if name.hasPrefix("boot"), name.hasSuffix(".efi") { return .shim }
    if name.hasPrefix("grub") { return .grub }
    if name.hasSuffix("pxelinux.0") || name.hasSuffix("pxelinux.bin") { return .pxelinux }
    let words = ["ipxe", "undionly", "snponly", "snp.efi", "snp-"]
    return words.contains { name.contains($0) } ? .ipxe : .unknown
  }

  /// The machine type of a PE image (PE format, "Machine Types").
  static func architecture(of head: [UInt8]) -> Architecture? {
    guard head.starts(with: "MZ".utf8), head.count >= 0x40 else { return nil }
    let offset = (0..<4).reduce(0) { $0 | Int(head[0x3c + $1]) << (8 * $1) }
    guard offset >= 0, offset + 6 <= head.count,
      head[offset..<offset + 4].elementsEqual([0x50, 0x45, 0, 0])
    else { return nil }
    return switch UInt16(head[offset + 4]) | UInt16(head[offset + 5]) << 8 {
    case 0x8664: .x8664EFI
    case 0xaa64: .arm64EFI
    case 0x14c: .x86EFI
    case 0x1c0, 0x1c2, 0x1c4: .arm32EFI
    case 0x5064: .riscv64EFI
    default: nil
    }
  }

  private static func architecture(named name: String) -> Architecture? {
    let rows = LoaderRow.all.filter { $0.file == name }
    if let row = rows.first { return row.architecture }
    if let companion = LoaderCompanion.all.first(where: { $0.file == name && $0.isProgram }) {
      return companion.architecture
    }
    guard name.hasSuffix(".efi") || name.hasSuffix(".efi.signed") else {
      let bios = [".0", ".kpxe", ".kkpxe", ".pxe", ".lkrn"].contains { name.hasSuffix($0) }
      return bios ? .x86BIOS : nil
    }
    let marks: [(String, Architecture)] = [
      ("aa64", .arm64EFI), ("arm64", .arm64EFI), ("x64", .x8664EFI), ("amd64", .x8664EFI),
      ("x86_64", .x8664EFI), ("x86-64", .x8664EFI), ("ia32", .x86EFI), ("i386", .x86EFI),
      ("arm32", .arm32EFI), ("riscv64", .riscv64EFI),
    ]
    return marks.first { name.contains($0.0) }?.1
  }
}

extension ProgramImage {
  /// The program that runs when `file` is started by firmware or by another program; a failure
  /// when this machine cannot run it.
  static func start(_ file: FetchedFile, _ station: inout Station) -> Turn {
    let name = file.url.name
    if let text = file.head, text.starts(with: "#!ipxe".utf8) {
      return .fail(.bootFile, "\(name) is a script, and this firmware is not iPXE")
    }
    let image = ProgramImage(file)
    if let misfit = image.misfit(name, on: station.architecture) { return .fail(.bootFile, misfit) }
    station.note("starts \(name), \(file.byteCount) bytes")
    switch image.kind {
    case .ipxe: return .become(IPXEProgram(.chained(file.url), station.architecture))
    case .pxelinux: return .become(PXELINUXProgram(file.url))
    case .shim: return .become(ShimProgram(file.url))
    case .grub: return .become(GRUBProgram(file.url))
    case .unknown:
      return .end(.booted(how: "started \(file.url), whose own fetches are not modelled"))
    }
  }
}
