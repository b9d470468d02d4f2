import CLinux
import Glibc
import Network

/// Tells that interfaces or their addresses have changed; read `InterfaceTable` to see how.
///
/// A socket that is bound to an interface which is made anew hears nothing more, and gets no error.
package final class InterfaceWatch: Watched {
  /// Called at most once a turn, and often for one change.
  package var onChange: () -> Void = {}

  /// Needs AF_NETLINK in a sandbox.
  package init(loop: EventLoop) throws(SystemError) {
    let descriptor = try checked(cl_route_socket(), "socket AF_NETLINK")
    super.init(loop: loop, descriptor: descriptor)
    do throws(SystemError) { try watch(.read) } catch {
      closeDescriptor()
      throw error
    }
  }

  package func close() { closeDescriptor() }

  override func ready(_ events: Readiness) {
    guard let room = unsafe loop.scratch.incoming.baseAddress else { return }
    // Bounded: the set reports again. ENOBUFS: more changed than it could hold.
    for _ in 0..<64 {
      let count = unsafe cl_receive(descriptor, room, Scratch.size)
      guard count > 0 || count == -Int(ENOBUFS) else { break }
    }
    onChange()
  }
}
