import Boot
import Network
import Services

// What leaves.
extension VirtualLink {
  /// Sends what a client asked for, and looks how far it has come.
  mutating func send(fromClient client: Int, _ observe: (Instant, LinkEvent) -> Void) {
    for request in requests {
      observe(time, .requested(client: client, request))
      switch request {
      case .datagram(let source, let destination, let payload):
        send(payload, from: source, to: destination)
      case .http(let connection, let endpoint, let bytes):
        queue.add(
          .httpRequest(client: client, connection: connection, to: endpoint, bytes),
          at: time + Self.latency)
      case .hangUp(let connection):
        queue.add(.hangUp(client: client, connection: connection), at: time + Self.latency)
      case .note: break
      }
    }
    look(at: client, observe)
  }

  private mutating func send(
    _ payload: [UInt8], from source: Endpoint, to destination: Endpoint
  ) {
    var (payload, source, destination) = (payload, source, destination)
    let isBroadcast = destination.address == .broadcast
    if isBroadcast, let relay {
      guard destination.port == VirtualRelay.serverPort, let forwarded = relay.forwarded(payload)
      else { return }
      payload = forwarded
      source = Endpoint(relay.address, VirtualRelay.serverPort)
    }
    for index in servers.indices {
      let address = servers[index].address
      guard isBroadcast || destination.address == address, isOpen(destination.port, of: index)
      else { continue }
      if isBroadcast, relay != nil { destination.address = address }
      carry(
        .datagram(
          server: index,
          Arrival(
            source: source, destination: destination, local: address,
            interface: servers[index].interface), payload))
    }
  }

  /// Puts a datagram on the wire, where the link's faults befall it.
  private mutating func carry(_ delivery: Delivery) {
    guard let passage = faults?.passage(of: delivery, at: time) else {
      return queue.add(delivery, at: time + Self.latency)
    }
    for copy in passage { queue.add(copy.delivery, at: time + Self.latency + copy.delay) }
  }

  /// Sends what a server did on its way to the clients; what follows a power cut never happened.
  mutating func send(fromServer server: Int, _ observe: (Instant, LinkEvent) -> Void) {
    if let tampering, server == 0 {
      tampering.outcomes(&servers[server].appliance, &outcomes, time)
    }
    var responses: [(id: ConnectionID, ResponseParts)] = []
    var isWhole = true
    for outcome in outcomes {
      guard !isCut(server, before: outcome) else {
        isWhole = false
        break
      }
      observe(time, .done(server: server, outcome))
      switch outcome {
      case .sent(let datagram): send(datagram)
      case .responded(let id, let octets):
        Self.parts(of: id, in: &responses) { $0.octets += octets }
      case .respondedFile(let id, let file, let offset, let count):
        Self.parts(of: id, in: &responses) { $0.append(file, offset: offset, count: count) }
      case .closed(let id): forget(id)
      case .stored, .erased, .kept:
        let reading = wallClock(at: time)
        servers[server].store?.take(outcome, at: reading)
      case .decided, .asked, .recorded: break
      }
    }
    for (id, parts) in responses {
      guard let key = keys[id] else { continue }
      // Of a response that was cut off the client's TCP tells only that.
      queue.add(
        .httpResponse(
          client: key.client, connection: key.number,
          isWhole ? parts.response : Self.refusal), at: time + Self.latency)
    }
    for outcome in outcomes { if case .closed(let id) = outcome { keys[id] = nil } }
    finishCut(of: server, observe)
  }

  private static func parts(
    of id: ConnectionID, in responses: inout [(id: ConnectionID, ResponseParts)],
    _ change: (inout ResponseParts) -> Void
  ) {
    let index = responses.firstIndex { $0.id == id } ?? responses.count
    if index == responses.count { responses.append((id, ResponseParts())) }
    change(&responses[index].1)
  }

  private mutating func send(_ datagram: SentDatagram) {
    var datagram = datagram
    if let relay, let returned = relay.returned(datagram) { datagram = returned }
    if let hardware = datagram.hardware {
      for client in clientsByHardware[hardware] ?? [] {
        carry(.answer(client: client, datagram))
      }
      return
    }
    let destination = datagram.destination.address
    for client in clients.indices
    where destination == .broadcast || addresses[client] == destination {
      carry(.answer(client: client, datagram))
    }
  }

  private mutating func forget(_ id: ConnectionID) {
    if let key = keys[id] { connections[key] = nil }
  }

  /// Whether a server listens there for datagrams; its transfers have ports of their own.
  private func isOpen(_ port: UInt16, of server: Int) -> Bool {
    let catalog = servers[server].appliance.world.catalog
    guard let interface = catalog.interface(servers[server].interface) else { return true }
    return port == 69 ? interface.tftp : port == 53 ? interface.dns : true
  }
}
