import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  @Suite struct ConnectionProbes {
    private func probe(
      _ test: TestLoop, _ endpoint: Endpoint, device: String? = nil,
      timeout: Duration = .seconds(5)
    ) throws -> [Bool] {
      let probe = try ConnectionProbe(
        loop: test.loop, to: endpoint, device: device, timeout: timeout)
      var results: [Bool] = []
      probe.onResult = { [loop = test.loop] result in
        results.append(result)
        loop.stop()
      }
      test.run()
      probe.close()
      return results
    }

    @Test(arguments: [nil, "lo"]) func whoListensIsThere(_ device: String?) throws {
      let test = try TestLoop()
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      #expect(try probe(test, #require(listener.local), device: device) == [true])
    }

    @Test func aRefusalIsNobody() throws {
      let test = try TestLoop()
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      let endpoint = try #require(listener.local)
      listener.close()
      #expect(try probe(test, endpoint) == [false])
      #expect(!test.gaveUp)
    }

    @Test func silenceEndsWithTheTimeout() throws {
      // A backlog that is full drops what more wants to connect.
      let full = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(full) }
      var name = Peer.name(.loopback, 0)
      _ = withSockaddr(&name) { bind(full, $0, $1) }
      listen(full, 0)
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutablePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = getsockname(full, $0, &length)
        }
      }
      let endpoint = Endpoint(.loopback, UInt16(bigEndian: name.sin_port))
      let first = Peer(tcp: endpoint)
      let test = try TestLoop()
      #expect(try probe(test, endpoint, timeout: .seconds(1)) == [false])
      #expect(!test.gaveUp)
      withExtendedLifetime(first) {}
    }

    @Test func whatWasGivenUpTellsNothing() throws {
      let test = try TestLoop(seconds: 1)
      let listener = try StreamListener(loop: test.loop, address: .loopback, port: 0)
      let probe = try ConnectionProbe(
        loop: test.loop, to: #require(listener.local), timeout: .milliseconds(300))
      probe.onResult = { _ in Issue.record("it was closed") }
      probe.close()
      test.run()
    }

    @Test func anInterfaceThatIsNotThereIsAnError() throws {
      let test = try TestLoop()
      #expect(throws: SystemError.self) {
        _ = try ConnectionProbe(
          loop: test.loop, to: Endpoint(.loopback, 22), device: "nothere", timeout: .seconds(1))
      }
    }
  }
}
