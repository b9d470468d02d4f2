import Network
import RecordedPackets
import Replay
import Testing
import Wire

/// What recordings of real firmware hold, as their README tells.
@Suite(.enabled(if: CaptureFile.arePresent, "the captures of real firmware are not here"))
struct CaptureTests {
  private func recording(_ name: String) throws -> Recording {
    let file = try #require(CaptureFile.named(name + ".pcap"))
    return Recording(file.recorded)
  }

  private func names(_ transfers: [RecordedTransfer]) -> [String] {
    transfers.map { String(decoding: $0.name, as: UTF8.self) }
  }

  @Test func uefiAsksForTheSizeAndThenForTheFile() throws {
    let recording = try recording("amd64-uefi-pxe-snponly")
    #expect(names(recording.transfers) == ["snponly.efi", "snponly.efi"])
    #expect(recording.transfers.map(\.ending) == [.probed, .completed])
    let size = recording.transfers.first?.content.byteCount
    #expect(size != nil)
    #expect(recording.transfers.last?.content.byteCount == size)
    #expect(recording.transfers.last?.content.isWhole == true)
    #expect(recording.transfers.last?.content.octets.starts(with: Array("MZ".utf8)) == true)
    #expect(recording.messages.count >= 8)
    #expect(recording.frameCount == 276)
  }

  @Test(arguments: [
    ("amd64-uefi-pxe-shim-grub", 573_440), ("arm64-uefi-pxe-shim-grub", 614_400),
  ]) func aFileOfWholeBlocksEndsWithAnEmptyOne(_ name: String, _ size: Int) throws {
    let recording = try recording(name)
    let whole = recording.transfers.filter { $0.content.byteCount == size && $0.content.isWhole }
    #expect(!whole.isEmpty)
    #expect(whole.allSatisfy { $0.ending == .completed })
    #expect(whole.first?.fromServer.last?.payload.count == 4)
    #expect(recording.remarks == [])
  }

  @Test func packetsAreLostAndTheFilesWholeAllTheSame() throws {
    let recording = try recording("amd64-bios-loss5")
    let found = recording.transfers.filter { $0.ending == .completed }
    #expect(names(found).contains("pxelinux.0"))
    #expect(found.allSatisfy { $0.content.isWhole })
    #expect(
      recording.transfers.contains { transfer in
        transfer.fromClient.contains { $0.payload.starts(with: [0, 1]) }
      })
  }

  @Test func theSearchForAConfigurationIsRefusedUntilItIsFound() throws {
    let recording = try recording("amd64-bios-pxelinux")
    #expect(recording.transfers.filter { $0.ending == .refused(code: 1) }.count >= 9)
    #expect(recording.transfers.last.map { names([$0]) }?.first?.hasSuffix("default") == true)
    #expect(recording.transfers.last?.ending == .completed)
  }

  @Test(arguments: [
    "amd64-uefi-http-snponly", "amd64-uefi-http-grub", "arm64-uefi-http-grub",
    "amd64-bios-ipxerom-virtio", "amd64-bios-undionly-chain", "amd64-debian-installer-preseed",
  ]) func bodiesAreWhole(_ name: String) throws {
    let recording = try recording(name)
    let exchanges = recording.connections.flatMap(\.exchanges)
    #expect(!exchanges.isEmpty)
    for exchange in exchanges {
      #expect(exchange.response != nil, "\(exchange.target)")
      if exchange.method == "GET" {
        #expect(exchange.response?.content.isWhole == true, "\(exchange.target)")
      }
    }
    #expect(recording.connections.allSatisfy { $0.gaps.isEmpty })
  }

  @Test func httpBootAsksForTheHeadAndThenForTheFile() throws {
    let recording = try recording("amd64-uefi-http-snponly")
    let exchanges = recording.connections.first?.exchanges ?? []
    #expect(exchanges.map(\.method) == ["HEAD", "GET"])
    #expect(
      exchanges.first?.response?.content.byteCount == exchanges.last?.response?.content.octets.count
    )
    #expect(recording.names.count >= 2)
  }

  @Test func reportsAreReadAndSSHIsNot() throws {
    let recording = try recording("amd64-linux-udhcpc-report-ssh")
    #expect(recording.connections.flatMap(\.exchanges).contains { $0.method == "POST" })
    #expect(recording.remarks.contains("1 TCP connection is not HTTP"))
  }

  @Test func piecesSayTheContent() throws {
    for file in try CaptureFile.all() {
      let frames = file.recorded
      let recording = Recording(frames)
      let contents =
        recording.transfers.map { ($0.content.octets, $0.pieces) }
        + recording.connections.flatMap(\.exchanges).compactMap(\.response)
        .map { ($0.content.octets, $0.pieces) }
      for (octets, pieces) in contents {
        var found = [UInt8](repeating: 0, count: octets.count)
        for piece in pieces where piece.contentOffset + piece.count <= octets.count {
          let source = frames[piece.frame - 1].octets[piece.offset..<piece.offset + piece.count]
          found.replaceSubrange(
            piece.contentOffset..<piece.contentOffset + piece.count, with: source)
        }
        #expect(found == octets, "\(file.name)")
      }
    }
  }

  @Test func whatOthersPublishedIsRead() throws {
    let files = try CaptureFile.published()
    #expect(!files.isEmpty)
    for file in files {
      let recording = Recording(file.recorded)
      #expect(recording.usedFrameCount <= recording.frameCount, "\(file.name)")
      #expect(recording.remarks.count <= 100)
    }
  }
}
