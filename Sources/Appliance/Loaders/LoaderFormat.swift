import Boot
import Bytes

/// What a boot program is, told by its first bytes.
///
/// A file name promises nothing: firmware that is given a program for another machine shows at
/// best a line that nobody sees, at worst it hangs.
package enum LoaderFormat: Hashable, Sendable {
  /// A PE image with the EFI application subsystem.
  case efiApplication(EFIMachine)
  /// What a PXE ROM loads to 0:7c00 and jumps to: raw 16-bit code (PXE 2.1 §4.4).
  case biosProgram
  /// The Linux boot protocol: iPXE's `.lkrn`, any bzImage. No ROM starts it by itself.
  case linuxKernel
  /// A disk's first sector: it goes on to read that disk, which is not there.
  case bootSector
  /// ELF for a Raspberry Pi's VideoCore: `start*.elf`.
  case videoCore

  /// Reads only what is needed; the rest may be missing from `head`.
  ///
  /// - Parameter byteCount: Of the whole file, so that a cut download is found.
  package init(head: RawSpan, byteCount: Int) throws(Malformed) {
    let magic = LittleEndian(head)
    if head.hasPrefix("MZ") {
      self = .efiApplication(try EFIMachine(imageHead: head, byteCount: byteCount))
    } else if head.hasPrefix("\u{7f}ELF") {
      // 32 bits, little-endian, EM_VIDEOCORE3.
      guard try magic.octet(at: 4) == 1, try magic.octet(at: 5) == 1,
        try magic.word(at: 18) == 137
      else { throw Malformed(.unsupported("ELF machine"), at: 18) }
      self = .videoCore
    } else if try Self.isProgramForROM(magic) {
      self = .biosProgram
    } else if byteCount >= 512, try magic.word(at: 510) == 0xaa55 {
      self = head.dropped(514).hasPrefix("HdrS") ? .linuxKernel : .bootSector
    } else {
      throw Malformed(.unsupported("file format"), at: 0)
    }
  }

  /// Raw code has no magic number; but every NBP in use begins by reloading CS with a far jump,
  /// as the ROM may enter at 0:7c00 or at 7c0:0. Quirk: GRUB's core.0 first sets DL to a drive.
  private static func isProgramForROM(_ head: LittleEndian) throws(Malformed) -> Bool {
    guard head.byteCount >= 512 else { return false }
    let jump = try head.word(at: 0) == 0x7fb2 ? 2 : 0
    guard try head.octet(at: jump) == 0xea else { return false }
    let offset = Int(try head.word(at: jump + 1))
    let segment = Int(try head.word(at: jump + 3))
    // iPXE and PXELINUX go on at 7c0:5, GRUB at 0:8200; in both cases within the first 64 KiB
    // behind 7c00, where the ROM has put the program.
    return (0x7c00..<0x17c00).contains(segment << 4 + offset)
  }
}

extension LoaderFormat: CustomStringConvertible {
  package var description: String {
    switch self {
    case .efiApplication(let machine): "an EFI application for \(machine.rawValue)"
    case .biosProgram: "a BIOS boot program"
    case .linuxKernel: "a Linux kernel image"
    case .bootSector: "a disk boot sector"
    case .videoCore: "Raspberry Pi firmware"
    }
  }
}

extension Architecture {
  /// The only format that its firmware starts.
  package var loaderFormat: LoaderFormat {
    switch self {
    case .x86BIOS: .biosProgram
    case .x86EFI: .efiApplication(.x86)
    case .x8664EFI: .efiApplication(.x8664)
    case .arm32EFI, .arm32UBoot: .efiApplication(.arm32)
    case .arm64EFI, .arm64UBoot: .efiApplication(.arm64)
    case .riscv64EFI: .efiApplication(.riscv64)
    case .raspberryPi3, .raspberryPi: .videoCore
    }
  }
}
