import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  @Suite struct StreamQuestions {
    /// A server that answers each connection's message with these pieces.
    private func ask(_ pieces: [String], closes: Bool = false, seconds: Int = 10) throws -> [String]
    {
      let test = try TestLoop(seconds: seconds)
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      var asked: [UInt8] = []
      listener.onConnection = { connection in
        connection.onBytes = { [unowned connection] bytes in
          asked += bytes.copied
          guard asked.count == 7 else { return bytes.byteCount }
          for piece in pieces { connection.send(Array(piece.utf8).span.bytes) }
          if closes { connection.closeAfterOutput() }
          return bytes.byteCount
        }
      }
      var heard: [String] = []
      let endpoint = try #require(listener.local)
      let question = try StreamQuestion(loop: test.loop, Array("hello".utf8), to: endpoint)
      question.onMessage = { [loop = test.loop] bytes in
        heard.append(String(decoding: bytes.copied, as: UTF8.self))
        loop.stop()
      }
      test.run()
      #expect(asked == [0, 5] + Array("hello".utf8))
      question.close()
      return heard
    }

    @Test func theAnswerIsHandedWholeAndOnce() throws {
      #expect(try ask(["\0\u{5}there and more"]) == ["there"])
      #expect(try ask(["\0", "\u{5}th", "ere"], closes: true) == ["there"])
      #expect(try ask(["\0\0"]) == [""])
    }

    @Test("Case 36: a length that lies, or a server that breaks off, is silence")
    func aServerThatBreaksOffIsSilence() throws {
      #expect(try ask(["\0\u{9}half"], closes: true, seconds: 1) == [])
      #expect(try ask([], closes: true, seconds: 1) == [])
    }

    @Test func nobodyThereIsSilenceToo() throws {
      let test = try TestLoop(seconds: 1)
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      let endpoint = try #require(listener.local)
      listener.close()
      let question = try? StreamQuestion(loop: test.loop, [1], to: endpoint)
      question?.onMessage = { _ in Issue.record("nobody can answer") }
      test.run()
      #expect(test.gaveUp)
    }
  }
}
