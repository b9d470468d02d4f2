import Boot
import EventLoop
import Network
import Services
import TLS

extension Appliance {
  /// Opens the ports of an interface of the configuration, which must exist on this box.
  func openPorts(
    _ settings: Interface, _ table: InterfaceTable, _ tls: TLSContext?,
    reusing old: InterfacePorts? = nil
  ) throws(StartError) -> InterfacePorts {
    guard let interface = table[settings.name] else {
      throw StartError("interface \(settings.name) does not exist on this box")
    }
    do throws(PortError) { return try open(settings, on: interface, tls, old) } catch {
      throw StartError(error.description)
    }
  }

  /// Opens an interface's ports and leads what comes there to the services.
  private func open(
    _ settings: Interface, on interface: NetworkInterface, _ tls: TLSContext?,
    _ old: InterfacePorts?
  ) throws(PortError) -> InterfacePorts {
    let ports = try InterfacePorts(loop: loop, settings, on: interface, tls, reusing: old)
    for socket in [ports.dhcp, ports.bootServer] {
      socket?.onDatagram = { [unowned self] bytes, arrival in
        note(dhcp: bytes, from: arrival)
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
    ports.arp?.onFrame = { [unowned self] frame in
      dhcp.hearARP(
        frame, on: settings.number, own: hardware, at: loop.now, into: &actions)
      performAll()
    }
    ports.tftp?.onDatagram = { [unowned self] bytes, arrival in
      note(bytes, from: arrival)
      tftp.receive(
        bytes, from: arrival, mtu: Self.mtu, catalog, at: loop.now, into: &actions)
      performAll()
    }
    for listener in [ports.http, ports.https] {
      listener?.limits.request = http.limits.headDuration
      listener?.limits.idle = http.limits.idleDuration
      listener?.onConnection = { [unowned self] stream in accept(stream) }
    }
    openNames(ports)
    if let refusal = ports.namesRefusal {
      record(Event(.portTaken(reason: "\(refusal); names are not answered there")))
    }
    return ports
  }

  /// Ethernet's; boot ROMs know no other.
  private static let mtu = 1500
}
