import CLinux
import Glibc
import Network

/// Hears ARP replies on one interface, as whole Ethernet frames: who answers our probes.
///
/// A packet socket with a filter of its own, so that nothing else wakes it. Needs CAP_NET_RAW.
package final class ARPSocket: Watched {
  /// Called per frame; the bytes are gone when it returns.
  package var onFrame: (RawSpan) -> Void = { _ in }

  package init(loop: EventLoop, interface: Int32) throws(SystemError) {
    let fd = try checked(cl_arp_socket(interface), "socket AF_PACKET")
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
