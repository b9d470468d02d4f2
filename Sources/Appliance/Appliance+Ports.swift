import Boot
import EventLoop
import Network
import Services

extension Appliance {
  /// Opens the ports of an interface of the configuration, which must exist on this box.
  func openPorts(
    _ settings: Interface, _ table: InterfaceTable, reusing old: InterfacePorts? = nil
  ) throws(StartError) -> InterfacePorts {
    guard let interface = table[settings.name] else {
      throw StartError("interface \(settings.name) does not exist on this box")
    }
    do throws(PortError) { return try open(settings, on: interface, old) } catch {
      throw StartError(error.description)
    }
  }

  /// Opens an interface's ports and leads what comes there to the services.
  private func open(
    _ settings: Interface, on interface: NetworkInterface, _ old: InterfacePorts?
  ) throws(PortError) -> InterfacePorts {
    let ports = try InterfacePorts(loop: loop, settings, on: interface, reusing: old)
    for socket in [ports.dhcp, ports.bootServer] {
      socket?.onDatagram = { [unowned self] bytes, arrival in
        dhcp.receive(bytes, from: arrival, catalog, at: loop.now, into: &actions)
        performAll()
      }
    }
    let hardware = ports.hardwareAddress
    ports.router?.onFrame = { [unowned self] frame in
      router.receive(
        frame, on: settings.number, own: hardware, at: loop.now, into: &actions)
      performAll()
    }
    ports.tftp?.onDatagram = { [unowned self] bytes, arrival in
      tftp.receive(
        bytes, from: arrival, mtu: Self.mtu, catalog, at: loop.now, into: &actions)
      performAll()
    }
    ports.http?.limits.request = http.limits.headDuration
    ports.http?.limits.idle = http.limits.idleDuration
    ports.http?.onConnection = { [unowned self] stream in accept(stream) }
    openNames(ports)
    return ports
  }

  /// Ethernet's; boot ROMs know no other.
  private static let mtu = 1500
}
