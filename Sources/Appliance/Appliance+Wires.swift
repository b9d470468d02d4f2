import Boot
import EventLoop
import Network
import Services

// What is heard of others on our wires: servers that are not ours, and who makes up clients.
extension Appliance {
  /// Opens and closes what listens, as ports and floods come and go. Called each second.
  func followWires() {
    for (name, trace) in floodTraces.sorted(by: { $0.key < $1.key })
    where trace.found.isComplete || loop.now >= trace.end {
      trace.socket.close()
      floodTraces[name] = nil
      guard let (source, clients) = trace.found.finding else { continue }
      record(Event(.floodTraced(interface: name, source: source, clients: clients)))
    }
    listenForServers()
  }

  /// Listens for other servers' replies where we give the addresses. Their port is that of DHCP
  /// clients, which is not ours to open.
  func listenForServers() {
    let wanted = ports.filter { $0.settings.dhcp == .authoritative }.map(\.settings.number)
    for number in replySockets.keys.sorted() where !wanted.contains(number) {
      replySockets.removeValue(forKey: number)?.close()
    }
    for number in wanted where replySockets[number] == nil {
      guard let socket = try? FrameSocket(loop: loop, interface: number, port: 68) else { continue }
      replySockets[number] = socket
      socket.onFrame = { [unowned self] frame in
        dhcp.overhear(frame, on: number, catalog, at: loop.now, into: &actions)
        performAll()
      }
    }
  }

  /// Looks for a while at who sends the messages that flood an interface of ours.
  func traceFlood(on name: String) {
    guard floodTraces[name] == nil,
      let number = ports.first(where: { $0.settings.name == name })?.settings.number,
      let socket = try? FrameSocket(loop: loop, interface: number, port: 67)
    else { return }
    floodTraces[name] = TracedFlood(socket: socket, end: loop.now + TracedFlood.duration)
    socket.onFrame = { [unowned self] frame in floodTraces[name]?.found.take(frame) }
  }

  /// Stops listening.
  func closeWires() {
    for socket in replySockets.values { socket.close() }
    for trace in floodTraces.values { trace.socket.close() }
    replySockets.removeAll()
    floodTraces.removeAll()
  }
}

/// A flood that is being looked at.
struct TracedFlood {
  let socket: FrameSocket
  let end: Instant
  var found = FloodTrace()

  static let duration = Duration.seconds(5)
}
