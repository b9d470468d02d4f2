import Appliance
import Boot
import Foundation
import Testing

@Suite("Loaders folder") struct LoaderShelfTests {
  private let folder: String

  init() {
    folder = NSTemporaryDirectory() + "loaders-" + UUID().uuidString
  }

  private func put(_ octets: [UInt8], _ path: String) throws {
    let url = URL(fileURLWithPath: "\(folder)/\(path)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(octets).write(to: url)
  }

  private func remove() { try? FileManager.default.removeItem(atPath: folder) }

  @Test func aLoaderForTheWrongMachineTypeIsRefused() throws {
    defer { remove() }
    try put(CraftedLoader.efi(machine: 0x8664), "ipxe/ipxe-arm64.efi")
    try put(CraftedLoader.efi(machine: 0x8664), "ipxe/ipxe-amd64.efi")
    try put(CraftedLoader.efi(machine: 0x8664), "ipxe/undionly.kpxe")
    try put(CraftedLoader.signed55AA("HdrS"), "ipxe/ipxe.pxe")
    let shelf = LoaderShelf.load(folder)
    #expect(shelf.loaders.map(\.path) == ["ipxe/ipxe-amd64.efi"])
    #expect(
      shelf.warnings == [
        "ipxe/undionly.kpxe is an EFI application for x86-64, but x86-bios needs a BIOS boot "
          + "program: it is not offered",
        "ipxe/ipxe.pxe is a Linux kernel image, but x86-bios needs a BIOS boot program: "
          + "it is not offered",
        "ipxe/ipxe-arm64.efi is an EFI application for x86-64, but arm64-efi needs an EFI "
          + "application for arm64: it is not offered",
      ])
    let catalog = Catalog(loaders: shelf.loaders)
    #expect(catalog.loader(.ipxe, for: .x8664EFI)?.byteCount == 1024)
    #expect(catalog.loader(.ipxe, for: .arm64EFI) == nil)
  }

  @Test func aLinkIsRefusedAndAnEmptyFolderIsNoTrouble() throws {
    defer { remove() }
    #expect(LoaderShelf.load(folder).warnings.isEmpty)
    try put(CraftedLoader.iPXE, "mine/undionly.kpxe")
    try put([], "ipxe/ipxe.efi")
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/ipxe/undionly.kpxe", withDestinationPath: "../mine/undionly.kpxe")
    let shelf = LoaderShelf.load(folder)
    #expect(shelf.loaders.isEmpty)
    #expect(shelf.warnings.count == 2)
    #expect(shelf.warnings.first?.contains("not a regular file") == true)
  }

  @Test func whatIsImportedIsListedAndItsChangesAreSeen() throws {
    defer { remove() }
    try put(CraftedLoader.iPXE, "mine/undionly.kpxe")
    try put(CraftedLoader.efi(machine: 0xaa64), "mine/ipxe-arm64.efi")
    try put(Array("notes".utf8), "mine/README")
    // As Debian's /usr/lib/ipxe has it; a copy is taken, not the link.
    try put([], "boot/empty")
    try FileManager.default.moveItem(
      atPath: folder + "/mine/ipxe-arm64.efi", toPath: folder + "/boot/ipxe-arm64.efi")
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/mine/ipxe-arm64.efi", withDestinationPath: "../boot/ipxe-arm64.efi")
    let shelves = folder + "/loaders"
    let taken = try LoaderImport.run(folder + "/mine", to: nil, into: shelves)
    #expect(taken.count == 2)
    #expect(LoaderShelf.load(shelves).loaders.map(\.architecture) == [.x86BIOS, .arm64EFI])
    var listing = try LoaderListing(shelves)
    #expect(listing.lines.map(\.path) == ["ipxe/ipxe-arm64.efi", "ipxe/undionly.kpxe"])
    #expect(listing.lines.allSatisfy { $0.condition == .ok && $0.sha256.count == 12 })

    try put(CraftedLoader.bios([0xea, 0x06, 0x00, 0xc0, 0x07]), "loaders/ipxe/undionly.kpxe")
    try put(CraftedLoader.efi(machine: 0x8664), "loaders/ipxe/ipxe-amd64.efi")
    try FileManager.default.removeItem(atPath: shelves + "/ipxe/ipxe-arm64.efi")
    listing = try LoaderListing(shelves)
    #expect(listing.lines.map(\.condition) == [.unlisted, .missing, .changed])
    #expect(listing.text.contains("ipxe/ipxe-arm64.efi  arm64-efi"))
    let attributes = try FileManager.default.attributesOfItem(atPath: shelves + "/manifest.json")
    #expect(attributes[.posixPermissions] as? Int == 0o644)
  }

