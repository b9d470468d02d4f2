import Boot
import EventLoop
import Network
import Store
import YAML

// The state folder and what is in it.
extension Appliance {
  /// The state folder, locked for as long as we live.
  static func state(
    _ source: ConfigurationSource, _ table: InterfaceTable
  ) throws(StartError) -> OwnFolder {
    let path: String
    do throws(ConfigurationMistakes) { path = try source.state(table) } catch {
      throw StartError(error.description)
    }
    do throws(StartError) { return try own(path) } catch {
      // A configuration with mistakes may well name a folder that cannot be used: they come first.
      do throws(ConfigurationMistakes) { _ = try source.load(table, [], 1) } catch {
        throw StartError(error.description)
      }
      throw error
    }
  }

  private static func own(_ path: String) throws(StartError) -> OwnFolder {
    do throws(SystemError) { return try OwnFolder(path) } catch {
      guard error.isHeld else {
        throw StartError(
          "state: \(path) cannot be used: \(error); make it, and give it to the user that bootwire"
            + " runs as")
      }
      throw StartError(
        "state: \(path) is in use by another bootwire: stop that one, or give this one a \"state\""
          + " of its own")
    }
  }

  /// On a disk that cannot be written there is no ACK until it can: but everything else is served.
  ///
  /// - Parameter isExpected: There was a registry before this start, and so there were leases.
  static func openLeases(
    _ state: String, _ clock: ClockReading, isExpected: Bool
  ) throws(StartError) -> LeaseStore.Opened {
    do throws(StoreError) {
      return try LeaseStore.open(
        at: "\(state)/leases.sqlite", clock: clock, isExpected: isExpected)
    } catch { throw StartError("leases: \(error)") }
  }

  static func openRegistry(
    _ state: String, _ clock: ClockReading
  ) throws(StartError) -> RegistryStore.Opened {
    do throws(StoreError) {
      return try RegistryStore.open(at: "\(state)/registry.sqlite", clock: clock)
    } catch { throw StartError("registry: \(error)") }
  }

  static func load(
    _ source: ConfigurationSource, _ table: InterfaceTable, _ registry: RegistryStore
  ) throws(StartError) -> LoadedConfiguration {
    let rows: [ObjectRow]
    do throws(StoreError) { rows = try registry.objects().0 } catch {
      throw StartError("registry: \(error)")
    }
    do throws(ConfigurationMistakes) {
      return try source.load(table, rows.compactMap { StoredObject($0) }, 1)
    } catch { throw StartError(error.description) }
  }
}

// What was found.
extension Appliance {
  func tell(_ leases: LeaseStore.Opened, _ registry: RegistryStore.Opened) {
    for aside in [leases.setAside, registry.setAside].compactMap({ $0 }) {
      record(
        Event(
          .databaseSetAside(
            path: aside.path, reason: aside.reason.description, salvaged: aside.salvaged)))
    }
    for failure in [leases.failure, registry.failure].compactMap({ $0 }) {
      record(Event(.actionFailed(reason: "nothing can be stored: \(failure)")))
    }
    if leases.unreadableRows > 0, leases.setAside == nil {
      let rows = leases.unreadableRows == 1 ? "1 row" : "\(leases.unreadableRows) rows"
      record(Event(.actionFailed(reason: "leases: \(rows) made no sense, and were removed")))
    }
    if leases.isLogDamaged, leases.setAside == nil {
      record(Event(.actionFailed(reason: "leases: the log of the database was damaged")))
    }
    if leases.isMissing {
      let reason = "leases: the database of before is gone, \(leases.leases.count) could be saved"
      record(Event(.actionFailed(reason: reason)))
    }
  }
}

// What is kept at run time.
extension Appliance {
  /// Makes changes durable, all or none, and then says whether they are: nothing may leave before
  /// that promises them.
  package func keep(
    _ changes: [RegistryChange], then: @escaping (Bool) -> Void = { _ in }
  ) {
    guard !changes.isEmpty else { return then(true) }
    guard registryJournal.add(changes) else {
      recordFullRegistry()
      return then(false)
    }
    registryJournal.afterCommit(then)
  }

  /// What waited for the changes is dropped; an installer asks again.
  func registryNotStored(_ error: any Error) {
    record(Event(.actionFailed(reason: "registry not stored: \(error)")))
    guard let error = error as? StoreError, error.kind == .removed else { return }
    registryJournal.addAgain(everythingKept)
    editor.storeAgain()
    for token in tokens { keep(token.row) }
  }

  func recordFullRegistry() {
    record(Event(.actionFailed(reason: "too many changes of the registry wait for the disk")))
  }

  /// A machine's history, the last entry first; read from the disk.
  package func history(
    of machine: String, then: @escaping (Result<[ProvisionEntry], any Error>) -> Void
  ) {
    let clock = clockReading
    loop.offload(on: registryJournal.lane) { [registry] in
      try registry.entries(of: machine, clock: clock)
    } then: {
      then($0)
    }
  }

  /// Keeps a token of the interface, in place of the one with its identifier.
  package func keep(
    _ token: TokenRow, then: @escaping (Result<Void, any Error>) -> Void = { _ in }
  ) {
    write({ store, clock in try store.keep(token, clock: clock) }, then)
  }

  package func forgetToken(_ id: String, then: @escaping (Result<Void, any Error>) -> Void) {
    write({ store, clock in try store.forgetToken(id, clock: clock) }, then)
  }

  private func write(
    _ body: @escaping @Sendable (RegistryStore, ClockReading) throws -> Void,
    _ then: @escaping (Result<Void, any Error>) -> Void
  ) {
    let clock = clockReading
    loop.offload(on: registryJournal.lane) { [registry] in
      try body(registry, clock)
    } then: { [unowned self] outcome in
      if case .failure(let error) = outcome { registryNotStored(error) }
      then(outcome)
    }
  }

  var clockReading: ClockReading {
    ClockReading(now: loop.now, wallClock: loop.wallClock, boot: journal.boot)
  }
}
