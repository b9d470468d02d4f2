import Boot
import Bytes
import Network
import Services
import Wire

/// A whole boot server without sockets, files or a clock: the services as in production, under the
/// driver that replay and simulation share. The same messages at the same instants give the same
/// outcomes.
package struct VirtualAppliance: Sendable {
  package let world: World
  package var dhcp = DHCPService()
  var tftp = TFTPService()
  var http = HTTPService()
  private var dns = DNSService()
  /// Holds back what follows a lease until it is durable; nil: leases are durable at once.
  var journal: VirtualJournal?
  private var router = RouterService()
  var actions: Actions
  /// Why the last DHCP reply holds what it holds; empty unless it is to be explained.
  package private(set) var origins: [Origins.Note] = []
  var time = Instant.start

  var transfers: [TransferID: VirtualTransfer] = [:]
  var transferByPort: [UInt16: TransferID] = [:]
  var lastPort: UInt16 = 49_151
  var connections: [ConnectionID: VirtualConnection] = [:]
  /// Numbers for whoever asks for dice; a virtual appliance has nobody to hide from.
  private var dice: UInt64 = 0
  /// What the request at hand is to find.
  private var supply = Supply.world

  /// Ethernet's.
  private static let mtu = 1500
  private static let tftpPort: UInt16 = 69
  private static let namePort: UInt16 = 53
  private static let dhcpPorts: Set<UInt16> = [67, 4011]

  /// A file on its way, and the port that it leaves from.
  struct VirtualTransfer: Sendable {
    let port: UInt16
    let local: IPv4Address
    let interface: Int32
    let file: WorldFile
  }

  /// A connection of HTTP, with what its service has not taken yet.
  struct VirtualConnection: Sendable {
    let arrival: Arrival
    var state: HTTPConnection
    var pending: [UInt8] = []
    var file: WorldFile?
  }

  /// - Parameters:
  ///   - dhcp: What is known already, of a running appliance.
  ///   - explained: Whether ``origins`` are kept.
  ///   - disk: Where leases are made durable before what promises them leaves; nil: at once.
  package init(
    _ world: World, dhcp: DHCPService = DHCPService(), explained: Bool = false,
    disk: VirtualDisk? = nil
  ) {
    self.world = world
    self.dhcp = dhcp
    journal = disk.map { VirtualJournal($0) }
    actions = Actions(explained: explained)
  }

  /// When ``timeout(at:into:)`` is due; nothing may be due then after all.
  package var nextDeadline: Instant? {
    let next = min(
      tftp.nextDeadline ?? .never, dns.nextDeadline ?? .never, dhcp.nextDeadline ?? .never,
      journal?.nextDeadline ?? .never)
    return next == .never ? nil : next
  }

  /// Takes a UDP payload that came to a port of ours: DHCP, TFTP, DNS, or a transfer's own.
  package mutating func receive(
    _ payload: [UInt8], from arrival: Arrival, supplying supply: Supply = .world, at now: Instant,
    into outcomes: inout [Outcome]
  ) {
    begin(supply, at: now)
    let bytes = payload.rawSpan
    let port = arrival.destination.port
    if Self.dhcpPorts.contains(port) {
      dhcp.receive(bytes, from: arrival, world.catalog, at: now, into: &actions)
    } else if port == Self.tftpPort {
      tftp.receive(
        bytes, from: arrival, mtu: Self.mtu, world.catalog, at: now, into: &actions)
    } else if port == Self.namePort {
      dns.receive(bytes, from: .datagram(arrival), nameContext, into: &actions)
    } else if let id = transferByPort[port], transfers[id]?.local == arrival.destination.address {
      tftp.receive(bytes, for: id, from: arrival.source, at: now, into: &actions)
    }
    perform(into: &outcomes)
    journal?.commit(at: now)
  }

  /// The file that leaves from a port of ours.
  func file(ofTransferAt port: UInt16) -> WorldFile? {
    transferByPort[port].flatMap { transfers[$0]?.file }
  }

  /// Opens a connection of HTTP.
  package mutating func connect(_ id: ConnectionID, from arrival: Arrival) {
    connections[id] = VirtualConnection(
      arrival: arrival, state: HTTPConnection(id: id, client: arrival.source.address))
  }

  /// Takes bytes that came on a connection.
  package mutating func receive(
    _ bytes: [UInt8], on id: ConnectionID, supplying supply: Supply = .world, at now: Instant,
    into outcomes: inout [Outcome]
  ) {
    begin(supply, at: now)
    connections[id]?.pending += bytes
    drain(id, into: &outcomes)
  }

  /// The other end has closed, or broken off, a connection.
  package mutating func close(_ id: ConnectionID, at now: Instant, into outcomes: inout [Outcome]) {
    guard var connection = connections.removeValue(forKey: id) else { return }
    begin(.world, at: now)
    http.closed(&connection.state, unsentByteCount: 0, into: &actions)
    perform(into: &outcomes)
  }

  /// Does what is due.
  package mutating func timeout(at now: Instant, into outcomes: inout [Outcome]) {
    begin(.world, at: now)
    finishCommit(into: &outcomes)
    tftp.timeout(at: now, into: &actions)
    dns.timeout(nameContext, into: &actions)
    perform(into: &outcomes)
    take(dhcp.timeout(at: now), into: &outcomes)
    journal?.commit(at: now)
  }

  private mutating func begin(_ supply: Supply, at now: Instant) {
    time = now
    self.supply = supply
    origins = []
    actions.clear()
  }

  private var nameContext: DNSService.Context {
    let dice = dice
    return DNSService.Context(
      catalog: world.catalog, leases: dhcp.leases, time: time, dice: { dice })
  }

  /// Hands pending bytes over until the service takes no more.
  private mutating func drain(_ id: ConnectionID, into outcomes: inout [Outcome]) {
    while var connection = connections[id], !connection.pending.isEmpty {
      actions.clear()
      let bytes = connection.pending
      let count = http.receive(
        bytes.rawSpan, on: &connection.state, world.catalog, at: time, into: &actions)
      connection.pending.removeFirst(min(count, bytes.count))
      connections[id] = connection
      perform(into: &outcomes)
      if count == 0 { return }
    }
  }
}

