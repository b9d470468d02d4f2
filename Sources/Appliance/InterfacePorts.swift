import Boot
import EventLoop
import Network
import TLS

/// What we have open on one interface. Nothing else of the machine is touched.
final class InterfacePorts {
  let settings: Interface
  let hardwareAddress: MACAddress
  private(set) var dhcp: DatagramSocket?
  /// Port 4011, where PXE's boot servers are asked.
  private(set) var bootServer: DatagramSocket?
  private(set) var tftp: DatagramSocket?
  private(set) var names = NamePorts()
  /// Why names are not answered here, although nothing but the default asks for it.
  private(set) var namesRefusal: PortError?
  private(set) var http: StreamListener?
  private(set) var https: StreamListener?
  private(set) var link: PacketSocket?
  private(set) var router: RouterSocket?
  /// Where we give addresses: who answers for one.
  private(set) var arp: ARPSocket?

  static let receiveBufferWanted = 4 << 20

  /// Opens all that `settings` asks for on `interface`, or nothing when it throws.
  ///
  /// - Parameter old: What is open there already; what still suits is taken over as it is.
  init(
    loop: EventLoop, _ settings: Interface, on interface: NetworkInterface, _ tls: TLSContext?,
    reusing old: InterfacePorts? = nil
  ) throws(PortError) {
    self.settings = settings
    hardwareAddress = interface.hardwareAddress ?? .zero
    let old = old?.settings.number == settings.number ? old : nil
    do throws(PortError) {
      try openDHCP(loop, reusing: old)
      if settings.tftp {
        tftp = try Self.datagrams(loop, 69, settings.name, reusing: old?.tftp)
      }
      try openNames(loop, on: interface, reusing: old)
      try listen(loop, tls, reusing: old)
    } catch {
      // The loop keeps what it watches until it is closed.
      close(except: old)
      throw error
    }
  }

  private func openDHCP(
    _ loop: EventLoop, reusing old: InterfacePorts?
  ) throws(PortError) {
    if settings.dhcp != .off {
      dhcp = try Self.datagrams(loop, 67, settings.name, reusing: old?.dhcp)
      bootServer = try Self.datagrams(loop, 4011, settings.name, reusing: old?.bootServer)
      link = try Self.link(loop, settings, reusing: old?.link)
    }
    if settings.dhcp == .authoritative {
      arp = try Self.arp(loop, settings, reusing: old?.arp)
    }
    if settings.advertisesNoRouter {
      if link == nil { link = try Self.link(loop, settings, reusing: old?.link) }
      router = try Self.router(loop, settings, reusing: old?.router)
    }
  }

  private func openNames(
    _ loop: EventLoop, on interface: NetworkInterface, reusing old: InterfacePorts?
  ) throws(PortError) {
    guard settings.dns else { return }
    do throws(PortError) {
      names = try NamePorts(loop, on: interface, reusing: old?.names)
    } catch {
      guard settings.dnsIsByDefault, error.error.isTaken else { throw error }
      namesRefusal = error
    }
  }

  private func listen(
    _ loop: EventLoop, _ tls: TLSContext?, reusing old: InterfacePorts?
  ) throws(PortError) {
    let name = settings.name
    if let port = settings.http {
      let same = old?.settings.http == port ? old?.http : nil
      http = try Self.streams(loop, port, name, nil, reusing: same)
    }
    if let port = settings.https {
      let same = old?.settings.https == port ? old?.https : nil
      https = try Self.streams(loop, port, name, tls, reusing: same)
    }
  }

  /// The socket that answers from one of our ports.
  func datagrams(_ port: UInt16) -> DatagramSocket? {
    switch port {
    case 53: names.datagrams.first
    case 69: tftp
    case 4011: bootServer
    default: dhcp
    }
  }

