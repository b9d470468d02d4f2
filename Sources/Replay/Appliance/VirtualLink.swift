import Boot
import Network
import Services

/// A network without wires: boot servers and machines on a virtual clock.
///
/// The same servers and machines give the same events, whatever the process.
package struct VirtualLink: Sendable {
  /// A server on the link, at an address of its own.
  package struct Server: Sendable {
    package var appliance: VirtualAppliance
    package let address: IPv4Address
    /// Its interface's number in the appliance's catalog.
    package let interface: Int32

    package init(_ appliance: VirtualAppliance, address: IPv4Address, interface: Int32) {
      self.appliance = appliance
      self.address = address
      self.interface = interface
    }
  }

  package internal(set) var servers: [Server]
  package internal(set) var clients: [any BootClient] = []
  /// Stands between all clients and all servers; nil: they share one wire.
  package let relay: VirtualRelay?
  package internal(set) var time = Instant.start

  var queue = EventQueue<Delivery>()
  var connections: [ConnectionKey: OpenConnection] = [:]
  private var keys: [ConnectionID: ConnectionKey] = [:]
  private var connectionCount: UInt64 = 0
  /// Of each client, so that the next is found without asking them all.
  private var deadlines: [Instant] = []
  private var settled: [Bool] = []
  /// When a server's deadline was last served in vain.
  private var served: [Instant]
  var requests: [ClientRequest] = []
  var outcomes: [Outcome] = []

  /// From one end of the link to the other.
  static let latency = Duration.microseconds(200)

  struct ConnectionKey: Hashable, Sendable {
    let client: Int
    let number: Int
  }

  struct OpenConnection: Sendable {
    let server: Int
    let id: ConnectionID
  }

  package init(servers: [Server], relay: VirtualRelay? = nil) {
    self.servers = servers
    self.relay = relay
    served = servers.map { _ in Instant(nanoseconds: .min) }
  }

  /// Adds a machine that is switched on at `start`.
  package mutating func add(_ client: any BootClient, at start: Instant = .start) {
    clients.append(client)
    deadlines.append(.never)
    settled.append(false)
    queue.add(.power(client: clients.count - 1), at: start)
  }

  /// Whether every machine has booted or given up.
  package var isSettled: Bool { !settled.contains(false) }

  /// Runs until every machine has booted or given up, or until `limit`.
  ///
  /// - Parameter observe: Called with every event, in order.
  package mutating func run(
    until limit: Instant, observe: (Instant, LinkEvent) -> Void = { _, _ in }
  ) {
    while !isSettled, step(until: limit, observe) {}
  }

  /// The next thing that happens; false when nothing does before `limit`.
  mutating func step(
    until limit: Instant, _ observe: (Instant, LinkEvent) -> Void
  ) -> Bool {
    let arrival = queue.earliest ?? .never
    var server: (index: Int, time: Instant)?
    for index in servers.indices {
      guard let due = servers[index].appliance.nextDeadline else { continue }
      // Nothing may be due then after all; what stays due is looked at again a little later.
      let time = max(due, served[index] + .milliseconds(1))
      if time < server?.time ?? .never { server = (index, time) }
    }
    var client: (index: Int, time: Instant)?
    for index in deadlines.indices where deadlines[index] < client?.time ?? .never {
      client = (index, deadlines[index])
    }
    let next = min(arrival, server?.time ?? .never, client?.time ?? .never)
    guard next <= limit, next != .never else { return false }
    time = max(time, next)
    if arrival == next, let delivery = queue.removeEarliest()?.element {
      deliver(delivery, observe)
    } else if let server, server.time == next {
      served[server.index] = time
      outcomes.removeAll(keepingCapacity: true)
      servers[server.index].appliance.timeout(at: time, into: &outcomes)
      send(fromServer: server.index, observe)
    } else if let client {
      requests.removeAll(keepingCapacity: true)
      clients[client.index].timeout(at: time, into: &requests)
      send(fromClient: client.index, observe)
    }
    return true
  }
}

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
    deadlines[client] = clients[client].nextDeadline ?? .never
    let progress = clients[client].progress
    if progress != .running, !settled[client] {
      settled[client] = true
      observe(time, .settled(client: client, progress))
    }
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
      queue.add(
        .datagram(
          server: index,
          Arrival(
            source: source, destination: destination, local: address,
            interface: servers[index].interface), payload), at: time + Self.latency)
    }
  }

  /// Sends what a server did on its way to the clients.
  mutating func send(fromServer server: Int, _ observe: (Instant, LinkEvent) -> Void) {
    var responses: [(id: ConnectionID, ResponseParts)] = []
    for outcome in outcomes {
      observe(time, .done(server: server, outcome))
      switch outcome {
      case .sent(let datagram): send(datagram)
      case .responded(let id, let octets):
        Self.parts(of: id, in: &responses) { $0.octets += octets }
      case .respondedFile(let id, let file, let offset, let count):
        Self.parts(of: id, in: &responses) { $0.append(file, offset: offset, count: count) }
      case .closed(let id): forget(id)
      case .stored, .erased, .kept, .decided, .asked, .recorded: break
      }
    }
    for (id, parts) in responses {
      guard let key = keys[id] else { continue }
      queue.add(
        .httpResponse(client: key.client, connection: key.number, parts.response),
        at: time + Self.latency)
    }
    for outcome in outcomes { if case .closed(let id) = outcome { keys[id] = nil } }
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
    let destination = datagram.destination.address
    for index in clients.indices {
      let isMeant =
        if let hardware = datagram.hardware { clients[index].macAddress == hardware } else {
          destination == .broadcast || clients[index].address == destination
        }
      if isMeant { queue.add(.answer(client: index, datagram), at: time + Self.latency) }
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

  /// The server that listens for HTTP on `endpoint`.
  private func server(at endpoint: Endpoint) -> Int? {
    servers.firstIndex { server in
      guard server.address == endpoint.address,
        let interface = server.appliance.world.catalog.interface(server.interface)
      else { return false }
      return interface.http == endpoint.port || interface.https == endpoint.port
    }
  }
}

// What arrives.
extension VirtualLink {
  private mutating func deliver(
    _ delivery: Delivery, _ observe: (Instant, LinkEvent) -> Void
  ) {
    requests.removeAll(keepingCapacity: true)
    outcomes.removeAll(keepingCapacity: true)
    switch delivery {
    case .power(let client):
      clients[client].begin(at: time, into: &requests)
      send(fromClient: client, observe)
    case .datagram(let server, let arrival, let payload):
      servers[server].appliance.receive(payload, from: arrival, at: time, into: &outcomes)
      send(fromServer: server, observe)
    case .answer(let client, let datagram):
      clients[client].receive(datagram, at: time, into: &requests)
      send(fromClient: client, observe)
    case .httpRequest(let client, let number, let endpoint, let bytes):
      request(ConnectionKey(client: client, number: number), endpoint, bytes, observe)
    case .httpResponse(let client, let connection, let response):
      clients[client].receive(response, on: connection, at: time, into: &requests)
      send(fromClient: client, observe)
    case .hangUp(let client, let connection):
      let key = ConnectionKey(client: client, number: connection)
      guard let open = connections.removeValue(forKey: key) else { return }
      keys[open.id] = nil
      servers[open.server].appliance.close(open.id, at: time, into: &outcomes)
      send(fromServer: open.server, observe)
    }
  }

  private mutating func request(
    _ key: ConnectionKey, _ endpoint: Endpoint, _ bytes: [UInt8],
    _ observe: (Instant, LinkEvent) -> Void
  ) {
    if connections[key] == nil {
      guard let server = server(at: endpoint) else {
        let refusal = ClientResponse(status: 0, head: [], body: nil, bodyByteCount: 0)
        queue.add(
          .httpResponse(client: key.client, connection: key.number, refusal),
          at: time + Self.latency)
        return
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
    servers[open.server].appliance.receive(bytes, on: open.id, at: time, into: &outcomes)
    send(fromServer: open.server, observe)
  }
}
