import Boot
import Capture
import Network
import Replay
import Testing
import Wire

/// Faults that are planted on the wire or in the configuration's files: a replay names each, by
/// machine and by option.
struct PlantedFaultTests {
  private static let own = IPv4Address(10, 77, 0, 1)

  private func catalog(
    _ mode: Interface.Mode, own: IPv4Address, kernel: String = "linux"
  ) -> Catalog {
    let boot = KernelBoot(
      kernel: Template(verbatim: kernel), initrd: [Template(verbatim: "initrd.gz")],
      arguments: Template(verbatim: "quiet"))
    return Catalog(
      generation: 1, interfaces: [Interface(name: "s0", number: 1, dhcp: mode)],
      subnets: [
        Subnet(
          network: IPv4Prefix(own, length: 24), interface: "s0",
          pools: [Pool(IPv4Address(10, 77, 0, 100), IPv4Address(10, 77, 0, 199))],
          ownAddress: own)
      ],
      profiles: [Profile(name: "install", boot: .kernel(boot))],
      defaultProfile: .profile("install"),
      loaders: LoaderRow.all.map {
        Loader(
          set: $0.set, architecture: $0.architecture, path: "\($0.set.rawValue)/\($0.file)",
          byteCount: 4096)
      })
  }

  /// - Parameter files: Which files are others than they should be; nil: not there.
  private func report(
    _ name: String, _ mode: Interface.Mode = .authoritative, own: IPv4Address = own,
    kernel: String = "linux",
    files: @escaping @Sendable (BootPath) -> WorldFile?? = { _ in nil },
    wire: (@Sendable (SentDatagram) -> SentDatagram)? = nil
  ) throws -> PlaybackReport {
    let path = FixtureReplayTests.folder + "/\(name).pcap"
    let (_, recording) = try ElidedSavefile.read(path)
    let world = World(catalog: catalog(mode, own: own, kernel: kernel)) { tree, path in
      if let file = files(path) { return file }
      let isThere = tree == .loaders || ["linux", "initrd.gz"].contains(path.name)
      return isThere ? WorldFile(byteCount: 4096) : nil
    }
    var playback = Playback(recording, in: .configured(world), wire: wire)
    return playback.run()
  }

  private func expect(
    _ report: PlaybackReport, failsAt step: BootStep, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .fails(let found, let reason) = report.machines.first?.verdict else {
      Issue.record(
        "\(String(describing: report.machines.first?.verdict))", sourceLocation: sourceLocation)
      return
    }
    #expect(found == step, sourceLocation: sourceLocation)
    for word in words {
      #expect(reason.contains(word), "\(reason)", sourceLocation: sourceLocation)
    }
  }

  /// Changes each DHCP message of ours.
  private static func changing(
    _ change: @escaping @Sendable (inout DHCPMeaning, inout Endpoint) -> Void
  ) -> @Sendable (SentDatagram) -> SentDatagram {
    { sent in
      guard [67, 4011].contains(sent.source.port), var meaning = DHCPMeaning(reading: sent.payload)
      else { return sent }
      var destination = sent.destination
      change(&meaning, &destination)
      return SentDatagram(
        source: sent.source, destination: destination, hardware: sent.hardware,
        interface: sent.interface, payload: meaning.encoded())
    }
  }

  @Test(arguments: [
    "arm64", "arm64-http", "bios", "bios-loss", "bios-pxelinux", "bios-undionly", "dnsmasq-bios",
    "dnsmasq-uefi", "uboot", "uefi", "uefi-grub", "uefi-http", "uefi-snponly",
  ]) func withoutAFaultTheMachineBoots(_ name: String) throws {
    let verdict = try report(name).machines.first?.verdict
    #expect(verdict?.isFailure == false, "\(String(describing: verdict))")
  }

  @Test func theLoaderOfAnotherArchitectureIsNamed() throws {
    var image = [UInt8](repeating: 0, count: 4096)
    image.replaceSubrange(0..<2, with: Array("MZ".utf8))
    image[0x3c] = 0x80
    image.replaceSubrange(0x80..<0x86, with: [0x50, 0x45, 0, 0, 0x64, 0x86])
    let wrong = WorldFile(image)
    for name in ["arm64", "arm64-http"] {
      let report = try report(name, files: { $0.name == "ipxe-arm64.efi" ? .some(wrong) : nil })
      expect(report, failsAt: .bootFile, "ipxe-arm64.efi", "x86-64-efi", "arm64-efi")
    }
  }

  @Test func aMissingClassForHTTPBootIsNamed() throws {
    let report = try report(
      "uefi-http",
      wire: Self.changing { message, _ in message.options.removeAll { $0.code == 60 } })
    expect(report, failsAt: .address, "option 60", "HTTPClient")
  }

  @Test func aProxysOfferWithoutNextServerIsNamed() throws {
    let report = try report(
      "proxy-bios", .proxy,
      wire: Self.changing { message, _ in message.header.serverAddress = .unspecified })
    expect(report, failsAt: .address, "siaddr", "0.0.0.0")
  }

  @Test func anAnswerOfPort4011ToAnotherPortIsNamed() throws {
    let report = try report(
      "proxy-uefi", .proxy,
      wire: Self.changing { _, destination in
        if destination.port == 4011 { destination.port = 68 }
      })
    expect(report, failsAt: .bootServer, "port 68", "4011")
  }

  @Test func theClassWithoutItsVendorOptionIsNamed() throws {
    let report = try report(
      "uefi-snponly",
      wire: Self.changing { message, _ in
        message.options.append(.init(code: 60, value: Array("PXEClient".utf8)))
      })
    expect(report, failsAt: .address, "option 43", "6 = 8")
  }

  @Test func anOptionThatWasNotAskedForIsNamed() throws {
    let report = try report(
      "uefi-snponly",
      wire: { sent in
        guard sent.payload.starts(with: [0, 6]) else { return sent }
        return SentDatagram(
          source: sent.source, destination: sent.destination, hardware: sent.hardware,
          interface: sent.interface, payload: sent.payload + Array("tsize\u{0}4096\u{0}".utf8))
      })
    expect(report, failsAt: .bootFile, "tsize", "not asked")
  }

  @Test func aScriptWhoseKernelIsNotThereIsNamed() throws {
    for name in ["bios", "uefi-snponly"] {
      let report = try report(name, files: { $0.name == "linux" ? .some(nil) : nil })
      expect(report, failsAt: .kernel, "files/linux", "404")
    }
  }

  @Test func whatAnotherServerHasIsTakenToBeThere() throws {
    let report = try report("bios", kernel: "http://192.0.2.7/linux")
    #expect(report.machines.first?.verdict == .bootsDifferently)
    let lines = report.machines.first?.transcript.lines ?? []
    #expect(lines.contains { $0.contains("http://192.0.2.7/linux is another server's") })
  }
}