// Performing actions.
extension VirtualAppliance {
  /// Performs the actions of one message, in order, with what follows from performing them.
  mutating func perform(into outcomes: inout [Outcome]) {
    if !actions.reasons.isEmpty { outcomes.append(.decided(actions.reasons)) }
    if !actions.origins.notes.isEmpty { origins = actions.origins.notes }
    var list = Actions()
    swap(&list, &actions)
    perform(list, into: &outcomes)
    list.clear()
    swap(&list, &actions)
  }

  /// Performs actions in order, as the appliance does: what follows a lease waits for its commit.
  private mutating func perform(_ list: Actions, into outcomes: inout [Outcome]) {
    var isHeld = false
    for action in list.list {
      if isHeld {
        journal?.hold(action, of: list)
        continue
      }
      guard journal != nil, case .store(let lease) = action else {
        perform(action, of: list, into: &outcomes)
        continue
      }
      guard journal?.add(.put(lease)) == true else {
        return outcomes.append(
          .recorded(Event(.actionFailed(reason: "too many leases wait for the disk"))))
      }
      learnName(of: lease)
      isHeld = true
    }
  }

  /// Ends the commit whose time has come: what waited for it is performed, or dropped.
  private mutating func finishCommit(into outcomes: inout [Outcome]) {
    if let held = journal?.takeEarly() { perform(held, into: &outcomes) }
    guard let commit = journal?.finish(at: time) else { return }
    for change in commit.changes {
      switch change {
      case .put(let lease): outcomes.append(.stored(lease))
      case .erase(let address): outcomes.append(.erased(address))
      }
    }
    if commit.changes.isEmpty {
      outcomes.append(.recorded(Event(.actionFailed(reason: "leases not stored: disk full"))))
    }
    perform(commit.actions, into: &outcomes)
  }

