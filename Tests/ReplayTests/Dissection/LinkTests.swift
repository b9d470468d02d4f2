import Network
import Replay
import Testing
import Wire

@Suite("Case 52: links, tags and checksums") struct LinkTests {
  private static let query = FrameBuilder.udp(4000, 53, [1, 2, 3])

  private func recording(_ octets: [UInt8], _ link: LinkType, cut: Int = 0) -> Recording {
    var builder = FrameBuilder()
    builder.add(octets, link: link, originalCount: octets.count + cut)
    return Recording(builder.frames)
  }

  @Test func aDatagramIsFoundBehindEveryLink() {
    let cooked: [UInt8] = FrameBuilder.words(0, 1, 6) + [2, 0, 0, 0, 0, 9, 0, 0]
    let cooked2: [UInt8] = [0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0]
    let rows: [(LinkType, [UInt8], Bool)] = [
      (.ethernet, FrameBuilder.ethernet(Self.query), true),
      (.ethernet, FrameBuilder.ethernet(Self.query, tags: [7]), true),
      (.ethernet, FrameBuilder.ethernet(Self.query, tags: [7, 8]), true),
      // IEEE 802.1ad: the outer tag has a type of its own.
      (.ethernet, FrameBuilder.ethernet(Self.query, outer: 9, tags: [7]), true),
      (.ethernet, FrameBuilder.ethernet(Self.query) + [0, 0, 0, 0], true),
      (.linuxCooked, cooked + [8, 0] + Self.query, true),
      (.linuxCooked, cooked + [0x81, 0, 0, 7, 8, 0] + Self.query, true),
      (.linuxCooked2, [8, 0] + cooked2 + Self.query, true),
      (.rawIP, Self.query, false),
      (.loopback, [2, 0, 0, 0] + Self.query, false),
      (.loopback, [0, 0, 0, 2] + Self.query, false),
    ]
    for (link, octets, hasHardware) in rows {
      let recording = recording(octets, link)
      #expect(recording.names.map(\.payload) == [[1, 2, 3]], "\(link)")
      #expect(recording.names.first?.source == Endpoint(FrameBuilder.client, 4000))
      #expect(
        recording.names.first?.sourceHardware == (hasHardware ? FrameBuilder.clientHardware : nil))
      #expect(recording.usedFrameCount == 1)
      #expect(recording.remarks.isEmpty)
    }
  }

  @Test func otherLinksAndCutFramesAreNamed() {
    #expect(recording(Self.query, .other(105)).remarks.first?.contains("packet 1 ") == true)
    let cut = recording(FrameBuilder.ethernet(Array(Self.query.dropLast(2))), .ethernet, cut: 2)
    #expect(cut.names.isEmpty)
    #expect(cut.remarks == ["packet 1 is cut: 43 of 45 bytes"])
  }

  @Test func aWrongHeadChecksumIsAcceptedWithARemark() {
    var octets = FrameBuilder.ethernet(Self.query)
    octets[24] = 1
    let recording = recording(octets, .ethernet)
    #expect(recording.names.count == 1)
    #expect(recording.remarks == ["packet 1 has a wrong IPv4 head checksum"])
  }

  /// As on the machine that sends: its network card writes the sums, behind the capture.
  @Test func sumsThatTheCardIsYetToWriteAreNoMistake() {
    var builder = FrameBuilder()
    builder.add(FrameBuilder.ethernet(FrameBuilder.udp(68, 67, [1, 1, 6])))
    builder.open()
    builder.tcp(1, "GET / HTTP/1.1\r\n\r\n")
    builder.tcp(1, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", fromServer: true)
    builder.udp(4000, 53, [1, 2, 3])
    let recording = Recording(builder.frames)
    #expect(recording.connections.first?.exchanges.first?.response?.content.octets == [0x61])
    #expect(recording.names.count == 1)
    #expect(recording.remarks == ["packet 1 is no DHCP message"])
  }

  @Test func tagsWithoutEndAreNoFrame() {
    var builder = FrameBuilder()
    builder.add(FrameBuilder.ethernet(Self.query, tags: [UInt16](repeating: 7, count: 300)))
    builder.add([UInt8](repeating: 0x81, count: 14))
    let recording = Recording(builder.frames)
    #expect(recording.names.isEmpty && recording.usedFrameCount == 0)
  }

  @Test func timeNeverGoesBackAndNeverOverflows() {
    let octets = FrameBuilder.ethernet(Self.query)
    let times: [Int64] = [5, 3, .max, .min, 0]
    let frames = times.enumerated().map { index, time in
      Frame(
        number: index + 1, time: time, link: .ethernet, originalCount: octets.count,
        octets: octets)
    }
    let recording = Recording(frames)
    let found = recording.names.map(\.time)
    #expect(found.count == 5)
    #expect(found == found.sorted())
    #expect(found[0] == .start && found[1] == .start)
    #expect(recording.remarks.first == "packet 2 is older than the one before it")
  }
}
