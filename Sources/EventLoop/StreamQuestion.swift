import CLinux
import Glibc
import Network

/// One message to another server by TCP, and what it answers: each after its length in two octets
/// (RFC 1035 §4.2.2).
///
/// It has no deadline of its own: who asks closes it.
package final class StreamQuestion: Watched {
  /// Called once with the whole answer; the bytes are gone when it returns.
  package var onMessage: (RawSpan) -> Void = { _ in }

  private var unsent: [UInt8]
  /// What has come so far, its length before it; never more than 64 KiB.
  private var received: [UInt8] = []

  /// Begins to connect.
  package init(loop: EventLoop, _ message: [UInt8], to server: Endpoint) throws(SystemError) {
    precondition(message.count <= Int(UInt16.max), "a length has two octets")
    unsent = [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
    let fd = try checked(cl_tcp_socket(), "socket")
    let result = cl_connect_inet(fd, server.address.number, server.port)
    guard result == 0 || result == -EINPROGRESS else {
      Glibc.close(fd)
      throw SystemError(call: "connect", errno: -result, path: "\(server)")
    }
    super.init(loop: loop, descriptor: fd)
    do throws(SystemError) { try watch(.write) } catch {
      closeDescriptor()
      throw error
    }
  }

  package func close() {
    onMessage = { _ in }
    closeDescriptor()
  }

  override func ready(_ events: Readiness) {
    if unsent.isEmpty { receive() } else { transmit() }
  }

  private func transmit() {
    let count = unsafe unsent.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      return unsafe cl_send(descriptor, start, buffer.count, 0)
    }
    guard count >= 0 else {
      if count != -Int(EAGAIN), count != -Int(EINTR) { close() }
      return
    }
    unsent.removeFirst(count)
    if unsent.isEmpty { change(to: .read) }
  }

  private func receive() {
    guard let room = unsafe loop.scratch.incoming.baseAddress else { return }
    let count = unsafe cl_receive(descriptor, room, Scratch.size)
    if count == -Int(EAGAIN) || count == -Int(EINTR) { return }
    guard count > 0 else { return close() }
    unsafe received.append(contentsOf: UnsafeRawBufferPointer(start: room, count: count))
    guard received.count >= 2 else { return }
    let length = 2 + Int(received[0]) << 8 + Int(received[1])
    guard received.count >= length else { return }
    let message = received
    let answer = onMessage
    close()
    unsafe message.withUnsafeBytes { buffer in
      unsafe answer(buffer.bytes.extracting(2..<length))
    }
  }
}
