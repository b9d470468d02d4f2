import Bytes
import Network
import RecordedPackets
import Testing
import Wire

/// What the fixtures say, read by hand out of their bytes.
@Suite struct DHCPMessageTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let fixture: String
    var type = DHCPMessageType.discover
    var flags: UInt16 = 0
    var seconds: UInt16 = 0
    var requested: IPv4Address?
    var server: IPv4Address?
    var size: UInt16?
    var architecture: UInt16?
    var vendorClass: String?
    var isIPXE = false
    var hasUUID = false
    var file = ""
    var testDescription: String { fixture }
  }

  static let lab = IPv4Address(10, 77, 0, 1)
  static let romClass = "PXEClient:Arch:00000:UNDI:002001"

  static let rows: [Row] = [
    Row(
      fixture: "ipxe-bios-discover", seconds: 4, size: 1472, architecture: 0,
      vendorClass: romClass, isIPXE: true, hasUUID: true),
    Row(
      fixture: "ipxe-bios-request", type: .request, seconds: 18,
      requested: IPv4Address(10, 77, 0, 130), server: lab, size: 1472, architecture: 0,
      vendorClass: romClass, isIPXE: true, hasUUID: true),
    Row(
      fixture: "ipxe-bios-relayed-discover", seconds: 4, size: 1472, architecture: 0,
      vendorClass: romClass, isIPXE: true, hasUUID: true),
    Row(
      fixture: "ipxe-bios-relayed-request", type: .request, seconds: 18,
      requested: IPv4Address(10, 77, 0, 130), server: IPv4Address(10, 78, 0, 1), size: 1472,
      architecture: 0, vendorClass: romClass, isIPXE: true, hasUUID: true),
    Row(
      fixture: "ipxe-undionly-discover", flags: 0x8000, seconds: 4, size: 1472, architecture: 0,
      vendorClass: romClass, isIPXE: true, hasUUID: true),
    Row(
      fixture: "ipxe-efi-discover", seconds: 4, size: 1472, architecture: 7,
      vendorClass: "PXEClient:Arch:00007:UNDI:003010", isIPXE: true, hasUUID: true),
    Row(
      fixture: "ipxe-efi-request", type: .request, seconds: 18,
      requested: IPv4Address(10, 77, 0, 131), server: lab, size: 1472, architecture: 7,
      vendorClass: "PXEClient:Arch:00007:UNDI:003010", isIPXE: true, hasUUID: true),
    Row(
      fixture: "edk2-x64-pxe-discover", flags: 0x8000, size: 1472, architecture: 7,
      vendorClass: "PXEClient:Arch:00007:UNDI:003000", hasUUID: true),
    Row(
      fixture: "edk2-x64-pxe-request", type: .request, flags: 0x8000,
      requested: IPv4Address(10, 77, 0, 131), server: lab, size: 65280, architecture: 7,
      vendorClass: "PXEClient:Arch:00007:UNDI:003000", hasUUID: true),
    Row(
      fixture: "edk2-arm64-pxe-discover", flags: 0x8000, size: 1472, architecture: 11,
      vendorClass: "PXEClient:Arch:00011:UNDI:003000", hasUUID: true),
    Row(
      fixture: "edk2-x64-http-discover", flags: 0x8000, size: 1472, architecture: 16,
      vendorClass: "HTTPClient:Arch:00016:UNDI:003000", hasUUID: true),
    Row(
      fixture: "edk2-x64-http-request", type: .request, flags: 0x8000,
      requested: IPv4Address(10, 77, 0, 131), server: lab, size: 1472, architecture: 16,
      vendorClass: "HTTPClient:Arch:00016:UNDI:003000", hasUUID: true),
    Row(
      fixture: "uboot-arm64-discover", size: 576, architecture: 22, vendorClass: "U-Boot.armv8",
      file: "boot.scr.uimg"),
    Row(
      fixture: "uboot-arm64-request", type: .request, requested: IPv4Address(10, 77, 0, 140),
      server: lab, size: 576, architecture: 22, vendorClass: "U-Boot.armv8",
      file: "boot.scr.uimg"),
    Row(
      fixture: "uboot-arm64-efi-discover", size: 576, architecture: 11,
      vendorClass: "PXEClient:Arch:00011:UNDI:003000", file: "boot.scr.uimg"),
    Row(fixture: "grub-discover", seconds: 60974),
    Row(
      fixture: "grub-request", type: .request, seconds: 60974,
      requested: IPv4Address(10, 77, 0, 131), server: lab),
    Row(fixture: "udhcpc-discover", seconds: 2, size: 576, vendorClass: "lab-initramfs"),
    Row(
      fixture: "udhcpc-request", type: .request, seconds: 3,
      requested: IPv4Address(10, 77, 0, 130), server: lab, size: 576,
      vendorClass: "lab-initramfs"),
    Row(fixture: "installer-discover", size: 576, vendorClass: "d-i"),
    Row(
      fixture: "overloaded-discover", requested: IPv4Address(10, 77, 1, 20), size: 1472,
      architecture: 7, vendorClass: "PXEClient:Arch:00007:UNDI:003000"),
    Row(fixture: "split-discover", architecture: 0, vendorClass: "PXEClient"),
  ]

  @Test func theTableHasEveryFixture() {
    // Those that nobody recorded are told by the code that makes them.
    let generated = GeneratedPacket.all.map(\.name)
    #expect((Self.rows.map(\.fixture) + generated).sorted() == PacketFixture.all.map(\.name))
  }

  @Test(arguments: rows) func aFixtureIsRead(_ row: Row) throws {
    let octets = try PacketFixture(row.fixture).octets
    let message = try DHCPMessage(checking: octets.rawSpan)
    let meaning = try DHCPMeaning(message)
    let uuid = UUID("4c4c4544-0042-4c10-8056-b4c04f4c4142")
    #expect(meaning.header.isRequest)
    #expect(meaning.header.flags == row.flags)
    #expect(meaning.header.secondsElapsed == row.seconds)
    #expect(meaning.header.clientAddress == .unspecified)
    #expect(String(decoding: meaning.file, as: UTF8.self) == row.file)
    #expect(meaning[60].map { String(decoding: $0, as: UTF8.self) } == row.vendorClass)
    let type = try message.type
    let requested = try message.requestedAddress
    let server = try message.serverIdentifier
    let size = message.maximumMessageSize
    let architecture = try message.clientArchitecture
    let isIPXE = try message.hasUserClass("iPXE")
    let machine = try message.clientUUID
    #expect(type == row.type)
    #expect(requested == row.requested)
    #expect(server == row.server)
    #expect(size == row.size)
    #expect(architecture == row.architecture)
    #expect(isIPXE == row.isIPXE)
    // QEMU was told this UUID for every boot; BIOS and EFI, iPXE and EDK II all send it so.
    #expect(machine == (row.hasUUID ? uuid : nil))
  }

  @Test("Case 2: parts of an option are joined in the order of RFC 3396")
  func partsOfAnOptionAreJoinedInTheOrderOfRFC3396() throws {
    let octets = try PacketFixture("split-discover").octets
    let message = try DHCPMessage(checking: octets.rawSpan)
    let meaning = try DHCPMeaning(message)
    #expect(meaning[61] == [0xff, 0, 0, 0, 1, 0, 2, 0, 3])
    #expect(meaning[55] == [1, 3, 6, 12, 15])
    #expect(meaning[12] == Array("rack3-07".utf8))
  }

  @Test func overloadedFieldsAreNoText() throws {
    let octets = try PacketFixture("overloaded-discover").octets
    let message = try DHCPMessage(checking: octets.rawSpan)
    let meaning = try DHCPMeaning(message)
    let name = message.serverName.byteCount
    #expect(meaning.options.map(\.code) == [53, 50, 60, 93, 12, 57])
    #expect(meaning.file.isEmpty && name == 0)
  }

  @Test func theRelaysPortIsRead() throws {
    let octets = try PacketFixture("ipxe-bios-relayed-discover").octets
    let message = try DHCPMessage(checking: octets.rawSpan)
    let information = try DHCPMeaning(message)[82] ?? []
    let bytes = information.rawSpan
    let port = try SubOptions.value(of: 1, in: bytes, .plain)?.octets()
    #expect(message.relayAddress == IPv4Address(10, 77, 0, 254))
    #expect(message.hops == 1)
    #expect(port == Array("p0".utf8))
  }

  @Test(arguments: PacketFixture.all) func aFixtureComesBackAsItWas(_ fixture: PacketFixture) throws
  {
    let message = try DHCPMessage(checking: fixture.octets.rawSpan)
    let meaning = try DHCPMeaning(message)
    let encoded = meaning.encoded()
    let again = try DHCPMessage(checking: encoded.rawSpan)
    let reread = try DHCPMeaning(again)
    #expect(reread == meaning)
  }

  @Test(
    "Case 1: every prefix, and every octet replaced, is read or refused",
    arguments: PacketFixture.all)
  func everyPrefixAndEveryOctetReplacedIsReadOrRefused(_ fixture: PacketFixture) throws {
    var read = 0
    var refused = 0
    Mutants.each(of: fixture.octets) { mutant in
      do throws(Malformed) {
        read += try DHCPMeaning.readAll(mutant)
      } catch {
        refused += 1
        #expect(error.offset <= mutant.count)
      }
    }
    #expect(read > 0 && refused >= DHCPMessage.minimumCount)
  }

  @Test(.enabled(if: CaptureFile.arePresent)) func everyDHCPMessageOfTheLabIsReadAndComesBack()
    throws
  {
    var count = 0
    for file in try CaptureFile.all() {
      for octets in file.payloads(ports: [67, 68, 4011]) {
        let message = try DHCPMessage(checking: octets.rawSpan)
        let meaning = try DHCPMeaning(message)
        let encoded = meaning.encoded()
        let again = try DHCPMessage(checking: encoded.rawSpan)
        let reread = try DHCPMeaning(again)
        #expect(reread == meaning, "\(file.name)")
        count += 1
      }
    }
    #expect(count > 150)
  }

  @Test(.enabled(if: CaptureFile.arePresent)) func publishedDHCPMessagesAreReadOrRefused() throws {
    var read = 0
    var refused: [String] = []
    for file in try CaptureFile.published() {
      // One flood of ten thousand is like its first hundred.
      for octets in file.payloads(ports: [67, 68, 4011]).prefix(100) {
        do throws(Malformed) {
          _ = try DHCPMeaning.readAll(octets)
          read += 1
        } catch {
          refused.append("\(file.name): \(error)")
        }
      }
    }
    #expect(read > 150)
    #expect(refused.count < 40, "\(refused)")
  }

  @Test(.enabled(if: CaptureFile.arePresent))
  func everyMutantOfTheCapturesIsReadOrRefused() throws {
    var seen: Set<[UInt8]> = []
    var refused = 0
    for file in try CaptureFile.all() + CaptureFile.published() {
      for octets in file.payloads(ports: [67, 68, 4011]).prefix(4) where octets.count > 240 {
        // The same options twice teach nothing.
        guard seen.insert(Array(octets[240...])).inserted, seen.count <= 60 else { continue }
        Mutants.each(of: octets) { mutant in
          do throws(Malformed) { _ = try DHCPMeaning.readAll(mutant) } catch {
            refused += 1
            #expect(error.offset <= mutant.count)
          }
        }
      }
    }
    #expect(seen.count > 30 && refused > 0)
  }
}
