import Boot
import Bytes
import Foundation
import Network
import RecordedPackets
import Replay
import Testing
import Wire

@Suite struct ExplainTests {
  /// Every packet of a recording: explained, it has the reasons that the replay had for it.
  private static func differences(_ recording: Recording) -> [Int] {
    var replay = Playback(recording, in: .recorded)
    let reasons = replay.run().reasons
    var playback = Playback(recording, in: .recorded, watching: Set(replay.explainable))
    let explanations = playback.explanations()
    return replay.explainable.filter { frame in
      explanations[frame]?.rules.map(\.text)
        != (reasons[frame] ?? []).flatMap { $0 }.map(\.description)
    }
  }

  @Test(arguments: PacketFixture.all)
  func aFixtureIsExplainedAsItIsReplayed(_ fixture: PacketFixture) throws {
    let recording = Recording(messages: [
      RecordedDatagram(
        frame: 1, time: .start, sourceHardware: nil, destinationHardware: nil,
        source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
        payload: fixture.octets)
    ])
    #expect(Self.differences(recording) == [])
  }

  @Test func everyRecordingIsExplainedAsItIsReplayed() throws {
    let captures = CaptureFile.arePresent ? try CaptureFile.all() : []
    if captures.isEmpty { print("no captures beside the package: none is explained") }
    for capture in captures + CaptureFile.fixtures {
      let frames = capture.frames.enumerated().map { index, octets in
        Frame(
          number: index + 1, time: Int64(index) * 1_000_000, link: .ethernet,
          originalCount: octets.count, octets: octets)
      }
      #expect(Self.differences(Recording(frames)) == [], "\(capture.name)")
    }
  }

  // A world with a profile, a machine and a file.
  private static let kernel = "linux"
  private static func world(_ mode: Interface.Mode = .authoritative) -> World {
    let kernelBoot = KernelBoot(
      kernel: Template(verbatim: kernel), initrd: [Template(verbatim: "absent.gz")],
      arguments: Template(verbatim: ""))
    let loaders = LoaderRow.all.map {
      Loader(
        set: $0.set, architecture: $0.architecture, path: "\($0.set.rawValue)/\($0.file)",
        byteCount: 77)
    }
    let catalog = Catalog(
      interfaces: [Interface(name: "eth1", number: 1, dhcp: mode)],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 24), interface: "eth1",
          pools: [Pool(IPv4Address(10, 77, 0, 100), IPv4Address(10, 77, 0, 109))],
          ownAddress: IPv4Address(10, 77, 0, 1)),
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 78, 0, 0), length: 24),
          relays: [IPv4Address(192, 0, 2, 9)],
          pools: [Pool(IPv4Address(10, 78, 0, 100), IPv4Address(10, 78, 0, 109))]),
      ],
      profiles: [Profile(name: "install", boot: .kernel(kernelBoot))],
      machines: [Machine(name: "rack3-07", macAddress: mac, profile: "install")], loaders: loaders)
    return World(catalog: catalog) { tree, path in
      switch tree {
      case .loaders: WorldFile(byteCount: 77)
      case .files: path.description == kernel ? WorldFile(byteCount: 5) : nil
      }
    }
  }

  private static let mac = MACAddress(0x52, 0x54, 0, 0, 0, 1)

  private func explain(
    _ firmware: Firmware?, in world: World = world(), subnet: Int = 0
  ) throws -> Explanation {
    let vantage = try #require(
      Vantage(world.catalog, subnet: world.catalog.subnets[subnet], relay: nil) { _ in nil })
    return Explainer(world).explain(
      SupposedMachine(macAddress: Self.mac, firmware: firmware), from: vantage)
  }

  @Test func aMachineIsLedFromItsLoaderToItsKernel() throws {
    let explanation = try explain(Firmware(kind: .pxe, architecture: .arm64EFI))
    #expect(
      explanation.rules.map(\.text).prefix(2) == [
        "It is the machine rack3-07, told by its mac.", "Its machine has the profile install.",
      ])
    let reply = try #require(explanation.reply)
    #expect(reply.type == "OFFER")
    let file = try #require(reply.parts.first { $0.name == "option 67 (boot file)" })
    #expect(file.origins == ["loader of profile install"])
    let requests = explanation.answers.map { "\($0.request): \($0.answer)" }
    #expect(requests.first == "TFTP \(file.value ?? ""): 77 bytes")
    #expect(requests.contains { $0.hasPrefix("GET /boot.ipxe: ") })
    #expect(requests.contains("HEAD /files/linux: 5 bytes"))
    #expect(requests.contains("HEAD /files/absent.gz: 404, there is no such file"))
    #expect(explanation.answers.contains { $0.text?.hasPrefix("#!ipxe\n") == true })
  }

  @Test func everyFirmwareIsTakenForWhatItIs() throws {
    for row in FirmwareRow.all where row.kind != .pi {
      let firmware = Firmware(kind: row.kind, architecture: row.architecture, code: row.code)
      let event = try explain(firmware).events.first
      #expect(event == "discover.received firmware=\"\(firmware)\"")
    }
    for kind in [Firmware.Kind.pxe, .http, .ipxe] {
      let firmware = Firmware(kind: kind, architecture: .x8664EFI)
      #expect(try explain(firmware).events.first?.contains("x86-64-efi \(kind.rawValue)") == true)
    }
    for architecture in [Architecture.raspberryPi, .raspberryPi3] {
      let firmware = Firmware(kind: .pi, architecture: architecture)
      #expect(try explain(firmware).events.first?.contains("\(firmware)") == true)
    }
    for firmware in [nil, Firmware(kind: .grub, architecture: .x8664EFI)] {
      #expect(try explain(firmware).events.first == "discover.received")
    }
  }

  @Test func aRelayedMachineIsAnsweredByItsRelay() throws {
    let reply = try #require(
      try explain(Firmware(kind: .ipxe, architecture: .x86BIOS), subnet: 1).reply)
    #expect(reply.destination == "192.0.2.9:67")
    #expect(reply.because == ["a relay forwarded the question (RFC 2131 \u{a7}4.1)"])
  }

  @Test func besideAnotherServerTheScriptIsAskedForByHardwareAddress() throws {
    let explanation = try explain(
      Firmware(kind: .ipxe, architecture: .x86BIOS), in: Self.world(.proxy))
    #expect(explanation.reply?.parts.contains { $0.name == "yiaddr (address)" } == false)
    #expect(explanation.answers.first?.request == "GET \"/boot.ipxe?mac=52-54-00-00-00-01\"")
    #expect(explanation.answers.first?.text?.hasPrefix("#!ipxe") == true)
  }

  @Test func explainingLeavesNothingBehind() throws {
    let first = try explain(Firmware(kind: .pxe, architecture: .x86BIOS))
    let world = Self.world()
    let explainer = Explainer(world)
    let vantage = try #require(
      Vantage(world.catalog, subnet: world.catalog.subnets[0], relay: nil) { _ in nil })
    let machine = SupposedMachine(
      macAddress: Self.mac, firmware: Firmware(kind: .pxe, architecture: .x86BIOS))
    for _ in 0..<3 { #expect(explainer.explain(machine, from: vantage) == first) }
  }
}
