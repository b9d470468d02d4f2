import EventLoop
import Glibc
import Network
import Testing

/// Everything here uses real descriptors, one test after another.
@Suite(.serialized) enum RealSockets {}

/// A loop that gives up by itself, so that a failed test ends.
final class TestLoop {
  let loop: EventLoop
  private(set) var gaveUp = false
  private var end: Instant
  /// A deadline of the test's own.
  var wakeAt: Instant?
  var onWake: () -> Void = {}

  init(seconds: Int = 10) throws {
    loop = try EventLoop()
    end = loop.now + .seconds(seconds)
    loop.nextDeadline = { [unowned self] in min(end, wakeAt ?? end) }
    loop.onDeadline = { [unowned self] now in
      if let at = wakeAt, at <= now {
        wakeAt = nil
        onWake()
      }
      if now >= end {
        gaveUp = true
        end = .never
        loop.stop()
      }
    }
  }

  func after(_ duration: Duration, _ work: @escaping () -> Void) {
    wakeAt = loop.now + duration
    onWake = work
  }

  func run() { loop.run() }
}

extension IPv4Address {
  static let loopback = IPv4Address(127, 0, 0, 1)
}

/// A blocking socket of the other side.
final class Peer {
  let descriptor: Int32

  init(udp port: UInt16 = 0, address: IPv4Address = .loopback) {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    setTimeout(5)
    var name = Peer.name(address, port)
    _ = withSockaddr(&name) { bind(descriptor, $0, $1) }
  }

  init(tcp endpoint: Endpoint) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    setTimeout(5)
    var name = Peer.name(endpoint.address, endpoint.port)
    _ = withSockaddr(&name) { connect(descriptor, $0, $1) }
  }

  deinit { Glibc.close(descriptor) }

  var port: UInt16 {
    var name = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(descriptor, $0, &length)
      }
    }
    return UInt16(bigEndian: name.sin_port)
  }

  func send(_ bytes: [UInt8], to endpoint: Endpoint) {
    var name = Peer.name(endpoint.address, endpoint.port)
    _ = withSockaddr(&name) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
  }

  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  /// Nil after five seconds, or an error.
  func receive(_ size: Int = 70_000) -> [UInt8]? { receiveFrom(size)?.bytes }

  func receiveFrom(_ size: Int = 70_000) -> (bytes: [UInt8], from: Endpoint)? {
    var bytes = [UInt8](repeating: 0, count: size)
    var name = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        recvfrom(descriptor, &bytes, size, 0, $0, &length)
      }
    }
    guard count >= 0 else { return nil }
    let from = Endpoint(
      IPv4Address(UInt32(bigEndian: name.sin_addr.s_addr)), UInt16(bigEndian: name.sin_port))
    return (Array(bytes.prefix(count)), from)
  }

  /// Until the end of the stream, or `count` bytes.
  func receiveAll(_ limit: Int = .max) -> [UInt8] {
    var all: [UInt8] = []
    while all.count < limit, let bytes = receive(min(70_000, limit - all.count)), !bytes.isEmpty {
      all += bytes
    }
    return all
  }

  /// Closing will send a reset.
  func resetOnClose() {
    var value = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
  }

  private func setTimeout(_ seconds: Int) {
    var value = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &value, size)
  }

  static func name(_ address: IPv4Address, _ port: UInt16) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = address.number.bigEndian
    name.sin_port = port.bigEndian
    return name
  }
}

func withSockaddr(
  _ name: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  withUnsafePointer(to: &name) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

func withSockaddr(
  _ name: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int
) -> Int {
  withUnsafePointer(to: &name) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

extension RawSpan {
  var copied: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// Runs `work` on another thread: the client beside the loop.
func beside(_ work: @escaping @Sendable () -> Void) {
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Work(work))
  pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }, box.toOpaque())
  pthread_detach(thread)
}

private final class Work: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A folder that is removed with the value.
final class TemporaryFolder {
  let path: String

  init() {
    var template = Array("/tmp/bootwire-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  deinit {
    var arguments: [UnsafeMutablePointer<CChar>?] = ["rm", "-rf", path].map { text in
      text.withCString { strdup($0) }
    }
    arguments.append(nil)
    var process: pid_t = 0
    posix_spawnp(&process, "rm", nil, nil, &arguments, environ)
    waitpid(process, nil, 0)
    for argument in arguments { free(argument) }
  }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done)
      }
      guard count > 0 else { break }
      done += count
    }
    close(descriptor)
    return file
  }
}

/// A literal alone would be an array of integers of eight bytes.
func octet(_ value: UInt8) -> [UInt8] { [value] }

/// Bytes in which no block equals another.
func pattern(_ count: Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  bytes.withUnsafeMutableBufferPointer { buffer in
    for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: index &* 31 ^ index >> 8) }
  }
  return bytes
}

/// What the allocator gave for it; the overlay lacks `malloc_usable_size`.
func allocatedSize(of object: AnyObject) -> Int {
  guard let symbol = dlsym(nil, "malloc_usable_size") else { return .max }
  typealias Size = @convention(c) (UnsafeMutableRawPointer) -> Int
  return unsafeBitCast(symbol, to: Size.self)(Unmanaged.passUnretained(object).toOpaque())
}
