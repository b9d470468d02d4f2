import Boot
import Bytes
import Testing

@testable import Appliance

/// Heads made by hand: the fields that the formats are told by, and zeros.
enum CraftedLoader {
  static func efi(
    machine: UInt16, magic: UInt16 = 0x20b, subsystem: UInt16 = 10, sections: Int = 2
  ) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: 1024)
    put([0x4d, 0x5a], at: 0, in: &octets)
    put([0x80, 0, 0, 0], at: 0x3c, in: &octets)
    put(Array("PE".utf8) + [0, 0], at: 0x80, in: &octets)
    put(word(machine) + word(UInt16(sections)), at: 0x84, in: &octets)
    put(word(176), at: 0x94, in: &octets)
    put(word(magic), at: 0x98, in: &octets)
    put(word(subsystem), at: 0x98 + 68, in: &octets)
    for index in 0..<sections {
      // Raw size 256 at 512: ends within the file.
      put([0, 1, 0, 0, 0, 2, 0, 0], at: 0x98 + 176 + 40 * index + 16, in: &octets)
    }
    return octets
  }

  static func bios(_ start: [UInt8]) -> [UInt8] {
    start + [UInt8](repeating: 0x90, count: 1024 - start.count)
  }

  static let iPXE = bios([0xea, 0x05, 0x00, 0xc0, 0x07])

  static func signed55AA(_ magic: String) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: 1024)
    put([0x55, 0xaa], at: 510, in: &octets)
    put(Array(magic.utf8), at: 514, in: &octets)
    return octets
  }

  static func elf(machine: UInt16) -> [UInt8] {
    var octets: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 60)
    put(word(machine), at: 18, in: &octets)
    return octets
  }

  private static func word(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
  }

  private static func put(_ part: [UInt8], at offset: Int, in octets: inout [UInt8]) {
    octets.replaceSubrange(offset..<offset + part.count, with: part)
  }
}

@Suite("Loader format") struct LoaderFormatTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let octets: [UInt8]
    let format: LoaderFormat?
  }

  static let rows: [Row] = [
    Row("x86-64 EFI", CraftedLoader.efi(machine: 0x8664), .efiApplication(.x8664)),
    Row("ia32 EFI", CraftedLoader.efi(machine: 0x14c, magic: 0x10b), .efiApplication(.x86)),
    Row("arm64 EFI", CraftedLoader.efi(machine: 0xaa64), .efiApplication(.arm64)),
    Row("arm32 EFI", CraftedLoader.efi(machine: 0x1c2, magic: 0x10b), .efiApplication(.arm32)),
    Row("riscv64 EFI", CraftedLoader.efi(machine: 0x5064), .efiApplication(.riscv64)),
    Row("iPXE, PXELINUX", CraftedLoader.iPXE, .biosProgram),
    Row("GRUB", CraftedLoader.bios([0xb2, 0x7f, 0xea, 0, 0x82, 0, 0]), .biosProgram),
    Row("lkrn", CraftedLoader.signed55AA("HdrS"), .linuxKernel),
    Row("boot sector", CraftedLoader.signed55AA(""), .bootSector),
    Row("start4.elf", CraftedLoader.elf(machine: 137), .videoCore),
    Row("64-bit magic on ia32", CraftedLoader.efi(machine: 0x14c), nil),
    Row("unknown machine", CraftedLoader.efi(machine: 0x6264), nil),
    Row("EFI driver", CraftedLoader.efi(machine: 0x8664, subsystem: 11), nil),
    Row("Windows program", CraftedLoader.efi(machine: 0x8664, subsystem: 3), nil),
    Row("DOS program", [0x4d, 0x5a] + [UInt8](repeating: 0, count: 600), nil),
    Row("x86-64 ELF", CraftedLoader.elf(machine: 62), nil),
    Row("far jump into the BIOS", CraftedLoader.bios([0xea, 0, 0, 0, 0xf0]), nil),
    Row("text", Array(String(repeating: "#!ipxe\n", count: 100).utf8), nil),
    Row("web page", Array("<html><h1>404 Not Found</h1></html>".utf8), nil),
    Row("zeros", [UInt8](repeating: 0, count: 1024), nil),
    Row("nothing", [], nil),
  ]

  private func format(_ octets: [UInt8], byteCount: Int? = nil) throws(Malformed) -> LoaderFormat {
    try LoaderFormat(head: octets.span.bytes, byteCount: byteCount ?? octets.count)
  }

  @Test(arguments: rows)
  func aFormatIsToldByItsHead(_ row: Row) {
    #expect((try? format(row.octets)) == row.format)
  }

  /// The crafted heads of one architecture are refused for every other.
  @Test(arguments: Architecture.allCases)
  func onlyItsOwnFormatSuitsAnArchitecture(_ architecture: Architecture) {
    let suiting = Self.rows.compactMap(\.format).filter { $0 == architecture.loaderFormat }
    #expect(Set(suiting).count == 1)
  }

  @Test(arguments: rows.filter { $0.format != nil })
  func everyPrefixAndEveryOctetDecodesOrThrows(_ row: Row) {
    for count in 0..<row.octets.count {
      let prefix = Array(row.octets.prefix(count))
      check(prefix, byteCount: count)
      check(prefix, byteCount: row.octets.count)
    }
    for index in row.octets.indices {
      for value: UInt8 in [0, 1, 255] {
        var octets = row.octets
        octets[index] = value
        check(octets, byteCount: octets.count)
      }
    }
  }

  private func check(_ octets: [UInt8], byteCount: Int) {
    do throws(Malformed) {
      _ = try format(octets, byteCount: byteCount)
    } catch {
      // A pointer of the file may lead anywhere; the error says where it led or that it ended.
      #expect(error.offset >= 0)
    }
  }

  @Test func aCutDownloadIsTruncated() {
    let octets = CraftedLoader.efi(machine: 0x8664)
    #expect(throws: Malformed(.truncated, at: 0x98 + 176 + 16)) {
      _ = try format(octets, byteCount: 767)
    }
    #expect((try? format(octets, byteCount: 768)) == .efiApplication(.x8664))
  }
}

extension LoaderFormatTests.Row {
  init(_ description: String, _ octets: [UInt8], _ format: LoaderFormat?) {
    self.init(testDescription: description, octets: octets, format: format)
  }
}
