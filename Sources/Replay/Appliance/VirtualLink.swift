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
    /// What is durable of it, from which it starts again; nil: its power never fails.
    package var store: VirtualStore?
    package internal(set) var isOn = true

    package init(
      _ appliance: VirtualAppliance, address: IPv4Address, interface: Int32,
      store: VirtualStore? = nil
    ) {
      self.appliance = appliance
      self.address = address
      self.interface = interface
      self.store = store
    }
  }

  package internal(set) var servers: [Server]
  package internal(set) var clients: [any BootClient] = []
  /// Stands between all clients and all servers; nil: they share one wire.
  package let relay: VirtualRelay?
  /// What befalls datagrams on their way; nil: nothing does.
  package var faults: LinkFaults?
  /// What a test perverts; nil: nothing.
  package var tampering: Tampering?
  package internal(set) var time = Instant.start
  /// By how much the wall clock was set forward.
  var wallClockOffset = Duration.zero
  /// After so many more outcomes of the first server its power is cut, for so long.
  var cut: PowerCut?

  var queue = EventQueue<Delivery>()
  var connections: [ConnectionKey: OpenConnection] = [:]
  var keys: [ConnectionID: ConnectionKey] = [:]
  var connectionCount: UInt64 = 0
  /// Of each client, so that the next is found without asking them all.
  private var deadlines = Deadlines()
  private var settled: [Bool] = []
  private var areClientsOff = false
  private var unsettledCount = 0
  /// The addresses of clients, likewise.
  var addresses: [IPv4Address?] = []
  var clientsByHardware: [MACAddress: [Int]] = [:]
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
    let number = clients.count
    clients.append(client)
    addresses.append(client.address)
    clientsByHardware[client.macAddress, default: []].append(number)
    settled.append(false)
    unsettledCount += 1
    queue.add(.power(client: number), at: start)
  }

  /// Whether every machine has booted or given up.
  package var isSettled: Bool { unsettledCount == 0 }

  /// Whether this machine has.
  package func isSettled(_ client: Int) -> Bool { settled[client] }

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
    for index in servers.indices where servers[index].isOn {
      guard let due = servers[index].appliance.nextDeadline else { continue }
      // Nothing may be due then after all; what stays due is looked at again a little later.
      let time = max(due, served[index] + .milliseconds(1))
      if time < server?.time ?? .never { server = (index, time) }
    }
    let client = deadlines.earliest ?? .never
    let next = min(arrival, server?.time ?? .never, client)
    guard next <= limit, next != .never else { return false }
    time = max(time, next)
    if arrival == next, let delivery = queue.removeEarliest()?.element {
      deliver(delivery, observe)
    } else if let server, server.time == next {
      served[server.index] = time
      outcomes.removeAll(keepingCapacity: true)
      servers[server.index].appliance.timeout(at: time, into: &outcomes)
      guard !outcomes.isEmpty else { return true }
      observe(time, .due(server: server.index))
      send(fromServer: server.index, observe)
    } else if let client = deadlines.popDue(at: time) {
      requests.removeAll(keepingCapacity: true)
      clients[client].timeout(at: time, into: &requests)
      send(fromClient: client, observe)
    }
    return true
  }

  /// From now on no machine says anything.
  mutating func switchOffClients() {
    areClientsOff = true
    for client in clients.indices { deadlines.remove(client) }
  }

  /// Looks how far a client has come, and when it wants to be called.
  mutating func look(at client: Int, _ observe: (Instant, LinkEvent) -> Void) {
    if let deadline = clients[client].nextDeadline, !areClientsOff {
      deadlines.set(client, to: deadline)
    } else {
      deadlines.remove(client)
    }
    let address = clients[client].address
    if address != addresses[client] {
      addresses[client] = address
      observe(time, .addressed(client: client, address))
    }
    guard !settled[client] else { return }
    let progress = clients[client].progress
    guard progress != .running else { return }
    settled[client] = true
    unsettledCount -= 1
    observe(time, .settled(client: client, progress))
  }
}
