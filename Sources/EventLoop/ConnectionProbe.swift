import CLinux
import Glibc
import Network

/// Whether somebody takes connections at an endpoint: one TCP handshake, and nothing said.
package final class ConnectionProbe: Watched {
  /// Called once, never from within `init`: whether the handshake came to its end. The probe is
  /// closed then.
  package var onResult: (Bool) -> Void = { _ in }

  /// Begins to connect.
  ///
  /// - Parameters:
  ///   - device: The interface that it leaves by; nil: as the routes say.
  ///   - timeout: After it nobody is there; half a second more or less.
  package init(
    loop: EventLoop, to endpoint: Endpoint, device: String? = nil, timeout: Duration
  ) throws(SystemError) {
    let fd = try checked(cl_tcp_socket(), "socket")
    do throws(SystemError) {
      if let device {
        try checked(unsafe cl_bind_device(fd, device), "setsockopt SO_BINDTODEVICE", device)
      }
      let result = cl_connect_inet(fd, endpoint.address.number, endpoint.port)
      guard result == 0 || result == -EINPROGRESS else {
        throw SystemError(call: "connect", errno: -result, path: "\(endpoint)")
      }
    } catch {
      Glibc.close(fd)
      throw error
    }
    super.init(loop: loop, descriptor: fd)
    do throws(SystemError) { try watch(.write) } catch {
      closeDescriptor()
      throw error
    }
    expire(at: loop.now + timeout)
  }

  /// Gives up; nothing is called.
  package func close() {
    onResult = { _ in }
    closeDescriptor()
  }

  override func ready(_ events: Readiness) {
    conclude(cl_get_option(descriptor, SOL_SOCKET, SO_ERROR) == 0)
  }

  override func expired(at now: Instant) { conclude(false) }

  private func conclude(_ isReachable: Bool) {
    let answer = onResult
    close()
    answer(isReachable)
  }
}
