import EventLoop
import Network
import Testing

extension RealSockets {
  @Suite struct StreamCrowds {
    private func listener(_ test: TestLoop) throws -> StreamListener {
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      listener.onConnection = { connection in
        connection.onBytes = { [unowned connection] bytes in
          connection.send(bytes)
          return bytes.byteCount
        }
      }
      return listener
    }

    @Test("Case 36, case 40: who only connects gives way to who asks")
    func whoOnlyConnectsGivesWayToWhoAsks() throws {
      let test = try TestLoop()
      let listener = try listener(test)
      listener.limits.connections = 2
      let endpoint = try #require(listener.local)
      beside { [loop = test.loop] in
        let silent = [Peer(tcp: endpoint), Peer(tcp: endpoint)]
        let peer = Peer(tcp: endpoint)
        peer.send("hello")
        #expect(peer.receiveAll(5) == Array("hello".utf8))
        withExtendedLifetime(silent) { loop.stop() }
      }
      test.run()
      #expect(!test.gaveUp && listener.counts.refused == 0)
    }

    @Test("Case 40: one source cannot take all connections")
    func oneSourceCannotTakeAllConnections() throws {
      let test = try TestLoop()
      let listener = try listener(test)
      listener.limits.connectionsPerSource = 2
      let endpoint = try #require(listener.local)
      beside { [loop = test.loop] in
        let first = Peer(tcp: endpoint)
        let second = Peer(tcp: endpoint)
        for peer in [first, second] {
          peer.send("x")
          #expect(peer.receiveAll(1) == Array("x".utf8))
        }
        #expect(Peer(tcp: endpoint).receiveAll().isEmpty)
        withExtendedLifetime((first, second)) { loop.stop() }
      }
      test.run()
      #expect(!test.gaveUp && listener.counts.refused == 1)
    }

    @Test func aSourceIsCountedAnewWhenItsConnectionsHaveEnded() throws {
      let test = try TestLoop()
      let listener = try listener(test)
      listener.limits.connectionsPerSource = 1
      let endpoint = try #require(listener.local)
      let answer = listener.onConnection
      var closed = 0
      listener.onConnection = { connection in
        answer(connection)
        connection.onClosed = { [loop = test.loop] _ in
          closed += 1
          if closed == 3 { loop.stop() }
        }
      }
      listener.limits.request = .milliseconds(100)
      listener.limits.idle = .milliseconds(100)
      beside {
        for _ in 0..<3 {
          let peer = Peer(tcp: endpoint)
          peer.send("x")
          #expect(peer.receiveAll() == Array("x".utf8))
        }
      }
      test.run()
      #expect(!test.gaveUp && listener.counts.refused == 0 && listener.counts.open == 0)
    }
  }
}
