import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  /// In a child process with a network namespace of its own, so root only.
  @Suite(.enabled(if: getuid() == 0, "network namespaces need root")) struct Namespaces {
    @Test(
      "Case 18: with a second address, a reply leaves from the arrival's interface and address")
    func aMachineWithoutAddressHearsFramesAndBroadcasts() async {
      await #expect(processExitsWith: .success) {
        guard enterNamespace() else { exit(2) }
        guard
          shell("ip link set lo up"),
          shell("ip link add server type veth peer name client"),
          shell("ip addr add 10.9.0.1/24 dev server && ip addr add 10.9.0.2/24 dev server"),
          shell("ip link set server up && ip link set client up"),
          // The kernel begins to send a moment after the carrier comes, and drops what is earlier.
          shell("until ip link show server | grep 'state UP'; do sleep 0.05; done >/dev/null"),
          shell("for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done"),
          shell("for f in /proc/sys/net/ipv4/conf/*/accept_local; do echo 1 > $f; done"),
          shell("ip addr add 10.9.1.99/32 dev client")
        else { exit(3) }
        let table = try InterfaceTable.read()
        guard let server = table["server"], let client = table["client"],
          let from = server.hardwareAddress, let to = client.hardwareAddress, server.isUp,
          server.addresses.map(\.address) == [
            IPv4Address(10, 9, 0, 1), IPv4Address(10, 9, 0, 2),
          ],
          server.addresses.first?.prefix == IPv4Prefix("10.9.0.0/24"),
          table.owner(of: IPv4Address(10, 9, 0, 2)) == server
        else { exit(4) }

        let peer = Peer(udp: 68, address: .unspecified)
        guard setsockopt(peer.descriptor, SOL_SOCKET, SO_BINDTODEVICE, "client", 6) == 0 else {
          exit(5)
        }
        let test = try TestLoop()
        let socket = try DatagramSocket(loop: test.loop, port: 67, device: "server")
        let packets = try PacketSocket(loop: test.loop, interface: server.index)
        let offer = frame(
          to: to, from: from, source: Endpoint(IPv4Address(10, 9, 0, 7), 67), port: 68,
          payload: [42])
        packets.send(offer.span.bytes)
        socket.send(
          octet(43).span.bytes, to: Endpoint(.broadcast, 68), from: IPv4Address(10, 9, 0, 2),
          interface: server.index)
        var arrival: Arrival?
        socket.onDatagram = { [loop = test.loop] _, came in
          arrival = came
          loop.stop()
        }
        // A client that has no address yet: from 0.0.0.0 to everyone.
        let machine = try PacketSocket(loop: test.loop, interface: client.index)
        let discover = frame(
          to: .broadcast, from: to, source: Endpoint(.unspecified, 68), port: 67, payload: [1])
        machine.send(discover.span.bytes)
        test.run()
        let heard = [peer.receiveFrom(), peer.receiveFrom()].compactMap { $0 }
        // The frame and the broadcast leave by two sockets: either may be first.
        guard let framed = heard.first(where: { $0.bytes == [42] }),
          framed.from == Endpoint(IPv4Address(10, 9, 0, 7), 67)
        else { exit(6) }
        guard let broadcast = heard.first(where: { $0.bytes == [43] }),
          broadcast.from.address == IPv4Address(10, 9, 0, 2)
        else { exit(7) }
        guard let arrival, arrival.destination.address == .broadcast,
          arrival.interface == server.index, arrival.local == IPv4Address(10, 9, 0, 1),
          arrival.source == Endpoint(.unspecified, 68)
        else { exit(8) }
        guard packets.counts.sent == 1, packets.counts.refused == 0 else { exit(9) }
        exit(0)
      }
    }

    @Test("Case 18: an interface that goes away is an error and no more")
    func anInterfaceThatGoesAwayIsAnErrorAndNoMore() async {
      await #expect(processExitsWith: .success) {
        guard enterNamespace(), shell("ip link add gone type veth peer name other"),
          shell("ip link set gone up"), shell("ip addr add 10.9.0.1/24 dev gone"),
          let gone = try InterfaceTable.read()["gone"]
        else { exit(2) }
        let test = try TestLoop()
        let packets = try PacketSocket(loop: test.loop, interface: gone.index)
        let socket = try DatagramSocket(loop: test.loop, port: 67, device: "gone")
        guard shell("ip link del gone") else { exit(3) }
        var turns = 0
        test.loop.onEndOfTurn = { turns += 1 }
        packets.send([UInt8](repeating: 0, count: 60).span.bytes)
        socket.send(octet(1).span.bytes, to: Endpoint(.broadcast, 68), interface: gone.index)
        test.after(.milliseconds(100)) { [loop = test.loop] in loop.stop() }
        test.run()
        guard packets.counts.refused == 1, socket.counts.refused == 1, turns < 20 else { exit(4) }
        exit(0)
      }
    }

    @Test("Case 16, case 20: frames to a port are heard with their sender, and ours are not")
    func framesToAPortAreHeard() async {
      await #expect(processExitsWith: .success) {
        guard enterNamespace(), shell("ip link add ours type veth peer name theirs"),
          shell("ip link set ours up && ip link set theirs up"),
          shell("until ip link show ours | grep 'state UP'; do sleep 0.05; done >/dev/null"),
          let ours = try InterfaceTable.read()["ours"], let us = ours.hardwareAddress,
          let theirs = try InterfaceTable.read()["theirs"], let them = theirs.hardwareAddress
        else { exit(2) }
        let test = try TestLoop()
        let socket = try FrameSocket(loop: test.loop, interface: ours.index, port: 68)
        var heard: [[UInt8]] = []
        socket.onFrame = { [loop = test.loop] frame in
          heard.append(frame.copied)
          if heard.count == 2 { loop.stop() }
        }
        let own = try PacketSocket(loop: test.loop, interface: ours.index)
        let other = try PacketSocket(loop: test.loop, interface: theirs.index)
        func message(_ mark: UInt8, from: MACAddress, to port: UInt8) -> [UInt8] {
          frame(
            to: .broadcast, from: from, source: Endpoint(IPv4Address(10, 9, 0, mark), 67),
            port: port, payload: [mark])
        }
        own.send(message(1, from: us, to: 68).span.bytes)
        other.send(message(2, from: them, to: 67).span.bytes)
        other.send(message(3, from: them, to: 68).span.bytes)
        var fragment = message(4, from: them, to: 68)
        fragment[20] = 0x20
        other.send(fragment.span.bytes)
        other.send(message(5, from: them, to: 68).span.bytes)
        test.run()
        guard !test.gaveUp, heard.map(\.last) == [3, 5] else { exit(3) }
        guard heard.allSatisfy({ Array($0[6..<12]) == (0..<6).map { them.octet($0) } }) else {
          exit(4)
        }
        socket.close()
        exit(0)
      }
    }
  }
}

