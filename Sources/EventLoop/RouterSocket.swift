import CLinux
import Glibc
import Network

/// Hears router solicitations and advertisements on one interface, as whole Ethernet frames.
///
/// A packet socket with a filter of its own: it works where the interface has no IPv6 at all, and
/// nothing else wakes it. Needs CAP_NET_RAW.
package final class RouterSocket: Watched {
  /// Called per frame; the bytes are gone when it returns.
  package var onFrame: (RawSpan) -> Void = { _ in }

  package init(loop: EventLoop, interface: Int32) throws(SystemError) {
    let fd = try checked(cl_router_socket(interface), "socket AF_PACKET")
    super.init(loop: loop, descriptor: fd)
    do throws(SystemError) { try watch(.read) } catch {
      closeDescriptor()
      throw error
    }
  }

  package func close() {
    onFrame = { _ in }
    closeDescriptor()
  }

  override func ready(_ events: Readiness) {
    guard let room = unsafe loop.scratch.incoming.baseAddress else { return }
    let count = unsafe cl_receive(descriptor, room, Scratch.size)
    guard count > 0 else { return }
    unsafe onFrame(UnsafeRawBufferPointer(start: room, count: count).bytes)
  }
}
