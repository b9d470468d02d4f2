import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  @Suite struct Transfers {
    struct Row: CustomTestStringConvertible {
      var size: Int
      var count: Int
      var last: Int
      var first: UInt64
      var testDescription: String { "\(count) x \(size), last \(last), from \(first)" }
    }

    @Test(arguments: [
      Row(size: 512, count: 1, last: 512, first: 1),
      Row(size: 512, count: 1, last: 0, first: 3),
      Row(size: 1_468, count: 4, last: 0, first: 65_534),
      Row(size: 1_468, count: 4, last: 17, first: 65_535),
      Row(size: 1_468, count: 64, last: 1_468, first: 100),
      Row(size: 512, count: 100, last: 3, first: 65_500),
      Row(size: 8, count: 130, last: 7, first: 1),
      Row(size: 65_464, count: 3, last: 9, first: 1),
    ])
    func blocksArriveWhole(_ row: Row) throws {
      let loop = try EventLoop()
      let folder = TemporaryFolder()
      let lead = 11
      let content = pattern(lead + (row.count - 1) * row.size + row.last)
      folder.write("f", content)
      let file = try FileTree(folder.path).open("f")
      let socket = try TransferSocket(loop: loop, address: .loopback)
      let peer = Peer()
      let blocks = TransferSocket.Blocks(
        of: file, at: Int64(lead), firstNumber: row.first, size: row.size, count: row.count,
        lastLength: row.last)
      try socket.send(blocks, to: Endpoint(.loopback, peer.port))
      for index in 0..<row.count {
        let (bytes, from) = try #require(peer.receiveFrom())
        let number = UInt16(truncatingIfNeeded: row.first + UInt64(index))
        let start = lead + index * row.size
        let length = index + 1 == row.count ? row.last : row.size
        let head = [0, 3, UInt8(number >> 8), UInt8(number & 0xff)]
        #expect(bytes == head + content[start..<start + length])
        #expect(from == socket.local)
      }
      #expect(socket.dropped == 0)
    }

    @Test("Case 23: a file that was cut ends the transfer")
    func aFileThatWasCutEndsTheTransfer() throws {
      let loop = try EventLoop()
      let folder = TemporaryFolder()
      folder.write("f", pattern(10_000))
      let file = try FileTree(folder.path).open("f")
      folder.write("f", pattern(700))
      let socket = try TransferSocket(loop: loop, address: .loopback)
      for count in [1, 4] {
        let blocks = TransferSocket.Blocks(
          of: file, at: 512, firstNumber: 2, size: 512, count: count, lastLength: 512)
        #expect(throws: SystemError.self) {
          try socket.send(blocks, to: Endpoint(.loopback, 9))
        }
      }
    }

    @Test("Case 23: a file replaced meanwhile is served as it was")
    func aFileReplacedMeanwhileIsServedAsItWas() throws {
      let folder = TemporaryFolder()
      folder.write("f", pattern(3_000))
      let file = try FileTree(folder.path).open("f")
      folder.write("new", [1, 2, 3])
      _ = rename("\(folder.path)/new", "\(folder.path)/f")
      #expect(try file.read(at: 0, count: 4_000) == pattern(3_000))
    }

    @Test func strangersAreHeardAndAClosedTransferIsNot() throws {
      let test = try TestLoop()
      let first = try TransferSocket(loop: test.loop, address: .loopback)
      let second = try TransferSocket(loop: test.loop, address: .loopback)
      var heard: [UInt16] = []
      // Both are ready in one batch: whoever is first closes the other, which must stay silent.
      first.onDatagram = { _, from in
        heard.append(from.port)
        second.close()
      }
      second.onDatagram = { _, from in
        heard.append(from.port)
        first.close()
      }
      test.after(.milliseconds(50)) { [loop = test.loop] in loop.stop() }
      let (one, stranger) = (Peer(), Peer())
      one.send([0, 4, 0, 1], to: first.local)
      stranger.send([0, 4, 0, 1], to: second.local)
      test.run()
      #expect(heard == [one.port] || heard == [stranger.port])
    }

    @Test func lockstepRunsThroughTheReadinessSet() throws {
      let test = try TestLoop()
      let folder = TemporaryFolder()
      folder.write("f", pattern(512 * 200))
      let file = try FileTree(folder.path).open("f")
      let socket = try TransferSocket(loop: test.loop, address: .loopback)
      let local = socket.local
      var next: UInt64 = 1
      socket.onDatagram = { [unowned socket, loop = test.loop] _, from in
        guard next <= 200 else { return loop.stop() }
        let blocks = TransferSocket.Blocks(
          of: file, at: Int64(next - 1) * 512, firstNumber: next, size: 512, count: 1,
          lastLength: 512)
        next += 1
        #expect(throws: Never.self) { try socket.send(blocks, to: from) }
      }
      beside {
        let peer = Peer()
        var all: [UInt8] = []
        for _ in 0..<200 {
          peer.send([0, 4, 0, 0], to: local)
          all += (peer.receive() ?? []).dropFirst(4)
        }
        #expect(all == pattern(512 * 200))
        peer.send([0, 4, 0, 0], to: local)
      }
      test.run()
      #expect(!test.gaveUp)
    }
  }
}
