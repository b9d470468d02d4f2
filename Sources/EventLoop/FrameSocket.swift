import CLinux
import Glibc
import Network

/// Hears the frames that come to one UDP port on one interface: who sent them, which a UDP socket
/// does not tell, and what is meant for a port that is another program's.
///
/// A packet socket with a filter of its own: what we send, what is tagged for a VLAN and what is a
/// fragment never wakes it. Needs CAP_NET_RAW.
package final class FrameSocket: Watched {
  /// Called per frame; the bytes are gone when it returns.
  package var onFrame: (RawSpan) -> Void = { _ in }

  package init(loop: EventLoop, interface: Int32, port: UInt16) throws(SystemError) {
    let fd = try checked(cl_port_socket(interface, port), "socket AF_PACKET")
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
