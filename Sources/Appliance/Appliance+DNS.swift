import Boot
import Bytes
import EventLoop
import Network
import Services
import Wire

// DNS's side of performing actions: datagrams and streams on port 53, and a port of its own for
// each question to another server.
extension Appliance {
  /// Leads what comes to port 53 of an interface to the service.
  func openNames(_ ports: InterfacePorts) {
    for socket in ports.names.datagrams {
      socket.onDatagram = { [unowned self] bytes, arrival in
        note(bytes, from: arrival)
        dns.receive(bytes, from: .datagram(arrival), dnsContext, into: &actions)
        performAll()
      }
    }
    for listener in ports.names.streams {
      // RFC 7766 §6.2.3 wants seconds, not minutes; a question must have come within the same time.
      listener.limits.connections = 512
      listener.limits.request = .seconds(10)
      listener.limits.idle = .seconds(10)
      listener.limits.progress = .seconds(10)
      listener.onConnection = { [unowned self] stream in acceptNames(stream) }
    }
  }

  private func acceptNames(_ stream: StreamConnection) {
    guard let arrival = stream.arrival else { return stream.close() }
    connectionSerial += 1
    let id = ConnectionID(connectionSerial)
    nameStreams[id] = stream
    stream.onBytes = { [unowned self, unowned stream] bytes in
      receiveNames(bytes, from: .stream(id, arrival.source.address), stream)
    }
    stream.onClosed = { [unowned self] _ in nameStreams[id] = nil }
  }

  /// Takes one whole message; others that follow it on the stream are handed out after it.
  private func receiveNames(
    _ bytes: RawSpan, from client: DNSClient, _ stream: StreamConnection
  ) -> Int {
    guard let count = DNSFrame.count(bytes) else { return 0 }
    guard count >= DNSFrame.prefixCount + DNSHeader.byteCount else {
      // No message is that short: what follows is not to be trusted either.
      stream.close()
      return count
    }
    dns.receive(
      DNSFrame.message(bytes, count: count), from: client, dnsContext, into: &actions)
    performAll()
    return count
  }

  /// Opens the port and asks; a question that cannot leave runs into its timeout.
  func ask(_ id: ForwardID, _ bytes: Actions.Bytes, _ server: Endpoint, of actions: Actions) {
    do throws(SystemError) {
      let socket = try TransferSocket(loop: loop, address: .unspecified)
      socket.onDatagram = { [unowned self] bytes, source in
        dns.receive(bytes, for: id, from: source, dnsContext, into: &self.actions)
        performAll()
      }
      questions[id] = socket
      actions.withOctets(bytes) { socket.send($0, to: server) }
    } catch {
      record(Event(.actionFailed(reason: "\(error)"), address: server.address))
    }
  }

  /// As ``ask(_:_:_:of:)``, by TCP; a connection that fails runs into the timeout as well.
  func askByStream(
    _ id: ForwardID, _ bytes: Actions.Bytes, _ server: Endpoint, of actions: Actions
  ) {
    do throws(SystemError) {
      let stream = try StreamQuestion(
        loop: loop, Array(actions.octets(bytes)), to: server)
      stream.onMessage = { [unowned self] bytes in
        dns.receive(bytes, for: id, from: server, dnsContext, into: &self.actions)
        performAll()
      }
      streamQuestions[id] = stream
    } catch {
      record(Event(.actionFailed(reason: "\(error)"), address: server.address))
    }
  }

  func hangUp(_ id: ForwardID) {
    questions.removeValue(forKey: id)?.close()
    streamQuestions.removeValue(forKey: id)?.close()
  }

  var dnsContext: DNSService.Context {
    DNSService.Context(
      catalog: catalog, leases: dhcp.leases, time: loop.now, dice: Self.rollDice)
  }

  static func rollDice() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }

  /// Tells the name service who has the lease's address now.
  func learnName(of lease: Lease) {
    guard catalog.zones.forward != nil else { return }
    var machine: Machine?
    if let address = lease.client.macAddress {
      machine = catalog.machine(dhcp.sightings[address] ?? Sighting(macAddress: address))?.machine
    }
    dns.names.take(lease, machine: machine, catalog.zones, dhcp.leases, at: loop.now)
  }

  /// Names all leases and nodes anew: at the start, and when names or machines have changed.
  func renewNames() {
    dns.catalogChanged()
    for lease in dhcp.leases.leases(at: loop.now) { learnName(of: lease) }
    renewNodes()
  }
}
