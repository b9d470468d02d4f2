import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  @Suite("Case 21: a flooded port") struct FloodedPorts {
    @Test("Case 21: a flood of one port keeps neither another port nor a connection waiting")
    func othersAreServedMeanwhile() throws {
      let test = try TestLoop()
      let flooded = try DatagramSocket(loop: test.loop, address: .loopback, port: 0)
      let quiet = try DatagramSocket(loop: test.loop, address: .loopback, port: 0)
      let transfer = try TransferSocket(loop: test.loop, address: .loopback)
      let peer = Peer()
      // All of it waits in the kernel before the loop begins.
      for _ in 0..<2_000 { peer.send(octet(1), to: flooded.local) }
      peer.send(octet(2), to: quiet.local)
      peer.send([0, 4, 0, 0], to: transfer.local)
      var heard: [String] = []
      flooded.onDatagram = { _, _ in heard.append("flood") }
      quiet.onDatagram = { _, _ in heard.append("quiet") }
      transfer.onDatagram = { [loop = test.loop] _, _ in
        heard.append("transfer")
        _ = loop
      }
      test.after(.milliseconds(300)) { [loop = test.loop] in loop.stop() }
      test.run()
      let floods = heard.count { $0 == "flood" }
      // What did not fit into the receive buffer the kernel has dropped.
      #expect(floods > 600, "\(floods)")
      for name in ["quiet", "transfer"] {
        let place = try #require(heard.firstIndex(of: name))
        let before = heard[..<place].count { $0 == "flood" }
        #expect(before < floods, "\(name) came after \(before) of \(floods)")
      }
    }
  }
}
