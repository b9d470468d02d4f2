import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  @Suite struct Streams {
    /// A server that echoes lines, one at a time.
    private func listener(_ test: TestLoop) throws -> StreamListener {
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      listener.onConnection = { connection in
        connection.onBytes = { [unowned connection] bytes in
          let line = bytes.copied.prefix { $0 != 10 }
          guard line.count < bytes.byteCount else { return 0 }
          let answer = [UInt8](line) + [33]
          connection.send(answer.span.bytes)
          return line.count + 1
        }
      }
      return listener
    }

    @Test("Case 36: pipelined and split messages are handed whole")
    func pipelinedAndSplitRequestsAreHandedWhole() throws {
      let test = try TestLoop()
      let listener = try listener(test)
      let endpoint = try #require(listener.local)
      var arrival: Arrival?
      let answer = listener.onConnection
      listener.onConnection = { [loop = test.loop] connection in
        arrival = connection.arrival
        answer(connection)
        connection.onClosed = { _ in loop.stop() }
      }
      beside {
        let peer = Peer(tcp: endpoint)
        peer.send("one\ntwo\nthr")
        _ = peer.receiveAll(8)
        usleep(20_000)
        peer.send("ee\n")
        #expect(peer.receiveAll(6) == Array("three!".utf8))
      }
      test.run()
      #expect(!test.gaveUp)
      #expect(arrival?.local == .loopback && arrival?.destination == endpoint)
      #expect(listener.counts.accepted == 1 && listener.counts.open == 0)
    }

    @Test(arguments: [0, 1, 16_384, 16_385, 6_000_000])
    func aFileArrivesWholeBehindItsHead(_ size: Int) throws {
      let test = try TestLoop()
      let folder = TemporaryFolder()
      let content = pattern(size)
      folder.write("f", content)
      let tree = try FileTree(folder.path)
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = { ending in
          #expect(ending == .local)
          loop.stop()
        }
        connection.onBytes = { [unowned connection] bytes in
          guard let file = try? tree.open("/f") else { return bytes.byteCount }
          let head = Array("head\n".utf8)
          connection.send(head.span.bytes, file: file, offset: 0, count: file.size)
          connection.closeAfterOutput()
          return bytes.byteCount
        }
      }
      let endpoint = try #require(listener.local)
      let expected = Array("head\n".utf8) + content
      beside {
        let peer = Peer(tcp: endpoint)
        peer.send("x")
        #expect(peer.receiveAll() == expected)
      }
      test.run()
      #expect(!test.gaveUp)
    }

    @Test func onDrainedFollowsOutputThatHadToWait() throws {
      let test = try TestLoop()
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      var requests = 0
      var drained = 0
      let answer = [UInt8](repeating: 6, count: 12_000_000)
      listener.onConnection = { [loop = test.loop] connection in
        connection.onBytes = { [unowned connection] _ in
          requests += 1
          connection.send(answer.span.bytes)
          #expect(connection.hasOutput)
          return 1
        }
        connection.onDrained = { drained += 1 }
        connection.onClosed = { _ in loop.stop() }
      }
      let endpoint = try #require(listener.local)
      beside {
        let peer = Peer(tcp: endpoint)
        // The second request waits until the first answer has left.
        peer.send("ab")
        let all = peer.receiveAll(24_000_000)
        #expect(all.count == 24_000_000 && all.last == 6)
      }
      test.run()
      #expect(requests == 2 && drained == 2 && !test.gaveUp)
    }

    @Test("Case 55: a reset in the middle of a file ends only that connection")
    func aResetInTheMiddleOfAFileEndsOnlyThatConnection() throws {
      let test = try TestLoop()
      let folder = TemporaryFolder()
      folder.write("f", [UInt8](repeating: 6, count: 20_000_000))
      let tree = try FileTree(folder.path)
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      var endings: [StreamEnding] = []
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = {
          endings.append($0)
          loop.stop()
        }
        connection.onBytes = { [unowned connection] bytes in
          if let file = try? tree.open("f") {
            connection.send(octet(1).span.bytes, file: file, offset: 0, count: file.size)
          }
          return bytes.byteCount
        }
      }
      let endpoint = try #require(listener.local)
      beside {
        let peer = Peer(tcp: endpoint)
        peer.send("x")
        _ = peer.receiveAll(100_000)
        peer.resetOnClose()
      }
      test.run()
      guard case .reset = try #require(endings.first) else {
        Issue.record("ended by \(endings)")
        return
      }
    }

    @Test func aFileCutWhileItIsSentBreaksOff() throws {
      let test = try TestLoop()
      let folder = TemporaryFolder()
      let path = folder.write("f", [UInt8](repeating: 6, count: 20_000_000))
      let tree = try FileTree(folder.path)
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      var ending: StreamEnding?
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = {
          ending = $0
          loop.stop()
        }
        connection.onBytes = { [unowned connection] bytes in
          if let file = try? tree.open("f") {
            connection.send(octet(1).span.bytes, file: file, offset: 0, count: file.size)
            truncate(path, 1_000)
          }
          return bytes.byteCount
        }
      }
      let endpoint = try #require(listener.local)
      beside {
        let peer = Peer(tcp: endpoint)
        peer.send("x")
        #expect(peer.receiveAll().count < 20_000_000)
      }
      test.run()
      #expect(ending == .fileCut)
    }

    @Test("Case 36, case 40: who is slow with a head, reading or idle is closed for what it is")
    func whoIsSlowIsClosedForWhatItIs() throws {
      let test = try TestLoop()
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      listener.limits.request = .milliseconds(300)
      listener.limits.idle = .milliseconds(600)
      listener.limits.progress = .milliseconds(300)
      var endings: [StreamEnding] = []
      let flood = [UInt8](repeating: 1, count: 20_000_000)
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = {
          endings.append($0)
          if endings.count == 4 { loop.stop() }
        }
        connection.onBytes = { [unowned connection] bytes in
          switch bytes.copied.first {
          case UInt8(ascii: "a"):
            connection.send(octet(1).span.bytes)
            return bytes.byteCount
          case UInt8(ascii: "f"):
            connection.send(flood.span.bytes)
            return bytes.byteCount
          default: return 0
          }
        }
      }
      let endpoint = try #require(listener.local)
      let peers = (0..<4).map { _ in Peer(tcp: endpoint) }
      peers[1].send("GET")
      peers[2].send("a")
      peers[3].send("f")
      test.run()
      #expect(endings.filter { $0 == .slowRequest }.count == 2)
      #expect(endings.contains(.idle) && endings.contains(.slowReader))
    }

    @Test("Case 40: a thousand idle connections cost little and end")
    func aThousandIdleConnectionsCostLittleAndEnd() throws {
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = min(limit.rlim_max, 4_096)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let test = try TestLoop()
      let listener = try listener(test)
      listener.limits.idle = .milliseconds(500)
      let endpoint = try #require(listener.local)
      var turnsWhileIdle = 0
      var isQuiet = false
      var ends = 0
      let answer = listener.onConnection
      listener.onConnection = { [loop = test.loop] connection in
        answer(connection)
        #expect(allocatedSize(of: connection) <= 256)
        connection.onClosed = {
          if $0 == .idle { ends += 1 }
          if ends == 1_000 { loop.stop() }
        }
        if listener.counts.accepted == 1_000 {
          test.after(.milliseconds(100)) { isQuiet = true }
        }
      }
      test.loop.onEndOfTurn = { if isQuiet { turnsWhileIdle += 1 } }
      let peers = (0..<1_000).map { _ in Peer(tcp: endpoint) }
      for peer in peers { peer.send("hello\n") }
      test.run()
      #expect(ends == 1_000 && listener.counts.open == 0)
      #expect(turnsWhileIdle < 50)
      #expect(peers.allSatisfy { $0.receiveAll() == Array("hello!".utf8) })
    }

    @Test("Case 40: of a full pool the longest idle gives way")
    func aNewcomerTakesThePlaceOfTheLongestIdle() throws {
      let test = try TestLoop()
      let listener = try listener(test)
      listener.limits.connections = 2
      let endpoint = try #require(listener.local)
      var ended: [String] = []
      var names = ["first", "second", "third"]
      let answer = listener.onConnection
      listener.onConnection = { connection in
        answer(connection)
        let name = names.removeFirst()
        connection.onClosed = { if $0 == .crowdedOut { ended.append(name) } }
      }
      beside { [loop = test.loop] in
        let first = Peer(tcp: endpoint)
        first.send("a\n")
        _ = first.receive()
        usleep(300_000)
        let second = Peer(tcp: endpoint)
        second.send("b\n")
        _ = second.receive()
        let third = Peer(tcp: endpoint)
        third.send("c\n")
        #expect(third.receive() == Array("c!".utf8))
        // Nobody is idle now: a request has begun on both.
        second.send("x")
        third.send("x")
        usleep(20_000)
        #expect(Peer(tcp: endpoint).receive() ?? [] == [])
        loop.stop()
      }
      test.run()
      #expect(ended == ["first"] && listener.counts.refused == 1)
    }

    @Test func anAnswerMadeLaterWithoutHoldingLeavesTheConnectionIdle() throws {
      let test = try TestLoop()
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      listener.limits.request = .milliseconds(300)
      listener.limits.idle = .milliseconds(300)
      var ending: StreamEnding?
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = {
          ending = $0
          loop.stop()
        }
        connection.onBytes = { [unowned connection] bytes in
          test.after(.milliseconds(10)) { connection.send(octet(1).span.bytes) }
          return bytes.byteCount
        }
      }
      let peer = Peer(tcp: try #require(listener.local))
      peer.send("x")
      test.run()
      #expect(ending == .idle && peer.receiveAll() == [1])
    }

    @Test func heldInputWaitsForItsAnswer() throws {
      let test = try TestLoop()
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      var taken: [[UInt8]] = []
      listener.onConnection = { [loop = test.loop] connection in
        connection.onClosed = { _ in loop.stop() }
        connection.onBytes = { [unowned connection] bytes in
          taken.append(Array(bytes.copied.prefix(1)))
          connection.hold()
          loop.offload {
            usleep(10_000)
          } then: { _ in
            connection.send(octet(7).span.bytes)
            connection.release()
          }
          return 1
        }
      }
      let endpoint = try #require(listener.local)
      beside {
        let peer = Peer(tcp: endpoint)
        peer.send("abc")
        // A client that has sent all may close its half: it gets its answers.
        shutdown(peer.descriptor, Int32(SHUT_WR))
        #expect(peer.receiveAll() == [7, 7, 7])
      }
      test.run()
      #expect(taken == [[97], [98], [99]] && !test.gaveUp)
    }

    @Test func aStaleUnixSocketIsReplacedAndALiveOneIsNot() throws {
      let folder = TemporaryFolder()
      let path = "\(folder.path)/control"
      let loop = try EventLoop()
      let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
      withUnsafePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      close(stale)
      let listener = try StreamListener(loop: loop, path: path)
      var status = stat()
      #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o660)
      let error = #expect(throws: SystemError.self) {
        _ = try StreamListener(loop: loop, path: path)
      }
      #expect(error?.isTaken == true)
      listener.close()
      #expect(lstat(path, &status) != 0)
      folder.write("file", [1])
      #expect(throws: SystemError(call: "bind", errno: EEXIST, path: "\(folder.path)/file")) {
        _ = try StreamListener(loop: loop, path: "\(folder.path)/file")
      }
    }

    @Test("Case 55: EMFILE on accept refuses, and neither spins nor ends")
    func runningOutOfDescriptorsRefusesAndNeitherSpinsNorEnds() async {
      await #expect(processExitsWith: .success) {
        let test = try TestLoop()
        let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
        let endpoint = try #require(listener.local)
        var turns = 0
        test.loop.onEndOfTurn = { turns += 1 }
        // Each waits for an answer that is being made, so none gives way.
        listener.onConnection = { $0.hold() }
        var peers = (0..<40).map { _ in Peer(tcp: endpoint) }
        let next = open("/dev/null", O_RDONLY)
        close(next)
        // Room for ten of the forty, none of which is idle.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = rlim_t(next + 10)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        test.after(.milliseconds(300)) { [loop = test.loop] in loop.stop() }
        test.run()
        guard listener.counts.refused >= 20, listener.counts.accepted >= 5, turns < 200 else {
          exit(1)
        }
        peers.removeAll()
        exit(0)
      }
    }
  }
}
