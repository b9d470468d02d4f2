import Boot
import EventLoop
import Network
import Services

// Addresses that are asked for before they are offered.
extension Appliance {
  /// Does what is due of it.
  func probe(at now: Instant) {
    guard let due = dhcp.nextProbe, due <= now else { return }
    dhcp.probe(catalog, at: now, into: &actions)
    performAll()
  }

  /// Asks who has `address`, by ARP on an interface of ours, or by ICMP along the routes.
  func probe(_ address: IPv4Address, on number: Int32?) {
    if let number {
      guard let port = ports.first(where: { $0.settings.number == number }) else { return }
      frame.writeProbe(for: address, from: port.hardwareAddress)
      frame.withBytes { port.link?.send($0) }
    } else if let echo = openEcho() {
      frame.writeEchoRequest(sequence: UInt16(truncatingIfNeeded: address.number))
      frame.withBytes { echo.send($0, to: address) }
    }
  }

  /// Opened when it is first needed: few boxes serve relays.
  private func openEcho() -> EchoSocket? {
    if let echo { return echo }
    guard echoFailure == nil else { return nil }
    do throws(SystemError) {
      let socket = try EchoSocket(loop: loop)
      socket.onPacket = { [unowned self] packet in
        dhcp.hearEcho(packet, at: loop.now, into: &actions)
        performAll()
      }
      echo = socket
      return socket
    } catch {
      echoFailure = error
      record(Event(.actionFailed(reason: "addresses behind relays are not probed: \(error)")))
      return nil
    }
  }
}