/// The overlay lacks `unshare`.
private func enterNamespace() -> Bool {
  guard let symbol = dlsym(nil, "unshare") else { return false }
  let unshare = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)
  return unshare(0x4000_0000) == 0
}

private func shell(_ command: String) -> Bool {
  var arguments: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", command].map { text in
    text.withCString { strdup($0) }
  }
  arguments.append(nil)
  var process: pid_t = 0
  var status: Int32 = 0
  guard posix_spawnp(&process, "sh", nil, nil, &arguments, environ) == 0 else { return false }
  waitpid(process, &status, 0)
  for argument in arguments { free(argument) }
  return status == 0
}

/// Ethernet, IPv4 and UDP to everyone's `port`; UDP without checksum.
private func frame(
  to: MACAddress, from: MACAddress, source: Endpoint, port: UInt8, payload: [UInt8]
) -> [UInt8] {
  func octets(_ address: MACAddress) -> [UInt8] { (0..<6).map { address.octet($0) } }
  let total = UInt8(28 + payload.count)
  let (a, b, c, d) = source.address.octets
  var header: [UInt8] = [
    0x45, 0, 0, total, 0, 0, 0, 0, 64, 17, 0, 0, a, b, c, d, 255, 255, 255, 255,
  ]
  var sum: UInt32 = 0
  for index in stride(from: 0, to: 20, by: 2) {
    sum += UInt32(header[index]) << 8 | UInt32(header[index + 1])
  }
  while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
  header[10] = UInt8(truncatingIfNeeded: ~sum >> 8)
  header[11] = UInt8(truncatingIfNeeded: ~sum)
  let length = UInt8(8 + payload.count)
  let ports: [UInt8] = [0, UInt8(source.port), 0, port]
  return octets(to) + octets(from) + [8, 0] + header + ports + [0, length, 0, 0] + payload
}
