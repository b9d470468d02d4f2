import Boot
import EventLoop
import Network
import Services

// Addresses that are asked for before they are offered.
extension Appliance {
  /// Does what is due of it.
  func probe(at now: Instant) {
    guard let due = dhcp.nextProbe, due <= now else { return }
    for port in ports {
      guard let counts = port.link?.counts else { continue }
      let refused = counts.refused + counts.crowdedOut
      guard refusedFrames.updateValue(refused, forKey: port.settings.number) ?? 0 != refused
      else { continue }
      // Whose frames they were is not known: no silence there is an answer.
      dhcp.probesFailed(on: port.settings.number, at: now)
    }
    dhcp.probe(catalog, at: now, into: &actions)
    performAll()
  }

  /// Asks who has `address`.
  func probe(_ address: IPv4Address, by means: ProbeMeans) {
    switch means {
    case .arp(let number):
      guard let port = ports.first(where: { $0.settings.number == number }), let link = port.link
      else { return dhcp.probeFailed(address, at: loop.now) }
      frame.writeProbe(for: address, from: port.hardwareAddress)
      frame.withBytes { link.send($0) }
    case .echo(let mark):
      frame.writeEchoRequest(mark)
      do throws(SystemError) {
        let socket = try openEcho()
        try frame.withBytes { bytes throws(SystemError) in try socket.send(bytes, to: address) }
      } catch {
        dhcp.probeFailed(address, at: loop.now)
        guard echoFailure?.errno != error.errno else { return }
        echoFailure = error
        record(Event(.actionFailed(reason: "\(address) behind a relay is not probed: \(error)")))
      }
    }
  }

  /// Opened when it is first needed: few boxes serve relays.
  private func openEcho() throws(SystemError) -> EchoSocket {
    if let echo { return echo }
    let socket = try EchoSocket(loop: loop)
    socket.onPacket = { [unowned self] packet in
      dhcp.hearEcho(packet, at: loop.now, into: &actions)
      performAll()
    }
    echo = socket
    return socket
  }
}
