import Boot
import Network
import Replay
import Testing

@Suite struct FirmwareModelTests {
  struct Row: CustomTestStringConvertible {
    let model: FirmwareModel
    let loader: Loader.Set
    let network: BootBench.Network
    var testDescription: String { "\(model.rawValue), \(loader.rawValue), \(network.rawValue)" }
  }

  private static let rows = FirmwareModel.allCases.flatMap { model in
    Loader.Set.allCases.flatMap { loader in
      BootBench.Network.allCases.map { Row(model: model, loader: loader, network: $0) }
    }
    // A proxyDHCP has nothing for U-Boot (``Quirk/firstOfferIsTaken``).
  }.filter { $0.model != .ubootARM64 || $0.network != .proxied }

  @Test(arguments: rows) func everyFirmwareBootsByEveryLoaderOnEveryNetwork(_ row: Row) {
    var bench = BootBench()
    bench.loader = row.loader
    bench.network = row.network
    let (progress, log) = bench.run(row.model)
    #expect(progress.isBooted, "\(progress)\n\(log.suffix(60).joined(separator: "\n"))")
  }

  @Test func twoRunsAreEqual() {
    let bench = BootBench()
    #expect(bench.run(.edk2PXEx64).log == bench.run(.edk2PXEx64).log)
  }

  @Test func aHundredMachinesBootTogetherAndHaveAddressesOfTheirOwn() {
    let bench = BootBench()
    var link = bench.link
    let models: [FirmwareModel] = [.ipxeROM, .edk2PXEx64, .edk2HTTParm64, .udhcpc]
    for number in 0..<100 {
      link.add(
        BootMachine(models[number % models.count], BootBench.identity(UInt8(number + 1))),
        at: .start + .milliseconds(number))
    }
    link.run(until: .start + .seconds(600))
    #expect(link.clients.allSatisfy { $0.progress.isBooted })
    #expect(Set(link.clients.compactMap(\.address)).count == 100)
  }

  @Test func aMissingKernelIsNamedWithItsURL() {
    var bench = BootBench()
    bench.files["linux"] = nil
    #expect(
      bench.run(.ipxeROM).progress
        == .failed(at: .kernel, because: "GET http://10.77.0.1/files/linux: 404"))
  }

  @Test func aMissingRAMDiskIsNamedWithItsName() {
    var bench = BootBench()
    bench.files["initrd.gz"] = nil
    bench.loader = .signed
    let progress = bench.run(.edk2PXEx64).progress
    guard case .failed(.initialRAMDisk, let reason) = progress else {
      return #expect(Bool(false), "\(progress)")
    }
    #expect(reason.hasPrefix("tftp://10.77.0.1/files/initrd.gz: ERROR 1"))
  }

  @Test func withoutAServerItFailsAtItsAddress() {
    var link = VirtualLink(servers: [])
    link.add(BootMachine(.edk2PXEx64, BootBench.identity()))
    link.run(until: .start + .seconds(600))
    #expect(
      link.clients[0].progress
        == .failed(at: .address, because: "nobody answers its DISCOVER"))
  }

  @Test func ubootBesideAForeignServerFindsNothing() {
    var bench = BootBench()
    bench.network = .proxied
    #expect(
      bench.run(.ubootARM64).progress
        == .failed(at: .bootFile, because: "no answer names a boot file, and no menu is found"))
  }

  /// What a loader's bytes say goes before its name.
  @Test(arguments: [FirmwareModel.edk2PXEarm64, .edk2HTTParm64])
  func aLoaderForAnotherProcessorIsNotStarted(_ model: FirmwareModel) {
    var bench = BootBench()
    var program = [UInt8](repeating: 1, count: 256)
    program.replaceSubrange(0..<2, with: Array("MZ".utf8))
    program.replaceSubrange(0x3c..<0x40, with: [0x80, 0, 0, 0])
    program.replaceSubrange(0x80..<0x86, with: [0x50, 0x45, 0, 0, 0x64, 0x86])
    bench.loaderBytes["ipxe/ipxe-arm64.efi"] = program
    #expect(
      bench.run(model).progress
        == .failed(
          at: .bootFile,
          because: "ipxe-arm64.efi is for x86-64-efi, this firmware is arm64-efi"))
  }

  @Test func aMachineThatIsSwitchedOnAgainBootsOnceTheFileIsThere() {
    var bench = BootBench()
    bench.files["linux"] = nil
    var link = bench.link
    link.add(
      BootMachine(.ipxeROM, BootBench.identity(), restingAfterFailure: .seconds(10)))
    var notes: [String] = []
    link.run(until: .start + .seconds(60)) { _, event in
      if case .requested(_, .note(let note)) = event { notes.append(note) }
    }
    #expect(link.clients[0].progress == .running)
    #expect(notes.filter { $0.contains("switched on again") }.count > 2)
  }

  /// iPXE is told so by its script, EDK II by a menu (Quirk.menuItemZeroIsTheDisk); BIOS ROMs get
  /// nothing to boot, and go on to their disk by themselves.
  @Test func whoBootsFromItsDiskLeavesToIt() {
    var bench = BootBench()
    bench.boot = .local
    #expect(bench.run(.ipxeROM).progress == .booted(how: "starts its local disk"))
    #expect(bench.run(.edk2PXEx64).progress == .booted(how: "starts its local disk"))
    #expect(bench.run(.edk2HTTPx64).progress.isBooted)
    #expect(
      bench.run(.biosROM).progress
        == .failed(at: .bootFile, because: "no answer names a boot file"))
  }

  @Test(arguments: [FirmwareModel.ipxeROM, .edk2PXEx64])
  func aMachineWithoutItsValuesSaysSoOnItsScreen(_ model: FirmwareModel) {
    var bench = BootBench()
    bench.boot = .script(
      Template(
        verbatim: """
          #!ipxe
          echo bootwire: machine a matches no profile
          prompt --timeout 3000 Press a key && shell || exit 1

          """))
    #expect(
      bench.run(model).progress
        == .failed(
          at: .script, because: "its screen says: machine a matches no profile"))
  }

  /// The lab's script of that name, which sends each iPXE where it belongs.
  @Test func theROMChainsUndionlyWhichBootsTheKernel() {
    var bench = BootBench()
    bench.boot = .script(
      Template(
        verbatim: """
          #!ipxe
          iseq ${net0/chip} undionly && goto kernel ||
          chain tftp://10.77.0.1/loaders/ipxe/undionly.kpxe
          :kernel
          kernel http://10.77.0.1/files/linux console=ttyS0 quiet
          initrd http://10.77.0.1/files/initrd.gz
          boot

          """))
    let (progress, log) = bench.run(.ipxeROM)
    #expect(
      progress
        == .booted(how: "starts http://10.77.0.1/files/linux with its initial RAM disk"))
    #expect(log.contains { $0.contains("starts undionly.kpxe") })
  }
}
