import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  @Suite struct Datagrams {
    @Test func aDatagramIsAnsweredFromWhereItWasSentTo() throws {
      let test = try TestLoop()
      let socket = try DatagramSocket(loop: test.loop, port: 0)
      var arrivals: [Arrival] = []
      socket.onDatagram = { [unowned socket, loop = test.loop] bytes, arrival in
        arrivals.append(arrival)
        socket.send(
          bytes, to: arrival.source, from: arrival.local, interface: arrival.interface)
        if arrivals.count == 2 { loop.post { [loop] in loop.stop() } }
      }
      // All of 127/8 is ours: two addresses on one interface.
      let peer = Peer()
      let asked = [IPv4Address.loopback, IPv4Address(127, 0, 0, 77)]
      for address in asked { peer.send([1, 2, 3], to: Endpoint(address, socket.local.port)) }
      test.run()
      let answers = [peer.receiveFrom(), peer.receiveFrom()].compactMap { $0 }
      #expect(answers.map(\.bytes) == [[1, 2, 3], [1, 2, 3]])
      #expect(answers.map(\.from.address) == asked)
      #expect(arrivals.map(\.local) == asked)
      #expect(arrivals.allSatisfy { $0.interface == Int32(bitPattern: if_nametoindex("lo")) })
      #expect(arrivals.allSatisfy { $0.source.port == peer.port })
    }

    @Test func anEmptyDatagramNeitherStopsNorSpinsTheSocket() throws {
      let test = try TestLoop()
      let socket = try DatagramSocket(loop: test.loop, address: .loopback, port: 0)
      var lengths: [Int] = []
      var turns = 0
      test.loop.onEndOfTurn = { turns += 1 }
      socket.onDatagram = { [loop = test.loop] bytes, _ in
        lengths.append(bytes.byteCount)
        if lengths.count == 3 { test.after(.milliseconds(50)) { loop.stop() } }
      }
      let local = socket.local
      beside {
        let peer = Peer()
        for bytes in [[], [9], []] as [[UInt8]] {
          usleep(20_000)
          peer.send(bytes, to: local)
        }
      }
      test.run()
      #expect(lengths == [0, 1, 0] && turns < 20)
    }

    @Test func whatIsLongerThanASlotIsCountedAndDropped() throws {
      let test = try TestLoop()
      let socket = try DatagramSocket(loop: test.loop, address: .loopback, port: 0)
      var lengths: [Int] = []
      socket.onDatagram = { [loop = test.loop] bytes, _ in
        lengths.append(bytes.byteCount)
        if lengths.count == 2 { loop.stop() }
      }
      let peer = Peer()
      for count in [2_049, 2_048, 9_000, 7] {
        peer.send([UInt8](repeating: 5, count: count), to: socket.local)
      }
      test.run()
      #expect(lengths == [2_048, 7])
      #expect(socket.counts.oversized == 2 && socket.counts.received == 4)
    }

    @Test func manyAnswersOfOneTurnAllLeave() throws {
      let test = try TestLoop()
      let socket = try DatagramSocket(loop: test.loop, address: .loopback, port: 0)
      let peer = Peer()
      let target = Endpoint(.loopback, peer.port)
      test.loop.post { [loop = test.loop] in loop.stop() }
      for number in 0..<200 {
        let bytes = [UInt8(number)]
        socket.send(bytes.span.bytes, to: target)
      }
      test.run()
      #expect((0..<200).allSatisfy { peer.receive() == [UInt8($0)] })
      #expect(socket.counts.sent == 200)
    }

    @Test("Case 55: ICMP errors and refused datagrams do no harm")
    func portsThatNobodyListensAtDoNoHarm() throws {
      let test = try TestLoop()
      let socket = try DatagramSocket(loop: test.loop, address: .loopback, port: 0)
      let gone = Peer().port
      var received = 0
      var turns = 0
      test.loop.onEndOfTurn = { turns += 1 }
      socket.onDatagram = { [unowned socket, loop = test.loop] bytes, arrival in
        received += 1
        // The second goes through although the first brings an ICMP error.
        socket.send(bytes, to: Endpoint(.loopback, gone))
        socket.send(bytes, to: arrival.source)
        // No route, no such interface: refused, and the next still leaves.
        socket.send(bytes, to: Endpoint(.loopback, gone), from: .loopback, interface: 999_999)
        socket.send(bytes, to: arrival.source)
        if received == 3 { test.after(.milliseconds(50)) { loop.stop() } }
      }
      let peer = Peer()
      for _ in 0..<3 { peer.send([1], to: socket.local) }
      test.run()
      #expect((0..<6).allSatisfy { _ in peer.receive() == [1] })
      #expect(socket.counts.refused == 3 && socket.lastSendError != nil)
      #expect(turns < 30)
    }

    @Test("Case 58: a port that is taken names its holder")
    func aPortThatIsTakenNamesItsHolder() throws {
      let loop = try EventLoop()
      let socket = try DatagramSocket(loop: loop, address: .loopback, port: 0)
      let error = #expect(throws: SystemError.self) {
        _ = try DatagramSocket(loop: loop, address: .loopback, port: socket.local.port)
      }
      #expect(try #require(error).isTaken)
      #expect("\(try #require(error))".hasPrefix("bind 127.0.0.1:\(socket.local.port): "))
      let holders = PortHolder.find(.udp, port: socket.local.port)
      #expect(holders.map(\.process) == [getpid()])
      #expect(holders.allSatisfy { !$0.program.isEmpty })
      #expect(PortHolder.find(.tcp, port: socket.local.port).isEmpty)
    }

    @Test func theReceiveBufferGrantedIsReported() throws {
      let loop = try EventLoop()
      let small = try DatagramSocket(
        loop: loop, address: .loopback, port: 0, receiveBuffer: 65_536)
      let large = try DatagramSocket(
        loop: loop, address: .loopback, port: 0, receiveBuffer: 1 << 30)
      #expect(small.receiveBuffer == 65_536)
      #expect(large.receiveBuffer >= 65_536 && large.receiveBuffer < 1 << 30)
    }
  }
}