  /// The smallest receive buffer that the kernel granted; nil when all are as wanted.
  var smallReceiveBuffer: Int? {
    ([dhcp, bootServer, tftp] + names.datagrams).compactMap { $0?.receiveBuffer }.min().flatMap {
      $0 < Self.receiveBufferWanted ? $0 : nil
    }
  }

  /// Closes what `successor` has not taken over; connections and transfers under way live on.
  func close(except successor: InterfacePorts? = nil) {
    if dhcp !== successor?.dhcp { dhcp?.close() }
    if bootServer !== successor?.bootServer { bootServer?.close() }
    if tftp !== successor?.tftp { tftp?.close() }
    names.close(except: successor?.names ?? NamePorts())
    if router !== successor?.router { router?.close() }
    if arp !== successor?.arp { arp?.close() }
    closeListeners(except: successor)
  }

  private func closeListeners(except other: InterfacePorts?) {
    if http !== other?.http { http?.close() }
    if https !== other?.https { https?.close() }
  }

  private static func link(
    _ loop: EventLoop, _ settings: Interface, reusing old: PacketSocket?
  ) throws(PortError) -> PacketSocket {
    if let old { return old }
    do throws(SystemError) {
      return try PacketSocket(loop: loop, interface: settings.number)
    } catch { throw PortError(error, .udp, 67, settings.name) }
  }

  private static func arp(
    _ loop: EventLoop, _ settings: Interface, reusing old: ARPSocket?
  ) throws(PortError) -> ARPSocket {
    if let old { return old }
    do throws(SystemError) {
      return try ARPSocket(loop: loop, interface: settings.number)
    } catch { throw PortError(error, .udp, 67, settings.name) }
  }

  private static func router(
    _ loop: EventLoop, _ settings: Interface, reusing old: RouterSocket?
  ) throws(PortError) -> RouterSocket {
    if let old { return old }
    do throws(SystemError) {
      return try RouterSocket(loop: loop, interface: settings.number)
    } catch { throw PortError(error, .udp, 0, settings.name) }
  }

  private static func streams(
    _ loop: EventLoop, _ port: UInt16, _ name: String, _ tls: TLSContext?,
    reusing old: StreamListener?
  ) throws(PortError) -> StreamListener {
    if let old { return old }
    do throws(SystemError) {
      return try StreamListener(
        loop: loop, address: .unspecified, port: port, device: name, tls: tls)
    } catch { throw PortError(error, .tcp, port, name) }
  }

  private static func datagrams(
    _ loop: EventLoop, _ port: UInt16, _ name: String, reusing old: DatagramSocket?
  ) throws(PortError) -> DatagramSocket {
    if let old { return old }
    do throws(SystemError) {
      return try DatagramSocket(
        loop: loop, port: port, device: name, receiveBuffer: receiveBufferWanted)
    } catch { throw PortError(error, .udp, port, name) }
  }
}

/// A port that could not be opened, with who has it and what to do.
package struct PortError: Error, CustomStringConvertible {
  let error: SystemError
  let transport: PortHolder.Transport
  let port: UInt16
  let interface: String

  init(
    _ error: SystemError, _ transport: PortHolder.Transport, _ port: UInt16, _ interface: String
  ) {
    self.error = error
    self.transport = transport
    self.port = port
    self.interface = interface
  }

  package var description: String {
    let place = "\(transport.rawValue) port \(port) on \(interface)"
    if error.isTaken {
      let holders = PortHolder.find(transport, port: port)
      let names =
        holders.isEmpty
        ? "another process (only root may see which)"
        : holders.map(\.description).joined(separator: ", ")
      let remedy = PortRemedy(holders, port: port, on: interface)
      return "\(place) is taken by \(names): \(remedy)"
    }
    if error.isDenied {
      return "\(place) may not be opened: run as root, or with CAP_NET_BIND_SERVICE and"
        + " CAP_NET_RAW as the systemd unit does"
    }
    return "\(place) cannot be opened: \(error)"
  }
}
