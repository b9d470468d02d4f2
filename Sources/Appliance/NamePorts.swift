import Boot
import EventLoop
import Network

/// Port 53 of an interface, by UDP and TCP.
///
/// On all its addresses at once, as our other ports; where somebody else has the port on another
/// address of this box (a resolver on 127.0.0.1), on each of its own addresses, which is enough: no
/// question is broadcast.
struct NamePorts {
  private(set) var datagrams: [DatagramSocket] = []
  private(set) var streams: [StreamListener] = []
  /// Whose they are; empty: all of the interface.
  private var addresses: [IPv4Address] = []

  /// No port.
  init() {}

  /// - Parameter old: What is open already; it is taken over where the addresses are the same.
  /// - Throws: Of the port on all addresses, when it cannot be had on each of them either.
  init(
    _ loop: EventLoop, on interface: NetworkInterface, reusing old: NamePorts?
  ) throws(PortError) {
    let own = interface.addresses.map(\.address)
    if let old, !old.datagrams.isEmpty, old.addresses.isEmpty || old.addresses == own {
      self = old
      return
    }
    // What is open on our addresses would be in the way of all of them.
    let first: PortError
    do throws(PortError) {
      try open(loop, .unspecified, interface.name)
      return
    } catch {
      close()
      self = NamePorts()
      guard error.error.isTaken, !own.isEmpty else { throw error }
      first = error
    }
    addresses = own
    for address in own {
      do throws(PortError) {
        if let old, let index = old.addresses.firstIndex(of: address) {
          datagrams.append(old.datagrams[index])
          streams.append(old.streams[index])
        } else {
          try open(loop, address, interface.name)
        }
      } catch {
        close(except: old ?? NamePorts())
        throw first
      }
    }
  }

  private mutating func open(
    _ loop: EventLoop, _ address: IPv4Address, _ name: String
  ) throws(PortError) {
    do throws(SystemError) {
      datagrams.append(
        try DatagramSocket(
          loop: loop, address: address, port: DNSPort.number, device: name,
          receiveBuffer: InterfacePorts.receiveBufferWanted))
    } catch { throw PortError(error, .udp, DNSPort.number, name) }
    do throws(SystemError) {
      streams.append(
        try StreamListener(loop: loop, address: address, port: DNSPort.number, device: name))
    } catch { throw PortError(error, .tcp, DNSPort.number, name) }
  }

  /// Closes what `successor` has not taken over.
  func close(except successor: NamePorts = NamePorts()) {
    for socket in datagrams where !successor.datagrams.contains(where: { $0 === socket }) {
      socket.close()
    }
    // The loop keeps a listener until it is closed.
    for stream in streams where !successor.streams.contains(where: { $0 === stream }) {
      stream.close()
    }
  }
}

private enum DNSPort {
  static let number: UInt16 = 53
}
