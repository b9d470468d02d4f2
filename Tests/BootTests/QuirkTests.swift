import Boot
import Foundation
import RecordedPackets
import Testing

@Suite struct QuirkTests {
  @Test(arguments: Quirk.all.map(\.name)) func aQuirkHasItsProof(_ name: String) throws {
    let quirk = try #require(Quirk.all.first { $0.name == name })
    #expect(!quirk.effect.isEmpty && !quirk.firmware.isEmpty && !quirk.source.isEmpty)
    switch quirk.proof {
    case .fixture(let fixture): #expect(try !PacketFixture(fixture).octets.isEmpty)
    case .capture(let path):
      guard CaptureFile.arePresent else { return }
      let capture = try #require(CaptureFile.named(path), "no capture \(path)")
      #expect(!capture.payloads(ports: [67, 68, 4011]).isEmpty)
    }
  }

  @Test func noNameStandsTwice() {
    #expect(Set(Quirk.all.map(\.name)).count == Quirk.all.count)
  }

  /// Every row that is declared is in the table, and code that does what it says names it.
  @Test func codeNamesTheRow() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
    var declared: [String] = []
    var code = ""
    let files = try #require(FileManager.default.enumerator(atPath: sources.path))
    for case let path as String in files where path.hasSuffix(".swift") {
      let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
      guard path.hasPrefix("Boot/Quirk") else {
        code += text
        continue
      }
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count > 4, words[0...2].elementsEqual(["package", "static", "let"]),
          words[4...] == ["=", "Quirk("]
        {
          declared.append(String(words[3]))
        }
      }
    }
    #expect(declared.count == Quirk.all.count)
    for name in declared {
      #expect(
        code.contains("Quirk.\(name).") || code.contains("Quirk/\(name)`"), "nobody names \(name)")
    }
  }

  @Test func aSignTellsFirmware() {
    func firmware(_ kind: Firmware.Kind, _ architecture: Architecture?) -> Firmware {
      Firmware(kind: kind, architecture: architecture)
    }
    #expect(Quirk.proxyOfferLeadsEFIToBootServer.applies(to: firmware(.pxe, .arm64EFI)))
    #expect(!Quirk.proxyOfferLeadsEFIToBootServer.applies(to: firmware(.ipxe, .arm64EFI)))
    #expect(!Quirk.proxyOfferLeadsEFIToBootServer.applies(to: firmware(.pxe, .x86BIOS)))
    #expect(Quirk.piOfferIsEnough.applies(to: firmware(.pi, .raspberryPi3)))
    #expect(!Quirk.piOfferIsEnough.applies(to: firmware(.pi, .raspberryPi)))
    #expect(!Quirk.piMenu.applies(to: nil))
    #expect(!Quirk.firstOfferIsTaken.applies(to: firmware(.uboot, .arm64UBoot)))
  }
}
