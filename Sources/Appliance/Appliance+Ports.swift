import Boot
import EventLoop
import Network
import Services

extension Appliance {
  /// Opens an interface's ports and leads what comes there to the services.
  func open(
    _ settings: Interface, on interface: NetworkInterface
  ) throws(PortError) -> InterfacePorts {
    let ports = try InterfacePorts(loop: loop, settings, on: interface)
    ports.dhcp?.onDatagram = { [unowned self] bytes, arrival in
      dhcp.receive(bytes, from: arrival, catalog, at: loop.now, into: &actions)
      performAll()
    }
    ports.tftp?.onDatagram = { [unowned self] bytes, arrival in
      tftp.receive(
        bytes, from: arrival, mtu: Self.mtu, catalog, at: loop.now, into: &actions)
      performAll()
    }
    return ports
  }

  /// Ethernet's; boot ROMs know no other.
  private static let mtu = 1500
}
