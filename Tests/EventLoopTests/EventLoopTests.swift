import Dispatch
import Glibc
import Network
import Testing

@testable import EventLoop

extension RealSockets {
  @Suite struct Loop {
    @Test func aDeadlineFiresOnceItHasComeAndNotBefore() throws {
      let test = try TestLoop()
      let start = test.loop.now
      var fired: Instant?
      test.after(.milliseconds(30)) { [loop = test.loop] in
        fired = loop.now
        loop.stop()
      }
      test.run()
      #expect(try #require(fired) - start >= .milliseconds(30))
    }

    @Test func anEarlierDeadlineMovesTheTimerForward() throws {
      let test = try TestLoop()
      var fired = false
      test.loop.post { [loop = test.loop] in loop.post {} }
      var hasMoved = false
      test.loop.onEndOfTurn = { [loop = test.loop] in
        guard !hasMoved else { return }
        hasMoved = true
        test.after(.milliseconds(10)) {
          fired = true
          loop.stop()
        }
      }
      test.run()
      #expect(fired && !test.gaveUp)
    }

    /// Dispatch lets go of a descriptor a moment after it was told to. Closed before that, its number is
    /// another loop's by then, which was never woken.
    @Test func aLoopThatGoesTakesNothingOfTheNext() throws {
      do {
        let former = try EventLoop()
        let listener = try StreamListener(loop: former, address: .loopback, port: 0)
        let place = try #require(listener.local)
        var peer: Peer?
        former.onEndOfTurn = { [unowned former] in
          guard peer == nil else { return }
          former.stop()
          former.queue.async { usleep(50_000) }
          // What it is woken for stands behind all that when it stops.
          peer = Peer(tcp: place)
          usleep(20_000)
        }
        former.run()
        listener.close()
        _ = peer?.descriptor
      }
      // Its last block lets go of it.
      usleep(10_000)
      let test = try TestLoop(seconds: 2)
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      var isServed = false
      listener.onConnection = { [loop = test.loop] connection in
        isServed = true
        connection.close()
        loop.stop()
      }
      let peer = Peer(tcp: try #require(listener.local))
      test.run()
      listener.close()
      #expect(isServed)
      #expect(peer.receiveAll() == [])
    }

    @Test func offloadedWorkReturnsInOrder() throws {
      let test = try TestLoop()
      var results: [Int] = []
      for number in 1...20 {
        test.loop.offload {
          if number == 1 { usleep(5_000) }
          if number == 7 { throw SystemError(call: "seven", errno: EIO) }
          return number
        } then: { [loop = test.loop] result in
          switch result {
          case .success(let value): results.append(value)
          case .failure(let error): results.append((error as? SystemError)?.errno == EIO ? -7 : 0)
          }
          if number == 20 { loop.stop() }
        }
      }
      test.run()
      #expect(results == [1, 2, 3, 4, 5, 6, -7] + Array(8...20))
    }

    @Test func aSignalIsATurn() throws {
      let test = try TestLoop()
      var turns = 0
      test.loop.onEndOfTurn = { turns += 1 }
      var received = 0
      test.loop.onSignal(SIGHUP) { [loop = test.loop] in
        received += 1
        if received == 3 { loop.stop() }
      }
      test.loop.every(.milliseconds(10)) { kill(getpid(), SIGHUP) }
      test.run()
      #expect(received == 3 && turns >= 3)
    }

    @Test func aPeriodGoesOn() throws {
      let test = try TestLoop()
      var count = 0
      test.loop.every(.milliseconds(5)) { [loop = test.loop] in
        count += 1
        if count == 4 { loop.stop() }
      }
      test.run()
      #expect(count == 4 && !test.gaveUp)
    }

    @Test func aLoopThatNeverRanCanBeDropped() throws {
      for _ in 0..<10 {
        let loop = try EventLoop()
        _ = try DatagramSocket(loop: loop, address: .loopback, port: 0)
      }
    }
  }
}
