import Dispatch
import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  /// Nothing left of what the kernel gives, each in a process of its own: no busy loop, no end.
  @Suite("Case 55: shortage and interruption") struct Shortages {
    @Test("Case 55: EMFILE on opening a file or a transfer's port is an error that passes")
    func noDescriptorForFiles() async {
      await #expect(processExitsWith: .success) {
        let test = try TestLoop()
        let folder = TemporaryFolder()
        folder.write("f", [1, 2, 3])
        let tree = try FileTree(folder.path)
        let busy = try DatagramSocket(loop: test.loop, address: .loopback, port: 0)
        let taken = leaveDescriptors(0)
        var turns = 0
        var answers = 0
        var errors: [SystemError] = []
        test.loop.onEndOfTurn = { turns += 1 }
        busy.onDatagram = { [unowned busy, loop = test.loop] bytes, arrival in
          do throws(SystemError) { _ = try tree.open("f") } catch { errors.append(error) }
          do throws(SystemError) {
            _ = try TransferSocket(loop: loop, address: .loopback)
          } catch { errors.append(error) }
          busy.send(bytes, to: arrival.source)
          answers += 1
        }
        for _ in 0..<20 { taken.peer.send([1], to: busy.local) }
        test.after(.milliseconds(200)) { [loop = test.loop] in loop.stop() }
        test.run()
        guard answers == 20, turns < 60 else { exit(2) }
        guard errors.count == 40, errors.allSatisfy(\.isExhausted) else { exit(3) }
        // With one descriptor free again, all is as before.
        for descriptor in taken.descriptors { close(descriptor) }
        guard (try? tree.open("f")) != nil,
          (try? TransferSocket(loop: test.loop, address: .loopback)) != nil
        else { exit(4) }
        exit(0)
      }
    }

    @Test("Case 55: EMFILE on accept closes who is idle, and a newcomer is served")
    func theIdleMakeRoom() async {
      await #expect(processExitsWith: .success) {
        let test = try TestLoop()
        let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
        guard let endpoint = listener.local else { exit(2) }
        var crowdedOut = 0
        listener.onConnection = { connection in
          connection.onClosed = { if $0 == .crowdedOut { crowdedOut += 1 } }
          connection.onBytes = { [unowned connection] bytes in
            connection.send(bytes)
            return bytes.byteCount
          }
        }
        // The clients' ends are opened before nothing is left.
        let idle = (0..<10).map { _ in Peer(tcp: endpoint) }
        let newcomer = Peer(tcp: endpoint)
        newcomer.send("hello")
        let taken = leaveDescriptors(4)
        var turns = 0
        test.loop.onEndOfTurn = { turns += 1 }
        test.after(.milliseconds(300)) { [loop = test.loop] in loop.stop() }
        test.run()
        guard newcomer.receive() == Array("hello".utf8) else { exit(3) }
        // Eleven came, and four had room: nobody has to go for whom nobody comes.
        guard crowdedOut == listener.counts.accepted - 4, listener.counts.accepted == 11 else {
          exit(4)
        }
        guard turns < 100 else { exit(5) }
        withExtendedLifetime((idle, taken)) { exit(0) }
      }
    }

    @Test("Case 55: an ICMP error at a transfer's port is taken once, and the next datagram leaves")
    func nobodyListens() throws {
      let test = try TestLoop()
      let socket = try TransferSocket(loop: test.loop, address: .loopback)
      let gone = Endpoint(.loopback, Peer().port)
      let peer = Peer()
      var turns = 0
      var heard = 0
      test.loop.onEndOfTurn = { turns += 1 }
      socket.onDatagram = { [unowned socket] bytes, from in
        heard += 1
        for _ in 0..<5 { socket.send(octet(9).span.bytes, to: gone) }
        socket.send(bytes, to: from)
      }
      for _ in 0..<3 { peer.send([1], to: socket.local) }
      test.after(.milliseconds(200)) { [loop = test.loop] in loop.stop() }
      test.run()
      #expect(heard == 3 && turns < 60)
      #expect((0..<3).allSatisfy { _ in peer.receive() == [1] })
    }

    @Test("Case 55: signals that interrupt every call (EINTR) cost nothing but the call")
    func interruptions() async {
      await #expect(processExitsWith: .success) {
        // Without SA_RESTART, so that calls that wait do come back.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGUSR1, &action, nil)
        let test = try TestLoop()
        let socket = try DatagramSocket(loop: test.loop, address: .loopback, port: 0)
        let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
        guard let endpoint = listener.local else { exit(2) }
        let folder = TemporaryFolder()
        let content = pattern(3_000_000)
        folder.write("f", content)
        let tree = try FileTree(folder.path)
        socket.onDatagram = { [unowned socket] bytes, arrival in
          socket.send(bytes, to: arrival.source)
        }
        listener.onConnection = { connection in
          connection.onBytes = { [unowned connection] bytes in
            guard let file = try? tree.open("f") else { return bytes.byteCount }
            connection.send(octet(1).span.bytes, file: file, offset: 0, count: file.size)
            return bytes.byteCount
          }
        }
        let local = socket.local
        beside {
          // To the process: whichever thread has not blocked it is interrupted.
          for _ in 0..<3_000 {
            kill(getpid(), SIGUSR1)
            usleep(100)
          }
        }
        beside { [loop = test.loop] in
          let (datagrams, stream) = (Peer(), Peer(tcp: endpoint))
          var isRight = true
          for number in 0..<200 {
            datagrams.send([UInt8(number)], to: local)
            while true {
              if let bytes = datagrams.receive() {
                isRight = isRight && bytes == [UInt8(number)]
                break
              }
              guard errno == EINTR else { exit(3) }
            }
          }
          stream.send("x")
          var all: [UInt8] = []
          while all.count <= content.count {
            guard let bytes = stream.receive() else {
              guard errno == EINTR else { exit(4) }
              continue
            }
            guard !bytes.isEmpty else { exit(5) }
            all += bytes
          }
          guard isRight, all == [1] + content else { exit(6) }
          loop.stop()
        }
        test.run()
        exit(test.gaveUp ? 7 : 0)
      }
    }
  }
}

/// Takes all descriptors of this process but `count`; keep what it returns.
private func leaveDescriptors(_ count: Int) -> (descriptors: [Int32], peer: Peer) {
  // libdispatch opens its timers' descriptor with the first timer, which so has come before.
  let first = DispatchSemaphore(value: 0)
  DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1)) { first.signal() }
  first.wait()
  let peer = Peer()
  let next = open("/dev/null", O_RDONLY)
  close(next)
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = rlim_t(next + 16)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  var descriptors: [Int32] = []
  while true {
    let descriptor = open("/dev/null", O_RDONLY)
    guard descriptor >= 0 else { break }
    descriptors.append(descriptor)
  }
  for _ in 0..<min(count, descriptors.count) { close(descriptors.removeLast()) }
  return (descriptors, peer)
}
