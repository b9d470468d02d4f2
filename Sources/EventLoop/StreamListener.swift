import CLinux
import Glibc
import Network
import TLS

/// What became of connections; for metrics.
package struct StreamCounts: Hashable, Sendable {
  package var open = 0
  package var accepted = 0
  /// Closed at once: too many connections, or no descriptor left.
  package var refused = 0
}

/// Accepts TCP or unix connections.
package final class StreamListener: Watched {
  /// Called per connection, to set its closures.
  package var onConnection: (StreamConnection) -> Void = { _ in }
  package var limits = StreamLimits()
  /// What connections speak TLS by from now on; nil: they are as they are. Those that have begun
  /// keep theirs.
  package var tls: TLSContext?
  /// Where it listens; nil for a unix socket.
  package let local: Endpoint?
  package private(set) var counts = StreamCounts()

  private var openBySource: [IPv4Address: Int] = [:]
  private let interface: Int32
  private let path: String?
  /// Given up for a moment when no other descriptor is left, so that a newcomer can be told no.
  private var reserve: Int32

  /// Listens on a TCP port of one address or (`.unspecified`) all; `device` keeps it to that
  /// interface, whose number connections then carry in their arrival.
  package init(
    loop: EventLoop, address: IPv4Address, port: UInt16, device: String? = nil,
    tls: TLSContext? = nil
  ) throws(SystemError) {
    let fd = try checked(cl_tcp_socket(), "socket")
    do throws(SystemError) {
      local = try Self.listen(fd, Endpoint(address, port), device)
      interface = device.map { unsafe Int32(bitPattern: if_nametoindex($0)) } ?? 0
    } catch {
      Glibc.close(fd)
      throw error
    }
    path = nil
    self.tls = tls
    reserve = Self.openReserve()
    super.init(loop: loop, descriptor: fd)
    try watchOrClose()
  }

  /// Listens at a path, for its owner and `group` only. A socket that nobody listens at any more
  /// is replaced; EADDRINUSE when somebody does, EEXIST when it is no socket.
  package init(loop: EventLoop, path: String, group: String? = nil) throws(SystemError) {
    let fd = try checked(cl_unix_socket(0), "socket")
    do throws(SystemError) {
      try UnixPath.makeFolder(of: path)
      try UnixPath.clear(path)
      try UnixPath.listen(fd, path, group: group)
    } catch {
      Glibc.close(fd)
      throw error
    }
    local = nil
    interface = 0
    self.path = path
    reserve = Self.openReserve()
    super.init(loop: loop, descriptor: fd)
    try watchOrClose()
  }

  deinit {
    if reserve >= 0 { Glibc.close(reserve) }
  }

  /// Accepts no more; connections live on.
  package func close() {
    guard descriptor >= 0 else { return }
    closeDescriptor()
    onConnection = { _ in }
    if let path { unsafe unlink(path) }
  }

  /// - Parameter source: Of whom it was; unspecified for all of a unix socket.
  func connectionClosed(_ source: IPv4Address) {
    counts.open -= 1
    let count = openBySource[source] ?? 1
    openBySource[source] = count > 1 ? count - 1 : nil
  }

  override func ready(_ events: Readiness) {
    // Bounded: the set reports again.
    for _ in 0..<Self.mostAtOnce {
      var source: UInt32 = 0
      var port: UInt16 = 0
      let accepted = unsafe cl_accept(descriptor, &source, &port)
      if accepted >= 0 {
        admit(accepted, Endpoint(IPv4Address(source), port))
        guard descriptor >= 0 else { return }
        continue
      }
      switch -accepted {
      case EAGAIN: return
      case EMFILE, ENFILE:
        // It says so whether or not anybody waits.
        guard isAwaited else { return }
        guard makeRoom() else { return pause() }
      case ENOBUFS, ENOMEM: return pause()
      // EINTR, or a client that has gone, whose errors accept(2) passes on.
      default: continue
      }
    }
  }

  override func expired(at now: Instant) { change(to: .read) }

  private func admit(_ accepted: Int32, _ source: Endpoint) {
    let mayOpen = openBySource[source.address, default: 0] < limits.connectionsPerSource
    if !mayOpen || counts.open >= limits.connections && !loop.readiness.closeLongestIdle() {
      counts.refused += 1
      Glibc.close(accepted)
      return
    }
    let session = tls.flatMap { TLSSession($0, descriptor: accepted) }
    if tls != nil, session == nil {
      counts.refused += 1
      Glibc.close(accepted)
      return
    }
    counts.open += 1
    openBySource[source.address, default: 0] += 1
    do throws(SystemError) {
      let connection = try StreamConnection(
        descriptor: accepted, listener: self, arrival: arrival(accepted, source),
        session: session)
      counts.accepted += 1
      onConnection(connection)
    } catch {
      // Its end closes the descriptor.
      connectionClosed(source.address)
      counts.refused += 1
    }
  }

  private func arrival(_ accepted: Int32, _ source: Endpoint) -> Arrival? {
    guard var destination = local else { return nil }
    if destination.address == .unspecified {
      var address: UInt32 = 0
      var port: UInt16 = 0
      _ = unsafe cl_local_inet(accepted, &address, &port)
      destination.address = IPv4Address(address)
    }
    return Arrival(
      source: source, destination: destination, local: destination.address,
      interface: interface)
  }

  /// No descriptor is left: an idle connection gives up its own, or the newcomer is told no by
  /// means of the reserve. Left in the queue it would wake us without end.
  private func makeRoom() -> Bool {
    if loop.readiness.closeLongestIdle() { return true }
    guard reserve >= 0 else {
      reserve = Self.openReserve()
      return false
    }
    Glibc.close(reserve)
    var source: UInt32 = 0
    var port: UInt16 = 0
    let accepted = unsafe cl_accept(descriptor, &source, &port)
    if accepted >= 0 {
      counts.refused += 1
      Glibc.close(accepted)
    }
    reserve = Self.openReserve()
    return accepted >= 0
  }

  private var isAwaited: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 0) > 0
  }

  private func pause() {
    change(to: [])
    expire(at: loop.now + Self.pauseLength)
  }

  private func watchOrClose() throws(SystemError) {
    do throws(SystemError) { try watch(.read) } catch {
      closeDescriptor()
      throw error
    }
  }

  private static func listen(
    _ fd: Int32, _ endpoint: Endpoint, _ device: String?
  ) throws(SystemError) -> Endpoint {
    // For TCP it only overrides TIME_WAIT: two listeners still exclude each other.
    try checked(cl_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1), "setsockopt SO_REUSEADDR")
    // Accepted connections inherit it, at no call of their own.
    try checked(cl_set_option(fd, Int32(IPPROTO_TCP), TCP_NODELAY, 1), "setsockopt TCP_NODELAY")
    if let device {
      try checked(unsafe cl_bind_device(fd, device), "setsockopt SO_BINDTODEVICE", device)
    }
    try checked(
      cl_bind_inet(fd, endpoint.address.number, endpoint.port), "bind", "\(endpoint)")
    guard Glibc.listen(fd, backlog) == 0 else {
      throw SystemError(call: "listen", errno: errno, path: "\(endpoint)")
    }
    var address: UInt32 = 0
    var port: UInt16 = 0
    try checked(unsafe cl_local_inet(fd, &address, &port), "getsockname")
    return Endpoint(IPv4Address(address), port)
  }

  private static func openReserve() -> Int32 {
    unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
  }

  private static let mostAtOnce = 64
  private static let backlog: Int32 = 4_096
  private static let pauseLength = Duration.milliseconds(100)
}
