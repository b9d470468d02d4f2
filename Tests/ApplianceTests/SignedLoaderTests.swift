import Boot
import Foundation
import Testing

@testable import Appliance

/// The set `signed`: programs that fetch others from their own folder.
@Suite struct SignedLoaderTests {
  @Test func whatIsPackagedIsALoaderOrGoesWithOne() {
    for (use, files) in PackagedFile.groups {
      let rows = files.filter { file in
        LoaderRow.all.contains { $0.set == .signed && $0.file == file.file }
      }
      let companions = files.filter { file in
        LoaderCompanion.all.contains { $0.set == .signed && $0.file == file.file }
      }
      #expect(rows.count == 1, "\(use)")
      #expect(rows.count + companions.count == files.count, "\(use)")
    }
  }

  @Test func aCompanionIsForTheProcessorOfItsLoader() throws {
    let folder = NSTemporaryDirectory() + "signed-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func put(_ octets: [UInt8], _ name: String) throws {
      try FileManager.default.createDirectory(
        atPath: folder + "/mine", withIntermediateDirectories: true)
      try Data(octets).write(to: URL(fileURLWithPath: "\(folder)/mine/\(name)"))
    }
    try put(CraftedLoader.efi(machine: 0x8664), "shimx64.efi")
    try put(CraftedLoader.efi(machine: 0x8664), "grubx64.efi")
    try put(CraftedLoader.iPXE, "pxelinux.0")
    try put(CraftedLoader.elf(machine: 3), "ldlinux.c32")
    let shelves = folder + "/loaders"
    _ = try LoaderImport.run(folder + "/mine", to: .set(.signed), into: shelves)
    #expect(
      try LoaderListing(shelves).lines.map(\.path) == [
        "signed/grubx64.efi", "signed/ldlinux.c32", "signed/pxelinux.0", "signed/shimx64.efi",
      ])
    let catalog = Catalog(loaders: LoaderShelf.load(shelves).loaders)
    #expect(catalog.loader(.signed, for: .x8664EFI)?.name == "loaders/signed/shimx64.efi")
    #expect(catalog.loader(.signed, for: .x86BIOS)?.name == "loaders/signed/pxelinux.0")

    try put(CraftedLoader.efi(machine: 0xaa64), "grubx64.efi")
    #expect(throws: LoaderFailure.self) {
      _ = try LoaderImport.run(folder + "/mine", to: .set(.signed), into: shelves)
    }
  }
}
