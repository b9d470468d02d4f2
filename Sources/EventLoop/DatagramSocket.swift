import CLinux
import Dispatch
import Glibc
import Network

/// A busy UDP port: a Dispatch source of its own, drained by `recvmmsg`, answered by `sendmmsg`.
package final class DatagramSocket {
  /// Called per datagram; the bytes are gone when it returns.
  package var onDatagram: (RawSpan, Arrival) -> Void = { _, _ in }
  /// Where it is bound, with the port that the kernel chose if 0 was asked for.
  package let local: Endpoint
  /// The receive buffer granted, in bytes. The kernel stops at `net.core.rmem_max`: warn when
  /// it is less than was asked for.
  package let receiveBuffer: Int

  private let loop: EventLoop
  private let descriptor: Int32
  private let sender: DatagramSender
  private var source: (any DispatchSourceProtocol)?
  private var received = 0
  private var oversized = 0

  /// Binds and begins to listen.
  ///
  /// No SO_REUSEADDR: it would let two servers share the port, each hearing half, where now the
  /// second is told EADDRINUSE (`SystemError.isTaken`; ask `PortHolder` whose it is). Bind to
  /// 0.0.0.0 to hear broadcasts; `device` narrows that to one interface.
  package init(
    loop: EventLoop, address: IPv4Address = .unspecified, port: UInt16, device: String? = nil,
    receiveBuffer wanted: Int = 4 << 20
  ) throws(SystemError) {
    let fd = try checked(cl_udp_socket(), "socket")
    do throws(SystemError) {
      local = try Self.bind(fd, Endpoint(address, port), device)
      sender = try DatagramSender(loop: loop, target: fd)
    } catch {
      Glibc.close(fd)
      throw error
    }
    _ = cl_set_option(fd, SOL_SOCKET, SO_RCVBUF, Int32(clamping: wanted))
    // The kernel doubles what it grants, for its own bookkeeping.
    receiveBuffer = Int(max(0, cl_get_option(fd, SOL_SOCKET, SO_RCVBUF))) / 2
    self.loop = loop
    descriptor = fd
    source = loop.watch(fd) { [unowned self] _ in
      drain()
    } onCancel: {
      Glibc.close(fd)
    }
  }

  deinit { close() }

  package var counts: DatagramCounts {
    DatagramCounts(
      received: received, oversized: oversized, sent: sender.sent, refused: sender.refused,
      crowdedOut: sender.crowdedOut)
  }

  /// Why the kernel last refused a datagram.
  package var lastSendError: SystemError? { sender.lastError }

  /// Queues a copy of `bytes`, at most 2 KiB; it leaves when the turn ends.
  ///
  /// `local` and `interface` are where it leaves from; `.unspecified` and 0 leave that to the
  /// routing table.
  package func send(
    _ bytes: RawSpan, to: Endpoint, from local: IPv4Address = .unspecified, interface: Int32 = 0
  ) {
    guard source != nil, !loop.isStopped else { return }
    sender.send(bytes, to: to, from: local, interface: interface)
  }

  package func close() {
    guard let source else { return }
    self.source = nil
    sender.close()
    loop.unwatch(source)
  }

  private static func bind(
    _ fd: Int32, _ endpoint: Endpoint, _ device: String?
  ) throws(SystemError) -> Endpoint {
    try checked(cl_prepare_udp(fd), "setsockopt")
    try checked(cl_set_option(fd, SOL_SOCKET, SO_BROADCAST, 1), "setsockopt SO_BROADCAST")
    if let device {
      try checked(unsafe cl_bind_device(fd, device), "setsockopt SO_BINDTODEVICE", device)
    }
    try checked(
      cl_bind_inet(fd, endpoint.address.number, endpoint.port), "bind", "\(endpoint)")
    var address: UInt32 = 0
    var port: UInt16 = 0
    try checked(unsafe cl_local_inet(fd, &address, &port), "getsockname")
    return Endpoint(IPv4Address(address), port)
  }

  /// A few batches, so that a flood does not keep the queue from others: the source fires again.
  private func drain() {
    for _ in 0..<Self.batches {
      let count = loop.receiver.fill(from: descriptor)
      // Nothing left, or the report of an ICMP error, which is now taken.
      guard count > 0 else { return }
      loop.lastDatagram = loop.now
      received += Int(count)
      for index in 0..<UInt32(count) {
        guard source != nil else { return }
        if !loop.receiver.hand(index, port: local.port, to: onDatagram) { oversized += 1 }
      }
      if count < DatagramReceiver.count { return }
    }
  }

  private static let batches = 4
}
