import Network
import Replay
import Testing
import Wire

@Suite("Case 52: frames of whoever made them") struct HostileFramesTests {
  /// A little of everything.
  private static var mixed: [Frame] {
    var builder = FrameBuilder()
    let options = TFTPOptionValues(blockSize: 8, transferSize: 0, windowSize: 2)
    builder.udp(68, 67, [1, 1, 6] + [UInt8](repeating: 0, count: 233) + [99, 130, 83, 99, 255])
    builder.udp(2000, 69, FrameBuilder.request("a", options))
    builder.udp(3000, 2000, FrameBuilder.acknowledgement(options), fromServer: true)
    builder.udp(2000, 3000, FrameBuilder.ack(0))
    builder.udp(3000, 2000, FrameBuilder.block(1, 8), fromServer: true)
    builder.udp(3000, 2000, FrameBuilder.block(2, 3), fromServer: true)
    builder.udp(2000, 3000, FrameBuilder.ack(2))
    let datagram = Array(FrameBuilder.udp(4000, 53, Array(0..<16)).dropFirst(20))
    for (start, end) in [(16, 24), (0, 16)] {
      builder.add(
        FrameBuilder.ethernet(
          FrameBuilder.packet(
            17, Array(datagram[start..<end]), identification: 7,
            fragment: UInt16(start / 8) | (end == 24 ? 0 : 0x2000)), tags: [5]))
    }
    builder.open()
    builder.tcp(1, "GET / HTTP/1.1\r\n\r\n")
    let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    let body = UInt32(1 + response.utf8.count)
    builder.tcp(body, "3\r\nabc\r\n0\r\n\r\n", fromServer: true)
    builder.tcp(1, response, fromServer: true)
    builder.close(client: 19, server: body + 13)
    builder.add([2, 0, 0, 0] + FrameBuilder.udp(1, 53, [1]), link: .loopback)
    return builder.frames
  }

  private func changed(_ frame: Frame, _ octets: [UInt8]) -> Frame {
    Frame(
      number: frame.number, time: frame.time, link: frame.link, originalCount: octets.count,
      octets: octets)
  }

  @Test func theMixedCaptureHoldsWhatItShould() {
    let recording = Recording(Self.mixed)
    #expect(recording.messages.count == 1)
    #expect(recording.names.count == 2)
    #expect(recording.transfers.map(\.ending) == [.completed])
    #expect(recording.connections.first?.exchanges.first?.response?.content.isWhole == true)
    #expect(recording.usedFrameCount == recording.frameCount)
    #expect(recording.remarks == [])
  }

  @Test func everyPrefixOfEveryFrameIsRead() {
    let frames = Self.mixed
    for index in frames.indices {
      for count in 0..<frames[index].octets.count {
        var frames = frames
        frames[index] = changed(frames[index], Array(frames[index].octets.prefix(count)))
        #expect(Recording(frames).frameCount == frames.count)
      }
    }
  }

  @Test func everyOctetMayBeAnything() {
    let frames = Self.mixed
    for index in frames.indices {
      for place in frames[index].octets.indices {
        for octet in [0, 1, 255] as [UInt8] {
          var frames = frames
          var octets = frames[index].octets
          octets[place] = octet
          frames[index] = changed(frames[index], octets)
          let recording = Recording(frames)
          #expect(recording.usedFrameCount <= frames.count)
          #expect(Self.holds(frames, recording))
        }
      }
    }
  }

  @Test func everyFrameMayBeMissingOrComeTwice() {
    let frames = Self.mixed
    for index in frames.indices {
      var fewer = frames
      fewer.remove(at: index)
      #expect(Self.holds(fewer, Recording(fewer)))
      #expect(Self.holds(frames + [frames[index]], Recording(frames + [frames[index]])))
    }
  }

  /// Whether every piece lies in its frame and, unless bytes came twice, says the content.
  private static func holds(_ frames: [Frame], _ recording: Recording) -> Bool {
    let pieces =
      recording.transfers.flatMap(\.pieces)
      + recording.connections.flatMap(\.exchanges).flatMap {
        $0.bodyPieces + ($0.response?.pieces ?? [])
      }
    return pieces.allSatisfy { piece in
      frames.contains { frame in
        frame.number == piece.frame && piece.offset >= 0 && piece.count > 0
          && piece.offset + piece.count <= frame.octets.count && piece.contentOffset >= 0
      }
    }
  }
}
