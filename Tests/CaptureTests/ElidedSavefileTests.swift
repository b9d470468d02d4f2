import Bytes
import Capture
import EventLoop
import Foundation
import Network
import Replay
import Testing
import Wire

struct ElidedSavefileTests {
  /// One block of a file whose bytes are no text.
  private static func transfer() -> [Frame] {
    let machine = MACAddress(0x52, 0x54, 0, 0x77, 1, 1)
    let asker = Endpoint(IPv4Address(10, 77, 0, 100), 2070)
    let server = IPv4Address(10, 77, 0, 1)
    let packets: [(Endpoint, Endpoint, [UInt8])] = [
      (asker, Endpoint(server, 69), [0, 1] + Array("a b\0octet\0".utf8)),
      (Endpoint(server, 4000), asker, [0, 3, 0, 1] + Array("abc\u{1}".utf8)),
    ]
    return packets.enumerated().map { index, packet in
      var output = ByteWriter()
      UDPDatagram.encodeFrame(
        to: packet.1, hardware: machine, from: packet.0, sourceHardware: machine,
        payload: packet.2.rawSpan, into: &output)
      return Frame(
        number: index + 1, time: 5, link: .ethernet, originalCount: output.count,
        octets: output.bytes)
    }
  }

  @Test func theListHasTheDigestOfWhatIsGone() throws {
    let folder = try Folder()
    let path = folder.path + "/a.pcap"
    let recording = try Savefile(SavefileWriter.octets(Self.transfer()), name: "memory")
    let counts = try ElidedSavefile.write(recording, to: path)
    #expect(counts.elided == 1 && counts.kept == 0)
    let list = try String(contentsOfFile: path + ".elided", encoding: .utf8)
    let lines = list.split(separator: "\n").filter { !$0.hasPrefix("#") }
    // sha256sum of the four octets.
    let digest = "9ec4bc6eb63eba8718769cd80a0350e55a1372b09081a1fb6ecd3be235ec1690"
    #expect(lines == ["elided 4 \(digest) tftp://10.77.0.1/a%20b"])
    let copy = try Savefile(reading: path)
    #expect(copy.failure == nil && copy.frames.count == 2)
    #expect(copy.frames.last?.octets.suffix(4) == [0, 3, 0, 1])
    #expect(copy.frames.map(\.originalCount) == Self.transfer().map(\.originalCount))
    let transfers = try ElidedSavefile.read(path).recording.transfers
    #expect(transfers.map(\.content.octets) == [[0, 0, 0, 0]])
    #expect(transfers.map(\.content.isElided) == [true])
    try Data("nonsense\n".utf8).write(to: URL(fileURLWithPath: path + ".elided"))
    #expect(throws: CaptureFailure.self) { try ElidedSavefile.read(path) }
  }

  @Test func nothingIsWrittenOver() throws {
    let folder = try Folder()
    let path = folder.path + "/a.pcap"
    let recording = try Savefile(SavefileWriter.octets(Self.transfer()), name: "memory")
    _ = try ElidedSavefile.write(recording, to: path)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = #expect(throws: SystemError.self) {
      try ElidedSavefile.write(recording, to: path)
    }
    #expect(error?.isThere == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }
}
