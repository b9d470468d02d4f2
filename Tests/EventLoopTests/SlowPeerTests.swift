import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  /// Who takes his time, with what and to whom it is dear.
  @Suite("Cases 36 and 40: slow peers") struct SlowPeers {
    @Test("Case 40: a body that trickles has its time, and no more")
    func aBodyThatTrickles() throws {
      let test = try TestLoop()
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      listener.limits.request = .milliseconds(200)
      var ending: StreamEnding?
      var taken = 0
      let began = test.loop.now
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = {
          ending = $0
          loop.stop()
        }
        connection.onBytes = { [unowned connection] bytes in
          // A head of one byte, and then a body that is taken as it comes.
          if taken == 0 { connection.allow(.milliseconds(700)) }
          taken += bytes.byteCount
          return bytes.byteCount
        }
      }
      let endpoint = try #require(listener.local)
      beside {
        let peer = Peer(tcp: endpoint)
        for _ in 0..<40 {
          guard peer.send([1]) == 1 else { return }
          usleep(50_000)
        }
      }
      test.run()
      #expect(ending == .slowRequest && taken > 3)
      let lived = test.loop.now - began
      #expect(lived >= .milliseconds(700) && lived < .seconds(5))
    }

    @Test("Case 40: who takes nothing of a file is closed, and who takes little is not")
    func aReaderOfNothing() throws {
      let test = try TestLoop()
      let folder = TemporaryFolder()
      folder.write("f", [UInt8](repeating: 6, count: 8_000_000))
      let tree = try FileTree(folder.path)
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      listener.limits.progress = .milliseconds(300)
      var endings: [StreamEnding] = []
      var unsent: [Int64] = []
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = { [unowned connection] ending in
          endings.append(ending)
          unsent.append(connection.unsentByteCount)
          if endings.count == 2 { loop.stop() }
        }
        connection.onBytes = { [unowned connection] bytes in
          guard let file = try? tree.open("f") else { return bytes.byteCount }
          connection.send(octet(1).span.bytes, file: file, offset: 0, count: file.size)
          connection.closeAfterOutput()
          return bytes.byteCount
        }
      }
      let endpoint = try #require(listener.local)
      let silent = Peer(tcp: endpoint)
      silent.send("x")
      beside {
        let peer = Peer(tcp: endpoint)
        peer.send("x")
        var count = 0
        // Slower in all than the silent one is given, and never silent so long.
        while let bytes = peer.receive(200_000), !bytes.isEmpty {
          count += bytes.count
          usleep(30_000)
        }
        #expect(count == 8_000_001)
      }
      test.run()
      #expect(Set(endings) == [.slowReader, .local])
      let isCut = zip(endings, unsent).map { $0 == .slowReader ? $1 > 0 : $1 == 0 }
      #expect(isCut == [true, true])
      withExtendedLifetime(silent) {}
    }

    @Test("Case 36: a byte at a time, a length that lies and silence end a stream in bounded time")
    func streamsOfMessages() throws {
      let test = try TestLoop()
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      listener.limits.request = .milliseconds(400)
      listener.limits.idle = .milliseconds(400)
      var answers = 0
      var endings: [StreamEnding] = []
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = {
          endings.append($0)
          if endings.count == 4 { loop.stop() }
        }
        // As DNS by TCP: two octets of length, and so many octets.
        connection.onBytes = { [unowned connection] bytes in
          let octets = bytes.copied
          guard octets.count >= 2, octets.count >= 2 + Int(octets[1]) else { return 0 }
          answers += 1
          connection.send(octets.span.bytes)
          return 2 + Int(octets[1])
        }
      }
      let endpoint = try #require(listener.local)
      let silent = Peer(tcp: endpoint)
      let lying = Peer(tcp: endpoint)
      lying.send([0, 200, 1])
      let idle = Peer(tcp: endpoint)
      idle.send([0, 1, 7, 0, 1, 8])
      beside {
        let trickling = Peer(tcp: endpoint)
        for octet: UInt8 in [0, 90] + [UInt8](repeating: 1, count: 30) {
          guard trickling.send([octet]) == 1 else { return }
          usleep(50_000)
        }
      }
      test.run()
      #expect(endings.filter { $0 == .slowRequest }.count == 3)
      #expect(endings.filter { $0 == .idle }.count == 1)
      #expect(answers == 2 && listener.counts.open == 0)
      withExtendedLifetime((silent, lying, idle)) {}
    }

    @Test("Case 35: each question to another server leaves from a port that the kernel draws")
    func portsAreDrawn() throws {
      let loop = try EventLoop()
      let sockets = try (0..<64).map { _ in
        try TransferSocket(loop: loop, address: .unspecified)
      }
      let ports = sockets.map { Int($0.local.port) }
      #expect(Set(ports).count == 64)
      // Neither counted up nor in any other step.
      let steps = Set(zip(ports, ports.dropFirst()).map { $1 - $0 })
      #expect(steps.count > 32)
      for socket in sockets { socket.close() }
    }
  }
}
