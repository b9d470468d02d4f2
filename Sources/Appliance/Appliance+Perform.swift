import Boot
import Bytes
import EventLoop
import Network
import Services
import Store

extension Appliance {
  /// Performs what the last message led to, and clears it.
  func performAll() {
    perform(actions)
    actions.clear()
  }

  /// Which commit the rest of a message waits for.
  private enum Awaited {
    case nothing
    case leases
    case registry
  }

  /// Performs actions in order. What follows a `store` or a `keep` waits for its commit, and then
  /// for that of the next; the rest of a message whose action failed is dropped.
  func perform(_ actions: Actions) {
    var awaited = Awaited.nothing
    for action in actions.list {
      switch awaited {
      case .nothing: break
      case .leases:
        journal.hold(action, of: actions)
        continue
      case .registry:
        registryJournal.hold(action, of: actions)
        continue
      }
      switch action {
      case .store(let lease):
        guard journal.add(.put(lease)) else { return recordFullJournal() }
        learnName(of: lease)
        awaited = .leases
      case .erase(let address):
        guard journal.add(.erase(address)) else { return recordFullJournal() }
        dns.names.remove(address)
      case .keep(let change):
        guard registryJournal.add(change) else { return recordFullRegistry() }
        awaited = .registry
      case .send(let reply): send(reply, of: actions)
      case .sendFrame(let bytes, let number):
        let port = ports.first { $0.settings.number == number }
        actions.withOctets(bytes) { port?.link?.send($0) }
      case .probe(let address, let means): probe(address, by: means)
      case .record(let event): record(event)
      case .openTransfer(let id, let resource, let arrival): open(id, resource, for: arrival)
      case .sendFromTransfer(let id, let bytes, let endpoint):
        guard let port = transfers[id] else { break }
        actions.withOctets(bytes) { span in
          recorder.mutate { port.flow?.said(span, into: &$0, at: loop.now) }
          port.send(span, to: endpoint)
        }
      case .sendBlocks(let id, let blocks): sendBlocks(id, blocks)
      case .closeTransfer(let id): closeTransfer(id)
      case .openResource(let id, let resource): open(id, resource)
      case .takeReport(let id, let bearer, let body): takeReport(id, bearer, body, of: actions)
      case .respond(let id, let bytes): respond(id, bytes, of: actions)
      case .respondFile(let id, let offset, let count):
        respondFile(id, offset: offset, count: count, of: actions)
      case .answer(let id, let bytes): actions.withOctets(bytes) { nameStreams[id]?.send($0) }
      case .ask(let id, let bytes, let server): ask(id, bytes, server, of: actions)
      case .askByStream(let id, let bytes, let server):
        askByStream(id, bytes, server, of: actions)
      case .hangUp(let id): hangUp(id)
      case .close(let id): connections[id]?.stream.closeAfterOutput(lingering: true)
      }
    }
  }

  /// What waited for the leases is dropped, and the clients ask again.
  func leasesNotStored(_ error: any Error) {
    record(Event(.actionFailed(reason: "leases not stored: \(error)")))
    guard let error = error as? StoreError, error.kind == .removed else { return }
    for lease in leaseStore.takeFound() {
      dhcp.restore(lease)
      learnName(of: lease)
    }
    journal.addAgain(dhcp.leases.leases(at: loop.now))
  }

  private func recordFullJournal() {
    record(Event(.actionFailed(reason: "too many leases wait for the disk")))
  }

  private func send(_ reply: Reply, of actions: Actions) {
    guard let port = ports.first(where: { $0.settings.number == reply.interface }) else { return }
    note(reply, of: actions)
    switch reply.destination {
    case .endpoint(let endpoint):
      let socket = port.datagrams(reply.source.port)
      actions.withOctets(reply.payload) {
        socket?.send(
          $0, to: endpoint, from: reply.source.address, interface: reply.interface)
      }
    case .link(let hardware, let endpoint):
      actions.withOctets(reply.payload) {
        frame.write(
          to: endpoint, hardware: hardware, from: reply.source,
          sourceHardware: port.hardwareAddress, payload: $0)
      }
      frame.withBytes { port.link?.send($0) }
    }
  }
}
