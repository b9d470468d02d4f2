import CLinux
import Glibc
import Network

/// Sends whole Ethernet frames on one interface, to machines that have no address yet.
///
/// Protocol 0, so that it is never handed a frame. Needs CAP_NET_RAW.
package final class PacketSocket {
  /// The kernel's number of the interface.
  package let interface: Int32
  private let loop: EventLoop
  private let descriptor: Int32
  private let sender: DatagramSender

  package init(loop: EventLoop, interface: Int32) throws(SystemError) {
    let fd = try checked(cl_packet_socket(), "socket AF_PACKET")
    do throws(SystemError) {
      sender = try DatagramSender(loop: loop, target: fd)
    } catch {
      Glibc.close(fd)
      throw error
    }
    self.loop = loop
    self.interface = interface
    descriptor = fd
  }

  deinit {
    sender.close()
    Glibc.close(descriptor)
  }

  package var counts: DatagramCounts {
    DatagramCounts(sent: sender.sent, refused: sender.refused, crowdedOut: sender.crowdedOut)
  }

  /// Why the kernel last refused a frame.
  package var lastSendError: SystemError? { sender.lastError }

  /// Queues a copy of `frame`, from the Ethernet header on; it leaves when the turn ends.
  package func send(_ frame: RawSpan) {
    guard !loop.isStopped else { return }
    sender.send(frame: frame, interface: interface)
  }
}
