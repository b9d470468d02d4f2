import Boot
import Network
import Services

// What arrives.
extension VirtualLink {
  mutating func deliver(_ delivery: Delivery, _ observe: (Instant, LinkEvent) -> Void) {
    requests.removeAll(keepingCapacity: true)
    outcomes.removeAll(keepingCapacity: true)
    switch delivery {
    case .power(let client):
      clients[client].begin(at: time, into: &requests)
      send(fromClient: client, observe)
    case .datagram(let server, let arrival, let payload):
      take(payload, from: arrival, server, observe)
    case .answer(let client, let datagram):
      clients[client].receive(datagram, at: time, into: &requests)
      send(fromClient: client, observe)
    case .httpRequest(let client, let number, let endpoint, let bytes):
      request(ConnectionKey(client: client, number: number), endpoint, bytes, observe)
    case .httpResponse(let client, let connection, let response):
      observe(time, .responded(client: client, connection: connection, response))
      clients[client].receive(response, on: connection, at: time, into: &requests)
      send(fromClient: client, observe)
    case .hangUp(let client, let connection):
      let key = ConnectionKey(client: client, number: connection)
      guard let open = connections.removeValue(forKey: key) else { return }
      keys[open.id] = nil
      observe(time, .due(server: open.server))
      servers[open.server].appliance.close(open.id, at: time, into: &outcomes)
      send(fromServer: open.server, observe)
    case .incident(let incident): befall(incident, observe)
    }
  }

  private mutating func take(
    _ payload: [UInt8], from arrival: Arrival, _ server: Int,
    _ observe: (Instant, LinkEvent) -> Void
  ) {
    guard servers[server].isOn else { return }
    observe(time, .arrived(server: server, arrival, payload))
    var (payload, arrival) = (payload, arrival)
    tampering?.arrival(&arrival, &payload)
    servers[server].appliance.receive(payload, from: arrival, at: time, into: &outcomes)
    send(fromServer: server, observe)
  }

  /// The server that listens for HTTP on `endpoint`.
  private func server(at endpoint: Endpoint) -> Int? {
    servers.firstIndex { server in
      guard server.address == endpoint.address, server.isOn,
        let interface = server.appliance.world.catalog.interface(server.interface)
      else { return false }
      return interface.http == endpoint.port || interface.https == endpoint.port
    }
  }

  /// What a client hears where nobody listens.
  static let refusal = ClientResponse(status: 0, head: [], body: nil, bodyByteCount: 0)

  private mutating func request(
    _ key: ConnectionKey, _ endpoint: Endpoint, _ bytes: [UInt8],
    _ observe: (Instant, LinkEvent) -> Void
  ) {
    if connections[key] == nil {
      guard let server = server(at: endpoint) else {
        return queue.add(
          .httpResponse(client: key.client, connection: key.number, Self.refusal),
          at: time + Self.latency)
      }
      connectionCount += 1
      let id = ConnectionID(connectionCount)
      connections[key] = OpenConnection(server: server, id: id)
      keys[id] = key
      let source = Endpoint(
        clients[key.client].address ?? .unspecified,
        UInt16(truncatingIfNeeded: 32_768 + key.number % 28_000))
      servers[server].appliance.connect(
        id,
        from: Arrival(
          source: source, destination: endpoint, local: endpoint.address,
          interface: servers[server].interface))
    }
    guard let open = connections[key] else { return }
    observe(time, .due(server: open.server))
    servers[open.server].appliance.receive(bytes, on: open.id, at: time, into: &outcomes)
    send(fromServer: open.server, observe)
  }
}
