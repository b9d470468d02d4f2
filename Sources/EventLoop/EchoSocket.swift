import CLinux
import Glibc
import Network

/// Sends ICMP echo requests along the routes of this box, and hears the replies. Needs CAP_NET_RAW.
package final class EchoSocket: Watched {
  /// Called per reply, with its IPv4 head; the bytes are gone when it returns.
  package var onPacket: (RawSpan) -> Void = { _ in }

  package init(loop: EventLoop) throws(SystemError) {
    let fd = try checked(cl_echo_socket(), "socket ICMP")
    super.init(loop: loop, descriptor: fd)
    do throws(SystemError) { try watch(.read) } catch {
      closeDescriptor()
      throw error
    }
  }

  /// Sends an ICMP message at once; what throws has not left.
  package func send(_ message: RawSpan, to address: IPv4Address) throws(SystemError) {
    let count = unsafe message.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return 0 }
      return unsafe cl_send_to(descriptor, start, bytes.count, address.number, 0)
    }
    guard count < 0 else { return }
    throw SystemError(call: "sendto", errno: Int32(-count))
  }

  package func close() {
    onPacket = { _ in }
    closeDescriptor()
  }

  override func ready(_ events: Readiness) {
    guard let room = unsafe loop.scratch.incoming.baseAddress else { return }
    let count = unsafe cl_receive(descriptor, room, Scratch.size)
    guard count > 0 else { return }
    unsafe onPacket(UnsafeRawBufferPointer(start: room, count: count).bytes)
  }
}
