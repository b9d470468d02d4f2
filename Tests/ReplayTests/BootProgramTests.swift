import Boot
import Network
import Replay
import Services
import Testing

/// What loaders make of the menus that they find, by our own renderers and by operators' hands.
@Suite struct BootProgramTests {
  private static let lease = StationLease(
    address: IPv4Address(10, 77, 1, 9), nameServers: [BootBench.own], bootServer: BootBench.own,
    bootFile: "loaders/signed/shimx64.efi", server: BootBench.own)

  private func run(
    _ loader: String, _ architecture: Architecture, _ files: [String: String]
  ) -> BootProgress {
    var bench = BootBench()
    for (path, text) in files { bench.files[path] = Array(text.utf8) }
    guard let url = BootURL("tftp://10.77.0.1/\(loader)") else { return .running }
    return bench.run(
      BootMachine(
        resuming: .program(url, nil, byteCount: 2000), BootBench.identity(), architecture,
        lease: Self.lease)
    ).progress
  }

  struct Row: CustomTestStringConvertible {
    let text: String
    let progress: BootProgress
    var testDescription: String { text }

    init(_ text: String, _ progress: BootProgress) {
      self.text = text
      self.progress = progress
    }
  }

  private static let kernel = "tftp://10.77.0.1/files/linux"

  @Test(arguments: [
    Row(
      "DEFAULT a\nLABEL b\n KERNEL x\nLABEL a\n  LINUX ::files/linux\n  APPEND initrd=::files/initrd.gz quiet",
      .booted(how: "starts \(kernel) with its initial RAM disk")),
    Row(
      "default a\nprompt 0\nlabel a\n\tkernel 10.77.0.1::files/linux",
      .booted(how: "starts \(kernel)")),
    Row(
      "DEFAULT vesamenu.c32\nTIMEOUT 50\nLABEL a\nMENU LABEL x\nLINUX ::files/none\nLABEL b\nMENU DEFAULT\nLINUX ::files/linux",
      .booted(how: "starts \(kernel)")),
    Row(
      "UI menu.c32\nLABEL a\nLINUX ::files/linux",
      .failed(
        at: .menu,
        because: "tftp://10.77.0.1/loaders/signed/pxelinux.cfg/default waits for a choice")),
    Row("DEFAULT a\nLABEL a\nLOCALBOOT 0", .booted(how: "starts its local disk")),
    Row(
      "LABEL a\nLINUX http://10.77.0.1/files/linux\nINITRD ::files/initrd.gz,::files/linux",
      .booted(how: "starts http://10.77.0.1/files/linux with 2 files")),
    Row(
      "# nothing",
      .failed(
        at: .menu, because: "tftp://10.77.0.1/loaders/signed/pxelinux.cfg/default has no label")),
  ])
  func pxelinuxBootsWhatItsMenuSays(_ row: Row) {
    // The operator's own in the loaders' tree: a file of that name comes before the rendered menu.
    var bench = BootBench()
    bench.loaderBytes["signed/pxelinux.cfg/default"] = Array(row.text.utf8)
    bench.loaderBytes["signed/pxelinux.cfg/01-52-54-00-77-00-01"] = nil
    bench.loader = .signed
    bench.loaderBytes["signed/pxelinux.cfg/01-" + BootBench.identity().macAddress.dashed] =
      Array(row.text.utf8)
    let progress = bench.run(.biosROM).progress
    let name = "01-" + BootBench.identity().macAddress.dashed
    #expect("\(progress)" == "\(row.progress)".replacing("/default", with: "/\(name)"))
  }

  @Test(arguments: [
    Row(
      "linux (tftp,10.77.0.1)/files/linux a=b\ninitrd (tftp,10.77.0.1)/files/initrd.gz\nboot",
      .booted(how: "starts \(kernel) with its initial RAM disk")),
    Row(
      "set timeout=5\nset default=two\nmenuentry 'One' { linux /none }\nmenuentry \"Two\" --id two {\n  set k=/files/linux\n  linux $k\n}",
      .booted(how: "starts \(kernel)")),
    Row(
      "if [ \"$grub_platform\" = efi ]; then\n  linux /files/linux\nelse\n  exit\nfi\nboot",
      .booted(how: "starts \(kernel)")),
    Row(
      "menuentry 'a' {\n linux /files/linux\n}",
      .failed(at: .menu, because: "its menu waits for a choice")),
    Row(
      "linux (http,10.77.0.1)/files/none",
      .failed(at: .kernel, because: "GET http://10.77.0.1/files/none: 404")),
    Row("exit 1", .booted(how: "leaves to the next boot option, as told")),
    Row(
      "if [ a",
      .failed(
        at: .menu,
        because:
          "tftp://10.77.0.1/grub/grub.cfg-01-52-54-00-77-00-01 is no script that GRUB understands")),
    Row(
      "for f in none linux; do\n  set name=$f\ndone\nlinux /files/$name\nboot",
      .booted(how: "starts \(kernel)")),
  ])
  func grubBootsWhatItsConfigurationSays(_ row: Row) {
    #expect(
      run(
        "loaders/signed/grubx64.efi", .x8664EFI,
        ["grub/grub.cfg-01-52-54-00-77-00-01": row.text]) == row.progress)
  }

  @Test func grubAfterShimSearchesAsItsFirmwareDid() {
    var bench = BootBench()
    bench.loader = .signed
    let names = bench.run(.edk2PXEx64).log.compactMap { line -> String? in
      guard let mark = line.firstRange(of: ":69 tftp 1 ") else { return nil }
      return line[mark.upperBound...].split(separator: " ").first.map(String.init)
    }
    #expect(
      names == [
        "loaders/signed/shimx64.efi", "loaders/signed/shimx64.efi",
        "loaders/signed/revocations_sku.efi", "loaders/signed/revocations_sbat.efi",
        "loaders/signed/shim_certificate_0.efi", "loaders/signed/grubx64.efi",
        "/grub/grub.cfg-01-52-54-00-77-00-01", "/grub/x86_64-efi/command.lst",
        "/grub/x86_64-efi/fs.lst", "/grub/x86_64-efi/crypto.lst",
        "/grub/x86_64-efi/terminal.lst", "/files/linux", "/files/initrd.gz",
      ])
  }

  @Test func aPi4FetchesItsFilesFromTheRootWhereItHasNoFolder() {
    let names = BootBench().run(.raspberryPi4).log.filter { $0.contains(":69 tftp 1") }
    #expect(names.first?.contains("8d770001/start4.elf octet tsize 0 blksize 1024") == true)
    #expect(names.last?.contains("kernel8.img octet blksize 1024") == true)
  }

  @Test func aFirmwareGoesOnFromItsAddress() {
    let bench = BootBench()
    let firmware = Firmware(kind: .pxe, architecture: .x8664EFI, code: 7)
    var lease = Self.lease
    lease.bootFile = "loaders/ipxe/ipxe-arm64.efi"
    let machine = BootMachine(
      resuming: .firmware(firmware), BootBench.identity(), .x8664EFI, lease: lease)
    #expect(
      bench.run(machine).progress
        == .failed(
          at: .bootFile, because: "ipxe-arm64.efi is for arm64-efi, this firmware is x86-64-efi"))
  }
}
