import Bytes
import Network
import Replay
import Testing
import Wire

struct ElidedListTests {
  private static let digest = String(repeating: "0a", count: 32)
  private static let text = """
    # For people.
    elided 1300 \(digest) tftp://10.77.0.1/a%20b
    kept 44 - http://boot.test/boot.ipxe

    elided 600/1300 - http://boot.test/linux
    elided 600/? - http://boot.test/linux

    """

  @Test func everyKindOfLineIsRead() throws {
    let list = try ElidedList(reading: Array(Self.text.utf8))
    #expect(list.rows.map(\.isKept) == [false, true, false, false])
    #expect(list.rows.map(\.recordedCount) == [1300, 44, 600, 600])
    #expect(list.rows.map(\.byteCount) == [1300, 44, 1300, nil])
    #expect(list.rows.map(\.digest) == [Self.digest, nil, nil, nil])
    #expect(list.rows.first?.name == "tftp://10.77.0.1/a%20b")
  }

  @Test(arguments: [
    "elided", "elided 1", "elided 1 -", "elided 1 - ", "elided x - a", "elided -1 - a",
    "elided 1/ - a", "elided /1 - a", "elided 1 0 a", "gone 1 - a", "elided 1 - a b",
    "elided 1234567890123456 - a", "elided  1 - a", "elided 1 - a\r",
  ])
  func whatIsNoLineIsNamed(_ line: String) {
    let octets = Array("# head\n\(line)\n".utf8)
    #expect(throws: Malformed(.invalid("line"), at: 7)) { try ElidedList(reading: octets) }
  }

  @Test func everyPrefixAndEveryOctetReplacedIsReadOrRefused() {
    let octets = Array(Self.text.utf8)
    for count in octets.indices { _ = try? ElidedList(reading: Array(octets[..<count])) }
    for index in octets.indices {
      for value in [0, 1, 10, 32, 255] as [UInt8] {
        var changed = octets
        changed[index] = value
        _ = try? ElidedList(reading: changed)
      }
    }
  }

  @Test func filesOfOneNameAreToldApartByTheirOrder() throws {
    let asker = Endpoint(IPv4Address(10, 77, 0, 100), 2070)
    let server = Endpoint(IPv4Address(10, 77, 0, 1), 69)
    let request = RecordedDatagram(
      frame: 1, time: .start, sourceHardware: nil, destinationHardware: nil, source: asker,
      destination: server, payload: [])
    let content = RecordedContent(octets: [0], byteCount: 1)
    let empty = RecordedContent(octets: [], byteCount: nil)
    let transfers = [("/a", content), ("a", empty), ("a", content), ("b", content), ("a", content)]
    var recording = Recording(
      transfers: transfers.map { name, content in
        RecordedTransfer(
          request: request, name: Array(name.utf8), asked: TFTPOptionValues(), content: content)
      })
    let list = """
      kept 1 - tftp://10.77.0.1/a
      elided 1 - tftp://10.77.0.1/a
      """
    recording.mark(try ElidedList(reading: Array(list.utf8)))
    #expect(recording.transfers.map(\.content.isElided) == [false, false, true, false, true])
  }
}