  private mutating func perform(
    _ action: Action, of list: Actions, into outcomes: inout [Outcome]
  ) {
    switch action {
    case .store(let lease):
      outcomes.append(.stored(lease))
      learnName(of: lease)
    case .erase(let address):
      dns.names.remove(address)
      guard journal == nil else {
        _ = journal?.add(.erase(address))
        return
      }
      outcomes.append(.erased(address))
    case .keep(let change): outcomes.append(.kept(change))
    case .send(let reply): outcomes.append(.sent(Self.datagram(reply, of: list)))
    case .sendFrame, .probe: break
    case .openTransfer(let id, let resource, let arrival):
      open(id, resource, for: arrival, into: &outcomes)
    case .sendFromTransfer(let id, let part, let endpoint):
      send(Array(list.octets(part)), from: id, to: endpoint, into: &outcomes)
    case .sendBlocks(let id, let blocks): sendBlocks(id, blocks, into: &outcomes)
    case .closeTransfer(let id):
      if let port = transfers.removeValue(forKey: id)?.port { transferByPort[port] = nil }
    case .openResource(let id, let resource): open(id, resource, into: &outcomes)
    case .takeReport(let id, let bearer, let body):
      takeReport(id, bearer, Array(list.octets(body)), into: &outcomes)
    case .respond(let id, let part):
      outcomes.append(.responded(id, Array(list.octets(part))))
    case .respondFile(let id, let offset, let count):
      respondFile(id, offset: offset, count: count, into: &outcomes)
    case .close(let id):
      connections[id] = nil
      outcomes.append(.closed(id))
    case .answer: break
    case .ask(_, _, let server), .askByStream(_, _, let server):
      dice &+= 0x9e37_79b9_7f4a_7c15
      outcomes.append(.asked(server))
    case .hangUp: break
    case .record(let event): outcomes.append(.recorded(event))
    }
  }

  private static func datagram(_ reply: Reply, of list: Actions) -> SentDatagram {
    let payload = Array(list.octets(reply.payload))
    switch reply.destination {
    case .endpoint(let endpoint):
      return SentDatagram(
        source: reply.source, destination: endpoint, hardware: nil, interface: reply.interface,
        payload: payload)
    case .link(let hardware, let endpoint):
      return SentDatagram(
        source: reply.source, destination: endpoint, hardware: hardware,
        interface: reply.interface, payload: payload)
    }
  }

  private mutating func learnName(of lease: Lease) {
    let catalog = world.catalog
    guard catalog.zones.forward != nil else { return }
    let machine = lease.client.macAddress.flatMap {
      catalog.machine(dhcp.sightings[$0] ?? Sighting(macAddress: $0))?.machine
    }
    dns.names.take(lease, machine: machine, catalog.zones, dhcp.leases, at: time)
  }

  /// What is kept is durable at once here; it comes before what it permits.
  func take(_ outcome: ProvisionOutcome, into outcomes: inout [Outcome]) {
    outcomes += outcome.changes.map { .kept($0) }
    outcomes += outcome.events.map { .recorded($0) }
  }

  /// The next number; a virtual appliance has nobody to hide it from.
  private mutating func rolled() -> () -> UInt64 {
    dice &+= 0x9e37_79b9_7f4a_7c15
    let number = dice
    return { number }
  }

  /// What stands behind a resource; nil when nothing does.
  mutating func found(
    _ resource: Resource, for arrival: Arrival, isPeek: Bool = false,
    into outcomes: inout [Outcome]
  ) -> (file: WorldFile, isRendered: Bool)? {
    switch supply {
    case .file(let file): return (file, false)
    case .missing: return nil
    case .world: break
    }
    var reasons: [Reason] = []
    var content = dhcp.content(
      of: resource, for: arrival, world.catalog, at: time, isPeek: isPeek, dice: rolled(),
      reasons: &reasons)
    if case .fileOrMenu(let tree, let path, let menu) = content {
      if let file = world.find(tree, path) { return (file, false) }
      content = dhcp.content(
        of: menu, for: arrival, world.catalog, at: time, isPeek: isPeek, dice: rolled(),
        reasons: &reasons)
    }
    if !reasons.isEmpty { outcomes.append(.decided(reasons)) }
    switch content {
    case .file(let tree, let path): return world.find(tree, path).map { ($0, false) }
    case .firstFile(let places):
      for place in places {
        if let file = world.find(place.tree, place.path) { return (file, false) }
      }
      return nil
    case .text(let text):
      take(text.outcome, into: &outcomes)
      outcomes.append(.recorded(text.event))
      return (WorldFile(text.octets), true)
    case .refused(let event):
      outcomes.append(.recorded(event))
      return nil
    case .fileOrMenu, .missing: return nil
    }
  }
}