  @Test func anImportWithOneWrongFileTakesNone() throws {
    defer { remove() }
    try put(CraftedLoader.iPXE, "mine/undionly.kpxe")
    try put(CraftedLoader.iPXE, "mine/ipxe-arm64.efi")
    #expect(throws: LoaderFailure.self) {
      _ = try LoaderImport.run(folder + "/mine", to: .set(.ipxe), into: folder + "/loaders")
    }
    #expect(!FileManager.default.fileExists(atPath: folder + "/loaders"))
  }

  @Test func aRaspberryPisFirmwareIsKnownByItsFiles() throws {
    defer { remove() }
    try put([1, 2, 3], "firmware/bootcode.bin")
    try put(CraftedLoader.elf(machine: 137), "firmware/start4.elf")
    try put([4], "firmware/fixup4.dat")
    try put([5], "firmware/bcm2711-rpi-4-b.dtb")
    try put([6], "firmware/overlays/vc4-kms-v3d.dtbo")
    try put([7], "firmware/kernel8.img")
    _ = try LoaderImport.run(folder + "/firmware", to: nil, into: folder)
    let names = try LoaderListing(folder).lines.map(\.path)
    #expect(
      names == [
        "pi/bcm2711-rpi-4-b.dtb", "pi/bootcode.bin", "pi/fixup4.dat",
        "pi/overlays/vc4-kms-v3d.dtbo", "pi/start4.elf",
      ])
    try put(CraftedLoader.elf(machine: 62), "firmware/start4.elf")
    #expect(throws: LoaderFailure.self) {
      _ = try LoaderImport.run(folder + "/firmware", to: nil, into: folder)
    }
  }

  @Test func aDamagedManifestIsSaidAndMadeAnew() throws {
    defer { remove() }
    try put(Array("{\"files\": [".utf8), "manifest.json")
    #expect(throws: LoaderFailure.self) { _ = try LoaderListing(folder) }
    try put(CraftedLoader.iPXE, "mine/undionly.kpxe")
    _ = try LoaderImport.run(folder + "/mine", to: nil, into: folder)
    #expect(try LoaderListing(folder).lines.count == 1)
  }

  struct Real: Sendable {
    let path: String
    let architecture: Architecture
  }

  private static let real = [
    Real(path: "/usr/lib/ipxe/undionly.kpxe", architecture: .x86BIOS),
    Real(path: "/usr/lib/ipxe/ipxe.pxe", architecture: .x86BIOS),
    Real(path: "/usr/lib/ipxe/snponly.efi", architecture: .x8664EFI),
    Real(path: "/boot/ipxe.efi", architecture: .x8664EFI),
  ].filter { FileManager.default.fileExists(atPath: $0.path) }

  @Test(.enabled(if: !real.isEmpty, "Debian's ipxe package is not installed"), arguments: real)
  func debiansFilesSuitTheirArchitecturesOnly(_ real: Real) throws {
    let file = try #require(try LoaderFile(real.path))
    for architecture in Architecture.allCases {
      let suits = (try? file.check("it", for: architecture)) != nil
      #expect(suits == (architecture == real.architecture))
    }
  }
}
